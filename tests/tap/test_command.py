"""`stt-monitor tap`, as a process."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import pytest
from tests.support.overheard import QUERY
from tests.support.patience import PATIENCE_S
from tests.tap.test_forwarder import SOCKET, echo
from websockets.asyncio.client import connect as connect_async
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus
from websockets.http11 import Request, Response
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection as ServerConnectionSync
from websockets.sync.server import serve as serve_sync
from websockets.typing import Subprotocol

pytestmark = pytest.mark.e2e


@contextmanager
def tap(*options: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "stt_monitor", "tap", *options, *([] if "--record" in options else ["--no-record"])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def talk(url: str) -> None:
    keys = {"Authorization": "Bearer sk-header"}
    address = f"{url.replace('http', 'ws', 1)}{SOCKET}?{QUERY}&api_key=sk-query"
    with connect(address, additional_headers=keys) as client:
        client.send("sk-message")
        assert client.recv() == "sk-message"


def echo_sync(socket: ServerConnectionSync) -> None:
    for message in socket:
        socket.send(message)


def contents(folder: Path) -> list[str]:
    return [file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file()]


def line(process: subprocess.Popen[str]) -> dict[str, object]:
    """Read the next line about a call as a whole."""
    assert process.stdout is not None
    while True:
        found: dict[str, object] = json.loads(process.stdout.readline())
        if found["kind"] in ("tap", "call"):
            return found


def lines_to(process: subprocess.Popen[str], end: str) -> str:
    """Read lines to the one that has `end` in it."""
    assert process.stdout is not None
    told = ""
    while end not in (last := process.stdout.readline()):
        assert last, told
        told += last
    return told + last


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_line_for_each_call_that_begins_or_ends(number: signal.Signals):
    async with serve(echo, "127.0.0.1", 0) as there:
        to = f"http://127.0.0.1:{there.sockets[0].getsockname()[1]}"
        with tap("--listen", "0", "--to", to, "--json") as process:
            first = await asyncio.to_thread(line, process)
            assert (first["kind"], first["to"], first["schema_version"]) == ("tap", to, 1)
            await asyncio.to_thread(talk, str(first["url"]))
            began = await asyncio.to_thread(line, process)
            ended = await asyncio.to_thread(line, process)
            process.send_signal(number)
            _, errors = await asyncio.to_thread(process.communicate, timeout=PATIENCE_S)
    assert (process.returncode, errors) == (128 + number, "")
    assert (began["state"], began["call"], began["service"], began["path"]) == ("began", 1, "cartesia", SOCKET)
    assert (ended["state"], ended["status"], ended["close_code"]) == ("ended", 101, 1000)
    assert "sk-" not in json.dumps([first, began, ended])


async def test_a_monitor_that_stands_still_stops_no_call():
    """As when the terminal, or whoever reads the output, is stopped: copies are lost, which is said, and no message."""

    async def swallow(socket: ServerConnection) -> None:
        async for message in socket:
            await socket.send(str(len(message)))

    async with serve(swallow, "127.0.0.1", 0, compression=None) as there:
        to = f"http://127.0.0.1:{there.sockets[0].getsockname()[1]}"
        with tap("--listen", "0", "--to", to, "--json") as process:
            url = str((await asyncio.to_thread(line, process))["url"]).replace("http", "ws", 1) + SOCKET
            async with connect_async(url, compression=None) as client:
                assert (await asyncio.to_thread(line, process))["state"] == "began"
                assert "cannot be measured" in str((await asyncio.to_thread(line, process))["problem"])
                process.send_signal(signal.SIGSTOP)
                for _ in range(24):
                    await client.send(bytes(1_000_000))
                    assert await client.recv() == "1000000"
                process.send_signal(signal.SIGCONT)
                unwatched = await asyncio.to_thread(line, process)
                await client.send(b"still here")
                assert await client.recv() == "10"
            ended = await asyncio.to_thread(line, process)
    assert (unwatched["state"], unwatched["problem"]) == ("unwatched", "monitoring fell behind")
    assert ended["state"] == "ended"
    assert int(str(ended["agent_bytes"])) > 24_000_000
    assert 0 < int(str(ended["unwatched_bytes"])) < 24_000_000


@pytest.mark.parametrize("form", ["--json", "--plain"])
async def test_secrets_go_to_the_service_and_nowhere_else(tmp_path: Path, form: str):
    """In whatever part of a request, and whatever a service does with them: none is printed, logged or saved."""
    secrets = {part: f"sk-{part}-0123456789" for part in ("header", "query", "protocol", "message", "login", "body")}
    seen: list[str] = []

    def refuse(socket: ServerConnection, request: Request) -> Response | None:
        seen.append(f"{request.path} {request.headers}")
        if "refuse" not in request.path:
            return None
        return socket.respond(HTTPStatus.UNAUTHORIZED, f"no such key: {secrets['header']}")

    async def repeat(socket: ServerConnection) -> None:
        message = await socket.recv()
        seen.append(str(message))
        await socket.send(json.dumps({"type": "error", "message": f"{secrets['header']} {message!r}"}))
        await socket.close(1008, secrets["query"])

    headers = {"Authorization": f"Token {secrets['header']}", "X-API-Key": secrets["login"], "Cookie": secrets["body"]}
    query = f"model=ink-2&encoding=pcm_s16le&sample_rate=16000&api_key={secrets['query']}"
    places = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    async with serve(repeat, "127.0.0.1", 0, process_request=refuse, subprotocols=[Subprotocol("token")]) as there:
        to = f"http://127.0.0.1:{there.sockets[0].getsockname()[1]}"
        with tap("--listen", "0", "--to", to, form, **places) as process:
            assert process.stdout is not None
            first = await asyncio.to_thread(process.stdout.readline)
            found = re.search(r"http://[^\s\",]+", first)
            assert found is not None
            url = found[0].replace("http", "ws", 1) + f"{SOCKET}?{query}"
            spoken = [Subprotocol("token"), Subprotocol(secrets["protocol"])]
            async with connect_async(url, additional_headers=headers, subprotocols=spoken) as client:
                await client.send(json.dumps({"type": "config", "token": secrets["message"]}))
                assert secrets["header"] in str(await client.recv())
            with pytest.raises(InvalidStatus):
                await connect_async(f"{url}&refuse=1", additional_headers=headers)
            told = await asyncio.to_thread(lines_to, process, "401")
            process.send_signal(signal.SIGTERM)
            rest, errors = await asyncio.to_thread(process.communicate, timeout=PATIENCE_S)
    assert all(any(secret in each for each in seen) for secret in secrets.values())
    written = [first, told, rest, errors, *contents(tmp_path)]
    assert "101" in told
    assert not [text for text in written if "0123456789" in text]


LIMITED = """
    import resource, runpy
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
    runpy.run_module("stt_monitor", run_name="__main__")
"""
"""The program, with a limit on files, which does what a full disk does."""


@contextmanager
def limited_tap(lines: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", textwrap.dedent(LIMITED), "tap", "--no-record", *options]
    with lines.open("w") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True) as it:
        try:
            while not lines.read_text().endswith("\n"):
                time.sleep(0.02)
            yield it
        finally:
            it.kill()


def test_a_full_disk_stops_no_call(tmp_path: Path):
    lines = tmp_path / "lines.json"
    with serve_sync(echo_sync, "127.0.0.1", 0) as there:
        threading.Thread(target=there.serve_forever, daemon=True).start()
        to = f"http://127.0.0.1:{there.socket.getsockname()[1]}"
        with limited_tap(lines, "--listen", "0", "--to", to, "--json") as process:
            url = json.loads(lines.read_text().splitlines()[0])["url"]
            for _ in range(3):
                talk(url)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signal.SIGTERM
    assert errors.count("\n") == 1
    assert "cannot write to standard output (File too large)" in errors
    assert lines.stat().st_size == 600


def test_the_end_of_the_process_that_forwards_is_a_bug_of_ours():
    with tap("--listen", "0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 70
    assert errors == "stt-monitor: a bug of stt-monitor: the tap has ended by itself (exit code -9)\n"


def test_a_port_that_is_taken_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with tap("--listen", f"127.0.0.1:{port}") as process:
            printed, errors = process.communicate(timeout=PATIENCE_S)
    sentence = f"stt-monitor: cannot listen on 127.0.0.1:{port}: Address already in use; give another --listen\n"
    assert (process.returncode, printed, errors) == (2, "", sentence)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "nowhere"), "--to is no URL of a server"),
        (("--listen", "nowhere"), "HOST:PORT"),
        (("--listen", "127.0.0.1:99999"), "as a port"),
        (("--service", "nobody"), "invalid choice"),
        (("--to", "http://user:sk-1@host"), "--to takes"),
    ],
)
def test_bad_usage(options: tuple[str, ...], said: str):
    with tap(*options) as process:
        printed, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, printed, errors.count("\n")) == (2, "", 1)
    assert said in errors
    assert "sk-1" not in errors


def test_it_ends_with_its_parent_however_that_ends():
    with tap("--listen", "0", "--json") as process:
        url = str(line(process)["url"])
        process.kill()
        process.wait()
        port = int(url.rpartition(":")[2])
        while True:  # its child notices, and leaves the port
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                break
