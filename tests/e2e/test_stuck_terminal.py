"""A terminal that stops reading (ctrl+s, a stuck ssh) delays the screen and nothing else."""

import asyncio
import itertools
import time
from pathlib import Path

import pytest
from tests.e2e.test_end_to_end import COMMAND
from tests.support.kept import recordings_in
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import wav_bytes, write_wav
from tests.support.terminal import Terminal
from tests.support.yardstick import Yardstick

from stt_monitor.core.turns.turn import EndReason
from stt_monitor.recording.replay import fold

STUCK_S = 10.0
LENGTH_S = 14.0
TURN_S = 0.5
LEAD_S = 0.1
MARGIN_S = 0.5
"""What a figure may be off on a busy machine; one that waited for the terminal would be off by seconds."""


async def test_no_audio_and_no_event_waits_for_a_stuck_terminal(tmp_path: Path):
    heard_at: list[float] = []
    said: list[list[float]] = []
    acknowledged: list[float] = []

    async def talkative(dialogue: Dialogue) -> None:
        """Say a turn for every half second of sound, so that the screen has a lot to draw."""
        await dialogue.say("connected")
        for number in itertools.count(1):
            await dialogue.hear(number * TURN_S)
            heard_at.append(time.monotonic())
            if dialogue.texts:
                break
            said.append([])
            text = f" sentence number {number}."
            for kind, more in (("turn.start", {}), ("turn.eager_end", {"transcript": text})):
                said[-1].append(time.monotonic())
                await dialogue.say(kind, turn_id=str(number), **more)
            await asyncio.sleep(LEAD_S)
            said[-1].append(time.monotonic())
            await dialogue.say("turn.end", transcript=text, turn_id=str(number))
            # The pong comes back once the monitor's loop has read everything before it.
            await (await dialogue.socket.ping())
            acknowledged.append(time.monotonic())

    wav = write_wav(tmp_path / "long.wav", LENGTH_S)
    async with ScriptedService(talkative) as service:

        def watch() -> tuple[float, float]:
            with Terminal([COMMAND, str(wav), "--url", service.url], 120, 35, XDG_DATA_HOME=str(tmp_path)) as terminal:
                terminal.until("sentence number ")  # any: on a busy machine the first picture has later ones
                since = time.monotonic()
                time.sleep(STUCK_S)  # nobody reads: this is the fault, not a wait for something
                until = time.monotonic()
                terminal.until("◇ closed")
                last = round(LENGTH_S / TURN_S) - 1
                terminal.until(f"sentence number {last}.")
                terminal.press("q")
                assert terminal.until_gone() == 0
                return since, until

        with Yardstick() as yardstick:
            since, until = await asyncio.to_thread(watch)
        (dialogue,) = service.dialogues
    assert bytes(dialogue.audio) == wav_bytes(wav)
    assert dialogue.texts == [{"type": "close"}]
    # What was heard and said while nobody read did not wait for the end of it.
    until = min(until, heard_at[-1])  # it began late where the first picture was late
    for times in (heard_at, acknowledged):
        assert len([at for at in times if since < at < until]) >= 0.8 * (until - since) / TURN_S - 1
    # The figures are what the service did, whether anybody read or not.
    (recording,) = recordings_in(tmp_path / "stt-monitor" / "recordings")
    turns = fold(recording).snapshot.finished
    assert len(turns) == len(said)
    for finished, (start, eager, end) in zip(turns, said, strict=True):
        near = MARGIN_S + yardstick.lateness(start, eager, end)
        assert finished.turn.ended_at is not None
        if finished.turn.end_reason is EndReason.ENDED:  # the last one may have ended after our close: nobody decided
            assert finished.metrics.eager_lead == pytest.approx(end - eager, abs=near)
        assert finished.turn.ended_at - finished.turn.started_at == pytest.approx(end - start, abs=near)
