"""A terminal that stops reading (ctrl+s, a stuck ssh) delays the screen and nothing else."""

import asyncio
import itertools
import time
from pathlib import Path

from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import wav_bytes, write_wav
from tests.support.terminal import Terminal
from tests.test_end_to_end import COMMAND

STUCK_S = 10.0
LENGTH_S = 14.0
TURN_S = 0.5


async def test_no_audio_and_no_event_waits_for_a_stuck_terminal(tmp_path: Path):
    heard_at: list[float] = []
    acknowledged: list[float] = []

    async def talkative(dialogue: Dialogue) -> None:
        """Say a turn for every half second of sound, so that the screen has a lot to draw."""
        await dialogue.say("connected")
        for number in itertools.count(1):
            await dialogue.hear(number * TURN_S)
            heard_at.append(time.monotonic())
            if dialogue.texts:
                break
            await dialogue.say("turn.start", turn_id=str(number))
            await dialogue.say("turn.end", transcript=f" sentence number {number}.", turn_id=str(number))
            # The pong comes back once the monitor's loop has read everything before it.
            await (await dialogue.socket.ping())
            acknowledged.append(time.monotonic())

    wav = write_wav(tmp_path / "long.wav", LENGTH_S)
    async with ScriptedService(talkative) as service:

        def watch() -> tuple[float, float]:
            with Terminal([COMMAND, str(wav), "--url", service.url], 120, 35) as terminal:
                terminal.until("sentence number 2.")
                since = time.monotonic()
                time.sleep(STUCK_S)  # nobody reads: this is the fault, not a wait for something
                until = time.monotonic()
                terminal.until("closed")
                last = round(LENGTH_S / TURN_S) - 1
                terminal.until(f"sentence number {last}.")
                terminal.press("q")
                assert terminal.until_gone() == 0
                return since, until

        since, until = await asyncio.to_thread(watch)
        (dialogue,) = service.dialogues
    assert bytes(dialogue.audio) == wav_bytes(wav)
    assert dialogue.texts == [{"type": "close"}]
    # What was heard and said while nobody read did not wait for the end of it.
    during = [at for at in heard_at if since < at < until]
    assert len(during) >= 0.8 * STUCK_S / TURN_S
    assert len([at for at in acknowledged if since < at < until]) >= 0.8 * STUCK_S / TURN_S
