"""Sessions of the real program that are killed without warning, and what is left of them."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any, NamedTuple

import soundfile
from tests.support.kept import recordings_in
from tests.support.patience import PATIENCE_S
from tests.support.service import Dialogue

from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.recording.replay import BROKEN_OFF, fold

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))
LOST_S = 1.0
"""What a kill may cost."""


async def talkative(dialogue: Dialogue) -> None:
    """A service that says something twenty times a second."""
    await dialogue.say("connected")
    number = 0
    while True:
        number += 1
        await dialogue.say("turn.start", turn_id=str(number))
        for words in range(1, 10):
            await dialogue.hear(len(dialogue.audio) / 32_000 + 0.1)
            await dialogue.say("turn.update", transcript="word " * words, turn_id=str(number))
            await dialogue.say("turn.eager_end", transcript="word " * words, turn_id=str(number))
            await dialogue.say("turn.resume", turn_id=str(number))
        await dialogue.say("turn.end", transcript="word " * 9, turn_id=str(number))


class Remains(NamedTuple):
    """What was seen of a session before it was killed, and what its recording says."""

    printed: list[dict[str, Any]]
    recorded: list[dict[str, Any]]
    audio_s: float

    @property
    def missing_s(self) -> float:
        """How much of the end is missing, in seconds: from the last event that was recorded to the last printed."""
        kept = [line["t"] for line in self.recorded if line in self.printed[1:]]
        return float(self.printed[-1]["t"] - max(kept))

    def check(self) -> None:
        """Fail unless all but the last second is there."""
        last = self.printed[-1]["t"]
        assert any(line.get("detail") == BROKEN_OFF for line in self.recorded), "this session was not killed"
        due = [line for line in self.printed if line.get("t", 0.0) <= last - LOST_S]
        assert self.recorded[: len(due)] == due
        heard = [line["t"] for line in self.printed if line["kind"] == "recording"]
        assert self.audio_s >= last - LOST_S - heard[0], "audio was sent all the time from then on"


async def until_recorded(directory: Path) -> None:
    """Wait for a recording: within the last second before a kill, it may be a folder that nobody can read yet."""
    for _ in range(int(PATIENCE_S / 0.01)):
        if recordings_in(directory):
            return
        await asyncio.sleep(0.01)


async def kill_after(seconds: float, sound: Path, url: str, directory: Path) -> Remains:
    """Run a session, kill it so many seconds after it said that it is recorded, and look at what is left."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, str(sound), "--json", "--url", url, "--record", str(directory), stdout=PIPE, stderr=DEVNULL,
        env={name: value for name, value in os.environ.items() if name != "CARTESIA_API_KEY"},
    )  # fmt: skip
    assert process.stdout is not None
    printed: list[dict[str, Any]] = []
    while not printed or printed[-1]["kind"] != "recording":
        printed.append(json.loads(await process.stdout.readline()))
    await until_recorded(directory)
    asyncio.get_running_loop().call_later(seconds, process.kill)
    rest, _ = await process.communicate()
    printed += [json.loads(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    (recording,) = recordings_in(directory)
    records: list[Record] = []
    fold(recording, records.append)
    assert recording.audio_path is not None
    audio_s = soundfile.info(recording.audio_path).duration
    return Remains(printed, [json.loads(to_json(record)) for record in records], audio_s)
