"""The program ends in order when its terminal does, or a signal says so: even while the terminal takes nothing."""

import argparse
import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from tests.support.kept import recordings_in
from tests.support.patience import PATIENCE_S
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import write_wav
from tests.support.terminal import Terminal

from stt_monitor.audio.devices import stderr_guard
from stt_monitor.cli.options import arguments
from stt_monitor.cli.screen import launch
from stt_monitor.cli.screen.terminal import Terminals
from stt_monitor.recording.manifest import FINISHED
from stt_monitor.recording.reader import Recording

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))
STUCK_S = 2.0
"""After this long without a reader, the terminal, the writer and its queue are full of pictures."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of a kind that can be closed")


async def talkative(dialogue: Dialogue) -> None:
    """Give the screen a lot to draw, until the end."""
    await dialogue.say("connected")
    for number in itertools.count(1):
        await dialogue.hear(number * 0.2)
        if dialogue.texts:
            break
        await dialogue.say("turn.start", turn_id=str(number))
        await dialogue.say("turn.end", transcript=f" sentence number {number}.", turn_id=str(number))


async def silent_at_the_end(dialogue: Dialogue) -> None:
    """Never answer `close`."""
    await talkative(dialogue)
    await dialogue.socket.wait_closed()


@contextmanager
def monitoring(url: str, folder: Path) -> Iterator[Terminal]:
    wav = write_wav(folder / "long.wav", 60.0)
    with Terminal([COMMAND, str(wav), "--url", url], 180, 50, XDG_DATA_HOME=str(folder)) as terminal:
        terminal.until("sentence number ")  # any: on a busy machine the first picture has later ones
        yield terminal


def kept(folder: Path) -> Recording:
    (recording,) = recordings_in(folder / "stt-monitor" / "recordings")
    return recording


def end_of_process(terminal: Terminal) -> int:
    """Wait for it without reading what it draws."""
    return terminal.process.wait(PATIENCE_S)


def vanish(terminal: Terminal) -> int:
    terminal.vanish()
    return end_of_process(terminal)


def get_stuck_and_vanish(terminal: Terminal) -> int:
    time.sleep(STUCK_S)  # nobody reads: this is the fault, not a wait for something
    terminal.vanish()
    return end_of_process(terminal)


def get_stuck_and_be_terminated(terminal: Terminal) -> int:
    time.sleep(STUCK_S)
    assert terminal.process.poll() is None
    terminal.process.terminate()
    code = end_of_process(terminal)
    terminal.drain()
    assert terminal.restored
    return code


@pytest.mark.parametrize(
    ("ending", "code"), [(vanish, 129), (get_stuck_and_vanish, 129), (get_stuck_and_be_terminated, 143)]
)
async def test_the_session_is_ended_in_order_and_kept(ending: Callable[[Terminal], int], code: int, tmp_path: Path):
    async with ScriptedService(talkative) as service:

        def watch() -> int:
            with monitoring(service.url, tmp_path) as terminal:
                return ending(terminal)

        assert await asyncio.to_thread(watch) == code
        (dialogue,) = service.dialogues
    assert dialogue.texts == [{"type": "close"}]
    assert kept(tmp_path).manifest.ended == FINISHED


async def test_the_second_signal_does_not_wait_for_the_session(tmp_path: Path):
    async with ScriptedService(silent_at_the_end) as service:

        def watch() -> int:
            with monitoring(service.url, tmp_path) as terminal:
                time.sleep(STUCK_S)
                terminal.process.terminate()
                time.sleep(0.2)  # two of a kind at the same moment are one
                terminal.process.terminate()
                return end_of_process(terminal)

        assert await asyncio.to_thread(watch) == 143
    assert kept(tmp_path).manifest.ended != FINISHED


async def test_a_service_that_never_ends_holds_up_nobody(tmp_path: Path):
    async with ScriptedService(silent_at_the_end) as service:

        def watch() -> int:
            with monitoring(service.url, tmp_path) as terminal:
                return vanish(terminal)

        assert await asyncio.to_thread(watch) == 129
    assert kept(tmp_path).manifest.ended == FINISHED


@pytest.mark.parametrize("drawn", ["stt-monitor", "good morning", "‖ paused", "Escape closes"])
def test_a_recorded_session_ends_with_its_terminal_too(drawn: str):
    with Terminal([COMMAND, "demo"], 120, 35) as terminal:
        terminal.until("stt-monitor")
        if drawn == "‖ paused":
            terminal.until("Pause")
            terminal.press("m")
        elif drawn == "Escape closes":
            terminal.until("Pause")
            terminal.press("?")
        terminal.until(drawn)
        assert vanish(terminal) == 129


def test_it_ends_where_the_end_of_the_terminal_sends_no_signal():
    """As when the terminal is not the controlling one, or SIGHUP is ignored."""
    with Terminal(["/bin/sh", "-c", f'trap "" HUP; exec {COMMAND} demo'], 120, 35) as terminal:
        terminal.until("good morning")
        terminal.process.send_signal(signal.SIGHUP)
        terminal.until("parcel")  # ignored from the start: it stays so
        assert vanish(terminal) == 129


def test_a_terminal_that_was_lost_before_its_settings_were_read_is_gone():
    master, slave = os.openpty()
    os.close(master)
    assert Terminals(keys=slave, drawing=slave).hung_up()
    os.close(slave)


def test_a_session_that_cannot_be_stopped_does_not_keep_the_program():
    """Whatever fails on the way out: nobody else would end it."""
    broken = """if True:
        import threading
        from stt_monitor.cli.screen.exit_watchdog import ExitWatchdog

        with ExitWatchdog(object(), lambda: watchdog._leave is not None, lambda: None) as watchdog:
            watchdog.attach(lambda code: None)
            threading.Event().wait()
    """
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 129


@pytest.mark.parametrize(
    ("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGQUIT", 131), ("SIGINT", 130)], ids=lambda value: value
)
def test_signals_give_the_terminal_back(name: str, code: int):
    with Terminal([COMMAND, "demo"], 80, 24) as terminal:
        terminal.until("SPEAKING")
        terminal.process.send_signal(signal.Signals[name])
        assert terminal.until_gone() == code
        assert terminal.restored
        assert b"Traceback" not in terminal.output


@pytest.mark.parametrize("loaded", [argparse, arguments, launch, stderr_guard], ids=lambda module: module.__name__)
def test_ctrl_c_is_quiet_while_the_program_is_being_loaded(loaded: ModuleType):
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "stt_monitor", "demo"],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_default_interruption,  # noqa: PLW1509  one system call
        text=True,
        errors="replace",
        env=os.environ | {"TERM": "xterm-256color"},
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.rpartition("|")[2].strip() == loaded.__name__:
                break
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(PATIENCE_S) == 130
    finally:
        process.kill()
        process.communicate()
        os.close(master)
        os.close(slave)
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said


def _default_interruption() -> None:
    """Not ignored, as it is where the tests run in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
