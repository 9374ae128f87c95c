"""Sessions as lines end in order and in time, though nobody reads the lines, or the terminal is gone."""

import asyncio
import fcntl
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.e2e.test_output import COMMAND, unread
from tests.support.kept import recordings_in
from tests.support.patience import PATIENCE_S
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import write_wav
from tests.support.terminal import Terminal

from stt_monitor.recording.manifest import FINISHED

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals, and a terminal that can be closed")


async def talkative(dialogue: Dialogue) -> None:
    """Give much to print, until the end."""
    await dialogue.say("connected")
    for number in itertools.count(1):
        await dialogue.hear(number * 0.1)
        if dialogue.texts:
            break
        await dialogue.say("turn.start", turn_id=str(number))
        await dialogue.say("turn.end", transcript=f" sentence number {number}.", turn_id=str(number))


def ended(folder: Path) -> str:
    (recording,) = recordings_in(folder / "stt-monitor" / "recordings")
    return recording.manifest.ended


@contextmanager
def stuck(url: str, folder: Path, *shape: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a session whose lines nobody reads, until the pipe is as good as full; gives the end to read, too."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    wav = write_wav(folder / "long.wav", 60.0)
    program = subprocess.Popen(
        [COMMAND, str(wav), *shape, "--url", url],
        stdout=writing, stderr=subprocess.DEVNULL, env=os.environ | {"XDG_DATA_HOME": str(folder)},
    )  # fmt: skip
    os.close(writing)
    try:
        while unread(reading) < 3000:  # the summary, at the latest, finds no room
            time.sleep(0.02)
            assert program.poll() is None
        yield program, reading
    finally:
        program.kill()
        program.wait()
        os.close(reading)


@pytest.mark.parametrize("shape", ["--json", "--plain"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_a_session_whose_lines_nobody_reads(shape: str, number: signal.Signals, tmp_path: Path):
    async with ScriptedService(talkative) as service:

        def watch() -> int:
            with stuck(service.url, tmp_path, shape) as (program, _):
                program.send_signal(number)
                return program.wait(PATIENCE_S)

        assert await asyncio.to_thread(watch) == 128 + number
    assert ended(tmp_path) == FINISHED


async def test_whoever_reads_slowly_after_a_signal_gets_all_lines(tmp_path: Path):
    async with ScriptedService(talkative) as service:

        def watch() -> tuple[bytes, int]:
            with stuck(service.url, tmp_path, "--json") as (program, reading):
                program.terminate()
                got = bytearray()
                while data := os.read(reading, 4096):
                    got += data
                    time.sleep(0.1)
                return bytes(got), program.wait(PATIENCE_S)

        got, code = await asyncio.to_thread(watch)
    assert code == 128 + signal.SIGTERM
    assert json.loads(got.splitlines()[-1])["kind"] == "summary"


async def test_the_second_signal_waits_for_nothing(tmp_path: Path):
    async def silent_at_the_end(dialogue: Dialogue) -> None:
        await talkative(dialogue)
        await dialogue.socket.wait_closed()

    async with ScriptedService(silent_at_the_end) as service:

        def watch() -> int:
            with stuck(service.url, tmp_path, "--json") as (program, _):
                program.terminate()
                time.sleep(0.2)  # two of a kind at the same moment are one
                program.terminate()
                return program.wait(PATIENCE_S)

        assert await asyncio.to_thread(watch) == 128 + signal.SIGTERM
    assert ended(tmp_path) != FINISHED


@pytest.mark.parametrize("shape", ["--json", "--plain"])
@pytest.mark.parametrize("told", [True, False])
async def test_the_end_of_the_terminal_ends_a_session_as_lines(shape: str, tmp_path: Path, *, told: bool):
    """Where no signal tells of it, as under nohup, the next line does."""
    wav = write_wav(tmp_path / "long.wav", 60.0)
    before = [] if told else ["sh", "-c", 'trap \'\' HUP; exec "$0" "$@"']
    async with ScriptedService(talkative) as service:

        def watch() -> int:
            command = [*before, COMMAND, str(wav), shape, "--url", service.url]
            with Terminal(command, 180, 50, XDG_DATA_HOME=str(tmp_path)) as terminal:
                terminal.until("sentence number 2.")
                terminal.vanish()
                return terminal.process.wait(PATIENCE_S)

        assert await asyncio.to_thread(watch) == 128 + signal.SIGHUP
    assert ended(tmp_path) == FINISHED
