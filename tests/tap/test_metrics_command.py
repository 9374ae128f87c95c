"""`stt-monitor tap --metrics`, as a process."""

import asyncio
import json
import signal
import socket
import sys
import urllib.error
import urllib.request
from subprocess import Popen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.overheard import PATH, QUERY
from tests.support.patience import PATIENCE_S
from tests.tap.test_command import line, tap
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from stt_monitor.cli.main import main
from stt_monitor.core.exposition import CALLS, CALLS_DROPPED, TIMES, TURNS

pytestmark = pytest.mark.e2e

TURN = [{"type": "connected"}, {"type": "turn.start"}, {"type": "turn.end", "transcript": "Hello"}]


async def one_turn(there: ServerConnection) -> None:
    for message in TURN:
        await there.send(json.dumps({"request_id": "r", **message}))
    async for _ in there:
        pass


async def call(url: str) -> None:
    async with connect(f"{url.replace('http', 'ws', 1)}{PATH}?{QUERY}&api_key=sk-query") as agent:
        await agent.send(bytes(3200))
        for _ in TURN:
            await agent.recv()


def until_summary(process: Popen[str]) -> None:
    assert process.stdout is not None
    assert any(json.loads(told)["kind"] == "summary" for told in iter(process.stdout.readline, ""))


def scrape(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return str(answer.read(), "utf-8")


async def test_what_a_call_was_is_there_for_prometheus():
    async with serve(one_turn, "127.0.0.1", 0) as there:
        to = f"http://127.0.0.1:{there.sockets[0].getsockname()[1]}"
        with tap("--listen", "0", "--to", to, "--json", "--no-record", "--metrics", "0.0.0.0:0") as process:
            first = await asyncio.to_thread(line, process)
            await call(str(first["url"]))
            await asyncio.to_thread(until_summary, process)
            text = await asyncio.to_thread(scrape, str(first["metrics"]))
            process.send_signal(signal.SIGTERM)
            _, errors = await asyncio.to_thread(process.communicate, timeout=PATIENCE_S)
    assert process.returncode == 128 + signal.SIGTERM
    assert "others can reach the address of --metrics" in errors
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    counted = {sample.name: (sample.value, sample.labels["service"]) for sample in samples}
    assert [counted[each.name] for each in (CALLS, CALLS_DROPPED, TURNS)] == [
        (1, "cartesia"), (0, "cartesia"), (1, "cartesia"),
    ]  # fmt: skip
    assert not set(counted) & {f"{each.name}_count" for each in TIMES.values()}, "no speech, and a first turn"
    assert "sk-" not in text
    assert "Hello" not in text
    with pytest.raises(urllib.error.URLError):
        scrape(str(first["metrics"]))


def test_a_port_for_metrics_that_is_taken_is_one_sentence(capsys: pytest.CaptureFixture[str]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main(["tap", "--listen", "0", "--no-record", "--metrics", place]) == 2
    sentence = f"cannot listen on {place}: Address already in use; give another --metrics\n"
    assert capsys.readouterr().err == f"stt-monitor: {sentence}"


def test_without_the_extra_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delitem(sys.modules, "stt_monitor.tap.prometheus", raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert main(["tap", "--listen", "0", "--no-record", "--metrics", "0"]) == 2
    said = capsys.readouterr().err
    assert said == "stt-monitor: --metrics needs an extra that is not installed: pip install '.[metrics]'\n"
