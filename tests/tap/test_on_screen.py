"""`stt-monitor tap` on a real terminal: calls are opened, and neither a stuck terminal nor its end harms one."""

import asyncio
import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.kept import recordings_in
from tests.support.overheard import CLOSE, PATH, QUERY
from tests.support.patience import PATIENCE_S
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.terminal import Terminal
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from stt_monitor.core.records.session import ARRIVAL
from stt_monitor.recording.replay import fold

pytestmark = pytest.mark.e2e

COMMAND = (sys.executable, "-m", "stt_monitor", "tap")
SILENCE = bytes(6400)
"""0.2 s."""
_STUCK = 8
"""Turns after which nothing more was drawn: the terminal is full."""


async def echo(dialogue: Dialogue) -> None:
    """Say a turn for each frame of 0.2 s."""
    await dialogue.say("connected")
    for number in range(1, 10_000):
        await dialogue.hear(0.2 * number - 0.1)
        if dialogue.texts:
            return
        await dialogue.say("turn.start", turn_id=str(number))
        await dialogue.say("turn.end", transcript=f"sentence {number}.", turn_id=str(number))


@contextmanager
def tap(folder: Path, to: str, columns: int, rows: int) -> Iterator[tuple[Terminal, str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--listen", f"127.0.0.1:{port}", "--to", to, "--record", str(folder / "calls")]
    with Terminal([*COMMAND, *options], columns, rows, XDG_STATE_HOME=str(folder)) as terminal:
        terminal.until("No call yet")
        yield terminal, f"ws://127.0.0.1:{port}{PATH}?{QUERY}"


def next_turn(client: ClientConnection) -> str:
    """Send sound, and return the next transcript."""
    client.send(SILENCE)
    while (message := json.loads(client.recv(PATIENCE_S)))["type"] != "turn.end":
        pass
    return str(message["transcript"])


@pytest.mark.slow
async def test_a_call_is_opened_live_and_once_it_is_over(tmp_path: Path):
    def use(to: str) -> tuple[int, str]:
        with tap(tmp_path, to, 120, 35) as (terminal, url):
            assert url.partition("/stt")[0].removeprefix("ws://") in terminal.text
            with connect(url) as client:
                client.send(SILENCE)
                terminal.until("1 call, 1 going on")
                terminal.press("\r")
                terminal.until("call 1")
                client.send(SILENCE)
                terminal.until("Hello")
                terminal.press("C")
                terminal.until("speaking")
                client.send(CLOSE)
                for _ in client:
                    pass
            terminal.until("closed, 0:0")
            terminal.press("\r")
            terminal.until("replay")
            terminal.until("Hello there.")
            terminal.press("q")
            code = terminal.until_gone()
            assert terminal.restored
            return code, terminal.text

    async with ScriptedService(polite) as service:
        code, left = await asyncio.to_thread(use, service.url)
    assert code == 0
    assert "1 call, 1 turn; saved in" in left
    (recording,) = recordings_in(tmp_path / "calls")
    assert "stt-monitor replay" in left
    assert recording.path.name in left.replace("\n", "")
    assert fold(recording).snapshot.session.anchor == ARRIVAL


@pytest.mark.slow
async def test_a_terminal_that_is_stuck_then_gone_harms_no_call(tmp_path: Path):
    """As one that is stopped, and then closed: the calls go on until it is gone, and all of them are saved."""

    def use(to: str) -> tuple[int, int]:
        with tap(tmp_path, to, 200, 60) as (terminal, url), connect(url) as client:
            assert next_turn(client) == "sentence 1."
            terminal.until("going on")
            terminal.press("\r")
            terminal.until("sentence 1.")
            turns, unread = 1, [0]
            while len(set(unread[-_STUCK:])) > 1 or len(unread) < _STUCK:  # nobody reads what the screen draws
                turns += 1
                assert next_turn(client) == f"sentence {turns}."
                time.sleep(0.05)  # for a picture
                unread.append(terminal.unread)
            terminal.vanish()
            code = terminal.until_gone()
            with pytest.raises(ConnectionClosed):  # the process that forwards is gone too
                list(iter(lambda: client.recv(PATIENCE_S), None))
            return code, turns

    async with ScriptedService(echo) as service:
        code, turns = await asyncio.to_thread(use, service.url)
    assert code == 129
    (recording,) = recordings_in(tmp_path / "calls")
    assert len(fold(recording).snapshot.finished) == recording.manifest.turns == turns
