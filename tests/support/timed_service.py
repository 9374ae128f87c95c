"""A service that speaks at chosen instants after chosen points of the sound, and knows when it heard and said what."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tests.support.service import Dialogue, Script
from tests.support.sound import write_wav
from tests.support.watched import Watched

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.audio.sources.source import Source
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.session.sources import labelled_speech

RATE = 16_000
CHUNK_S = 0.1


@dataclass
class Heard:
    """One connection, by the service's clock."""

    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """When a frame came, and how many bytes had come with it."""
    said: list[float] = field(default_factory=list)
    """When each event was handed to the socket."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self, before_s: float = 0.0) -> float:
        """When the sound at position 0 was spoken, if `before_s` seconds of it went over earlier connections."""
        return self.spoken_at(0.0) - before_s

    def spoken_at(self, position: float) -> float:
        """When the sound at a position was spoken, at the latest: what comes after it may have waited for a listener.

        A frame cannot come before its last sample was spoken, so that the quickest from there on tells.
        """
        return min(at - total / 2 / RATE for at, total in self.arrivals if total / 2 / RATE > position) + position

    @property
    def seconds(self) -> float:
        return self.arrivals[-1][1] / 2 / RATE


Said = tuple[float, str, dict[str, Any]]


def text(at: float, kind: str, transcript: str) -> Said:
    return at, kind, {"transcript": transcript}


def bare(at: float, kind: str) -> Said:
    return at, kind, {}


def says(events: list[Said], heard: Heard, after: Callable[[Dialogue], Any] | None = None) -> Script:
    """Say each event at its time, counted from when the first sample was spoken; then do what comes after."""

    async def script(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        listening = asyncio.create_task(listen(dialogue, heard))
        await heard.begun.wait()
        began = heard.start()
        for at, kind, fields in events:
            await asyncio.sleep(began + at - _now())
            heard.said.append(_now())
            await dialogue.say(kind, **fields)
        if after is not None:
            after(dialogue)
        await listening

    return script


def answers(events: list[Said], heard: Heard) -> Script:
    """Say each event once sound has come from its time on, counted from the first sample that is no zero.

    However late the sound is, nothing is said about it before it was spoken.
    """

    async def script(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        listening = asyncio.create_task(listen(dialogue, heard))
        for at, kind, fields in events:
            while not any(dialogue.audio) or heard.seconds <= first_sound(dialogue.audio) + at:
                heard.begun.clear()
                await heard.begun.wait()
            heard.said.append(_now())
            await dialogue.say(kind, **fields)
        await listening

    return script


def first_sound(audio: bytes | bytearray) -> float:
    """Where the first sample lies that is no zero, in seconds."""
    return int(np.flatnonzero(np.frombuffer(bytes(audio), "<i2"))[0]) / RATE


async def listen(dialogue: Dialogue, heard: Heard) -> None:
    while not dialogue.texts:
        await dialogue._take()
        heard.arrivals.append((_now(), len(dialogue.audio)))
        heard.begun.set()


def label(path: Path, spans: list[tuple[float, float]], *pauses: tuple[float, float]) -> Path:
    """Write labels: a turn for each span, but for those that a pause joins."""
    named = [(*span, "speech") for span in spans] + [(*pause, "pause") for pause in pauses]
    path.write_text("".join(f"{start}\t{end}\t{name}\n" for start, end, name in named))
    return path


def from_file(folder: Path, seconds: float) -> Source:
    return FileSource(open_audio_file(write_wav(folder / "speech.wav", seconds)), clock=asyncio.get_running_loop().time)


def watch(source: Source, url: str, labels: Path) -> Watched:
    find = labelled_speech(labels, ["speech.wav"])[0]
    settings = Settings(
        turn=TurnSettings(start_threshold=0.8, eager_end_threshold=0.4, end_threshold=0.2, end_timeout_ms=640)
    )
    return Watched(source, url, settings, reference=find(source.format))


def _now() -> float:
    return asyncio.get_running_loop().time()
