"""An invented service whose messages name the core's own events, for tests of what any service may send."""

import json
from typing import Any, Final

import msgspec

from stt_monitor.core.dialect import Dialect, Message
from stt_monitor.core.events import (
    EagerEnd,
    Event,
    Likelihood,
    Repeat,
    TextKind,
    TurnEnd,
    TurnResume,
    TurnStart,
    TurnText,
    TurnUpdate,
    Voice,
)
from stt_monitor.core.journal import Sent, SpeechEnd, SpeechOnset, received
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings.requested import Schema, Settings, TurnSettings
from stt_monitor.core.sound.audio_clock import SentChunk

SESSION: Final = SessionRecord(
    "2026-01-01T00:00:00Z", "a.wav", "", "m", "pcm_s16le", 16_000, 100, Settings(), "none"
)  # fmt: skip
KINDS: Final[dict[str, type[Event]]] = {
    "start": TurnStart, "update": TurnUpdate, "eager": EagerEnd, "resume": TurnResume, "end": TurnEnd, "voice": Voice,
    "repeat": Repeat, "likelihood": Likelihood,
}  # fmt: skip
TEXTS: Final = [each.value for each in TextKind]
CHUNK_S: Final = 0.1


class Ear:
    """Reads an event from a message that has its kind and its fields."""

    def read(self, message: str | bytes) -> Message:
        wire: dict[str, Any] = msgspec.json.decode(message)
        kind = wire["kind"]
        if kind in TEXTS:
            return Message((msgspec.convert(wire, TurnText),), wire)
        fields = {name: value for name, value in wire.items() if name != "kind"}
        return Message((msgspec.convert(fields, KINDS[kind]),), wire)


def dialect(**declared: Any) -> Dialect:  # noqa: ANN401  the fields of a dialect
    """Return its dialect, with what a test wants it to declare."""
    return Dialect(Schema(()), Ear, **declared)


def monitor(declared: Dialect, *, reference: str = "none", settings: TurnSettings | None = None) -> Monitor:
    asked = Settings(turn=settings or TurnSettings())
    return Monitor(msgspec.structs.replace(SESSION, reference=reference, settings=asked), declared)


def say(monitor: Monitor, t: float, kind: str, text: str | None = None, **more: object) -> list[Record]:
    """Let the service send an event at the time `t`."""
    fields = {"kind": kind, **({} if text is None else {"text": text}), **more}
    return monitor.apply(received(t, json.dumps(fields)))


def play(monitor: Monitor, start: float, end: float, *, at: float | None = None) -> list[Record]:
    """Send sound from one position to another; `at`: when the first of it was spoken, seconds of session."""
    offset = 0.0 if at is None else at - start
    count = round((end - start) / CHUNK_S)
    records: list[Record] = []
    for position in (start + number * CHUNK_S for number in range(count)):
        chunk = SentChunk(position, CHUNK_S, position + offset, position + offset + CHUNK_S)
        records += monitor.apply(Sent(chunk, -20.0))
    return records


def speak(monitor: Monitor, onset: float, end: float, *, at: float | None = None) -> None:
    """Let reference speech be found between two positions; `at`: session time of `onset`, if it is another."""
    moved = 0.0 if at is None else at - onset
    monitor.apply(SpeechOnset(onset + moved + 0.1, onset))
    monitor.apply(SpeechEnd(end + moved + 0.1, end))


def turns(records: list[Record]) -> list[Any]:
    """Return the finished turns on record; the types of their metrics are known at run time only."""
    return [record for record in records if isinstance(record, TurnRecord)]
