"""Sessions over the same audio, written by hand: when each turn ended, and where the file was paused or sent again."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count
from typing import Any

import msgspec

from stt_monitor.core.journal import (
    CloseSent,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Finished,
    Returned,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.services.cartesia import DIALECT

CHUNK_S = 0.1


class Spoken(msgspec.Struct, frozen=True):
    """Speech in the file, and when the service ended a turn after it, seconds; None: it did not, the turn goes on."""

    start: float
    stop: float
    eot: float | None = 0.4
    heard: bool = True
    """Whether the service noticed it."""


def talk(*eots: float | None, every: float = 5.0) -> tuple[Spoken, ...]:
    """Return two seconds of speech every five, with a turn for each that has an end."""
    return tuple(Spoken(1.0 + every * number, 3.0 + every * number, eot) for number, eot in enumerate(eots))


def hear(
    spoken: Sequence[Spoken],
    *,
    pauses: Sequence[tuple[float, float]] = (),
    resent: Sequence[tuple[float, float]] = (),
    until: float | None = None,
    duration: float | None = None,
    turn: TurnSettings | None = None,
    **record: Any,  # noqa: ANN401  fields of any type
) -> Snapshot:
    """Return a session that heard this.

    Args:
        spoken: what is in the file, in order, and the turns of the service.
        pauses: where the file was paused, and for how long; seconds.
        resent: where a connection was lost, and how much before it was sent again; silence, seconds.
        until: place at which it was stopped; None: the end of the file.
        duration: length of the file; None: until some seconds after the speech.
        turn: turn settings; None: the server's.
        record: fields of its record.
    """
    length = duration or max((each.stop for each in spoken), default=0.0) + 5
    stop = length if until is None else until
    jumps = sorted((*((place, by, False) for place, by in pauses), *((place, by, True) for place, by in resent)))

    def at(place: float) -> float:
        """Return when a place is heard, seconds of session."""
        return place + sum(by for where, by, _ in jumps if where < place)

    fields: dict[str, Any] = {
        "started_at": f"2026-11-28T09:00:{next(_SECONDS):09.6f}Z", "source": "call.wav", "url": "wss://a.example/v1",
        "model": "m", "encoding": "pcm_s16le", "sample_rate": 16_000, "chunk_ms": 100,
        "settings": Settings(model="m", turn=turn or TurnSettings()), "reference": "vad", "audio_id": "a1",
    }  # fmt: skip
    session = SessionRecord(**(fields | record))
    monitor = Monitor(session, DIALECT, duration=length)
    monitor.apply(ConnectionChanged(0.0, Connection.CONNECTED))
    monitor.apply(_said(0.0, "connected"))
    for entry in sorted(chain(_audio(jumps, stop), _turns(spoken, at, stop)), key=lambda each: each.at):
        monitor.apply(entry)
        monitor.apply(SpeechDecided(entry.at, max(0.0, entry.at - 2)))
    over = at(stop) + 5
    monitor.apply(CloseSent(over - 4))
    if monitor.in_turn:
        monitor.apply(_said(over - 3, "turn.end", "some words"))
    monitor.apply(SpeechFinished(over))
    monitor.apply(Finished(over))
    return monitor.snapshot(over, running=False)


_SECONDS = count(0.001, 0.001)


def _turns(spoken: Sequence[Spoken], at: Callable[[float], float], stop: float) -> Iterator[Entry]:
    """Yield the reference speech that begins before a place, and what the service says of it."""
    is_open = False
    for each in spoken:
        if each.start >= stop:
            return
        onset, end = at(each.start), at(min(each.stop, stop))
        yield SpeechOnset(onset + 0.1, onset)
        yield SpeechEnd(end + 0.1, end)
        if not each.heard:
            continue
        if not is_open:
            yield _said(onset + 0.3, "turn.start")
            yield _said(onset + 0.5, "turn.update", "some words")
        if each.eot is not None and each.stop + each.eot < stop:
            yield _said(end + each.eot, "turn.end", "some words")
        is_open = each.eot is None


def _audio(jumps: Sequence[tuple[float, float, bool]], stop: float) -> Iterator[Entry]:
    """Yield the audio up to a place of the file."""
    position = place = 0.0
    for where, by, again in (*jumps, (stop, 0.0, False)):
        for chunk in _chunks(position, min(where, stop) - place):
            yield Sent(chunk, -18.0)
        position, place = position + max(0.0, min(where, stop) - place), max(place, min(where, stop))
        if where >= stop:
            return
        if again:
            yield Returned(position, position - by, by)
            yield ConnectionLost(position)
            yield ConnectionChanged(position, Connection.CONNECTED)
            yield _said(position, "connected")
        for chunk in _chunks(position, by):
            yield Sent(msgspec.structs.replace(chunk, quiet=not again), -18.0)
        position += by


def _chunks(position: float, length: float) -> Iterator[SentChunk]:
    """Yield whole chunks, and a rest."""
    done = 0.0
    while length - done > 1e-9:
        piece = min(CHUNK_S, length - done)
        yield SentChunk(position + done, piece, position + done, position + done + piece)
        done += piece


def _said(at: float, kind: str, transcript: str | None = None) -> Entry:
    return received(
        at, json.dumps({"type": kind, "request_id": "r"} | ({"transcript": transcript} if transcript else {}))
    )
