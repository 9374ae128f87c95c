"""The screen in a browser: the real server, the real program behind it, and the websocket that the page speaks."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest
from tests.support.patience import PATIENCE_S
from tests.support.sound import READING
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from stt_monitor.cli.main import main

PROGRAM = [sys.executable, "-m", "stt_monitor", "web"]
KEY = "sk_car_not_a_real_key"


class Served:
    def __init__(self, *options: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self.process = subprocess.Popen(
            [*PROGRAM, "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | {"CARTESIA_API_KEY": KEY},
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = re.search(r"http://\S+", self.said)
        assert found is not None, self.said
        self.url = found[0]

    def page(self, **headers: str) -> str:
        with urllib.request.urlopen(urllib.request.Request(self.url, headers=headers)) as answer:
            text: str = answer.read().decode()
            return text

    def children(self) -> set[int]:
        folder = Path(f"/proc/{self.process.pid}/task")
        return {int(pid) for task in folder.iterdir() for pid in (task / "children").read_text().split()}

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def served() -> Iterator[Served]:
    running = Served(str(READING), "--local", "--no-autostart", "--no-record")
    yield running
    running.process.kill()
    running.process.communicate()


class Page:
    """What the page's script does: it shows what comes, and sends what is typed."""

    def __init__(self, socket: ClientConnection, columns: int, rows: int) -> None:
        self._socket = socket
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    async def type(self, keys: str) -> None:
        await self._socket.send(json.dumps(["stdin", keys]))

    async def resize(self, columns: int, rows: int) -> None:
        self._screen.resize(rows, columns)
        await self._socket.send(json.dumps(["resize", {"width": columns, "height": rows}]))

    async def until(self, seen: Callable[[str], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not seen(self.text):
                data = await self._socket.recv()
                assert isinstance(data, bytes)
                self._stream.feed(re.sub(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]+\$p", b"", data))


def webrequest(served: Served) -> str:
    found = re.search(r'data-session-websocket-url="([^"]+)"', served.page())
    assert found is not None, served.page()
    return found[1]


async def test_the_page_shows_the_screen_takes_keys_and_resizes(served: Served):
    async with connect(f"{webrequest(served)}?width=120&height=35", origin=Origin(served.url)) as socket:
        page = Page(socket, 120, 35)
        await socket.send(json.dumps(["focus", {}]))
        await page.until(lambda text: "press s to start" in text)
        await socket.send(json.dumps(["focus", {}]))
        await page.until(lambda text: "s Start" in text)
        await page.type("s")
        await page.until(lambda text: "● live" in text and "speaking" in text)
        await page.resize(80, 24)
        await page.until(lambda text: "● live" in text.splitlines()[0] and "Transcript" in text)
        await page.type("q")
        with pytest.raises(ConnectionClosed):
            await page.until(lambda _: False)
    assert served.end() == 0


async def test_programs_end_with_their_server(served: Served):
    async with connect(f"{webrequest(served)}?width=80&height=24", origin=Origin(served.url)) as socket:
        await Page(socket, 80, 24).until(lambda text: "press s to start" in text)
        (child,) = served.children()
        assert KEY not in command_line(child)
        assert await asyncio.to_thread(served.end) == 0
    until_gone(child)


async def test_programs_end_with_a_server_that_was_killed(served: Served):
    async with connect(f"{webrequest(served)}?width=80&height=24", origin=Origin(served.url)) as socket:
        await Page(socket, 80, 24).until(lambda text: "press s to start" in text)
        (child,) = served.children()
        served.process.kill()
        await asyncio.to_thread(until_gone, child)


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")


def until_gone(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{pid}").exists() and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline, "it goes on"
        time.sleep(0.1)


async def test_other_sites_pages_are_refused(served: Served):
    assert "googleapis" not in served.page()
    with pytest.raises(urllib.error.HTTPError, match="421"):
        served.page(Host="evil.example")
    with pytest.raises(InvalidStatus, match="403"):
        await connect(webrequest(served), origin=Origin("http://evil.example"))
    assert not served.children()


async def refusal(url: str, origin: str | None = None) -> int:
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, origin=None if origin is None else Origin(origin))
    return refused.value.response.status_code


async def test_only_a_page_from_here_drives_a_program(served: Served):
    url = webrequest(served)
    assert await refusal(url) == 403  # whoever is no browser
    for origin in ("null", "http://localhost:1", "https://127.0.0.1", "file://", ""):
        assert await refusal(url, origin) == 403
    with pytest.raises(urllib.error.HTTPError, match="421"):
        served.page(Host="localhost.evil.example")
    assert not served.children()


@pytest.mark.parametrize("size", ["width=99999999", "width=0&height=24", "height=-1", "width=x", "width="])
async def test_a_screen_has_a_size_that_screens_have(served: Served, size: str):
    assert await refusal(f"{webrequest(served)}?{size}", served.url) == 400
    assert not served.children()


MALFORMED = (
    "", " ", "x", "null", "{}", "[]", "[1]", "[[]]", '["stdin"]', '["stdin",1]', '["resize"]', '["resize",{}]',
    '["resize",{"width":1e9,"height":2}]', '["resize",{"width":-5,"height":2}]', '["resize",{"width":true,"height":2}]',
    '["stdin","\\ud800"]', '["ping"]', "[" * 5000, '["nobody"]', b"\xff\x00", b"",
)  # fmt: skip


async def test_what_a_page_never_sends_is_passed_over():
    served = Served(str(READING), "--local", "--no-autostart", "--no-record")
    async with connect(f"{webrequest(served)}?width=80&height=24", origin=Origin(served.url)) as socket:
        page = Page(socket, 80, 24)
        await page.until(lambda text: "press s to start" in text)
        for message in MALFORMED:
            await socket.send(message)
        await socket.send('["ping","7"]')
        async with asyncio.timeout(PATIENCE_S):
            while await socket.recv() != '["pong", "7"]':
                pass
        await page.type("q")
        with pytest.raises(ConnectionClosed):
            await page.until(lambda _: False)
    assert await asyncio.to_thread(served.end) == 0
    out, err = await asyncio.to_thread(served.process.communicate)
    assert (out, err) == ("", "")


async def test_pages_are_limited():
    served = Served(str(READING), "--local", "--no-autostart", "--no-record", "--max-pages", "1")
    url = webrequest(served)
    async with connect(url, origin=Origin(served.url)) as socket:
        await Page(socket, 80, 24).until(lambda text: "press s to start" in text)
        assert await refusal(url, served.url) == 503
        with pytest.raises(urllib.error.HTTPError, match="503") as refused:
            served.page()
        assert "--max-pages" in refused.value.read().decode()
        assert len(served.children()) == 1
        assert await asyncio.to_thread(served.end) == 0
    served.process.communicate()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--plain"], "leave out --plain"),
        (["-"], "standard input"),
        (["--port", "70000"], "not a whole number"),
        (["--host", "256.1.1.1"], "is not an address or host name"),
        (["--host", ""], "empty"),
        (["--host", "0"], "is not an address or host name"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1:8000: "),
        (["--max-pages", "0"], "not a whole number"),
        (["--bogus"], "unrecognized arguments: --bogus"),
        (["--url", "nonsense"], "--url nonsense: give an address such as wss://host:port"),
        (["missing.wav"], "missing.wav: no such file"),
        (["--record", "/dev/null/x"], "--record /dev/null/x: cannot create it"),
        (["--rate", "8000"], "--rate and --encoding are for raw PCM"),
    ],
)
def test_what_cannot_be_served_is_refused_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
):
    try:
        code: object = main(["web", *arguments])
    except SystemExit as left:
        code = left.code
    assert code == 2
    assert sentence in capsys.readouterr().err


def test_a_port_that_is_taken_is_bad_usage(capsys: pytest.CaptureFixture[str]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["web", "--port", str(port)]) == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use; give another --port" in capsys.readouterr().err


def test_without_the_extra_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delitem(sys.modules, "stt_monitor.cli.web.pages", raising=False)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    assert main(["web"]) == 2
    assert "pip install '.[web]'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        main(["web", "--help"])
    assert left.value.code == 0
    assert "--max-pages" in capsys.readouterr().out
