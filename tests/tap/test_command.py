"""`stt-monitor tap`, as a process."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.support.patience import PATIENCE_S
from tests.tap.test_forwarder import SOCKET, echo
from websockets.asyncio.client import connect as connect_async
from websockets.asyncio.server import ServerConnection, serve
from websockets.sync.client import connect


@contextmanager
def tap(*options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "stt_monitor", "tap", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def talk(url: str) -> None:
    keys = {"Authorization": "Bearer sk-header"}
    address = f"{url.replace('http', 'ws', 1)}{SOCKET}?model=m&api_key=sk-query"
    with connect(address, additional_headers=keys) as client:
        client.send("sk-message")
        assert client.recv() == "sk-message"


def line(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    found: dict[str, object] = json.loads(process.stdout.readline())
    return found


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
            rest, errors = await asyncio.to_thread(process.communicate, timeout=PATIENCE_S)
    assert (process.returncode, rest, errors) == (128 + number, "", "")
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
