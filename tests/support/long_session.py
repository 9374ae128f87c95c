"""The journal of a long day: eight hours of turns, as a session against a real service would have told it."""

import json
from collections.abc import Iterator

from stt_monitor.core.journal import (
    Addressed,
    Began,
    CloseSent,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Finished,
    FramePassed,
    HealthReported,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.wire_frame import FrameKind

STARTED_AT = "2026-01-01T00:00:00.000+00:00"
CHUNK_S = 0.1
WORDS = ["I", "would", "like", "to", "book", "a", "table", "for", "two", "tomorrow", "evening", "please"]
TURN_CHUNKS = 29
"""A turn every 2.9 seconds: 10 000 of them in eight hours."""
SPOKEN_CHUNKS = 18


def long_session(turns: int) -> Iterator[Entry]:
    """Give the entries of so many turns: 10 events and 29 chunks of audio in each."""
    settings = Settings()
    duration = turns * TURN_CHUNKS * CHUNK_S
    yield Began(SessionRecord(STARTED_AT, "day.wav", "", "ink-2", "pcm_s16le", 16000, 100, settings, "vad"), duration)
    yield Addressed(0.01, "ws://127.0.0.1:9/stt/turns/websocket")
    yield ConnectionChanged(0.02, Connection.CONNECTING)
    yield ConnectionChanged(0.1, Connection.CONNECTED)
    yield _event(0.2, "connected")
    for index in range(turns * TURN_CHUNKS):
        position = index * CHUNK_S
        spoken = 0.3 + position
        at = spoken + CHUNK_S + 0.0031
        yield Sent(SentChunk(position, CHUNK_S, spoken, at), -20.5)
        turn, place = divmod(index, TURN_CHUNKS)
        begins = turn * TURN_CHUNKS * CHUNK_S
        if place == 2:
            yield _event(at + 0.01, "turn.start", turn_id=str(turn))
        elif 4 <= place <= SPOKEN_CHUNKS and place % 2 == 0:
            yield _event(at + 0.01, "turn.update", transcript=" ".join(WORDS[: place - 3]), turn_id=str(turn))
        elif place == SPOKEN_CHUNKS + 3:
            yield _event(at + 0.01, "turn.eager_end", transcript=" ".join(WORDS), turn_id=str(turn))
        elif place == SPOKEN_CHUNKS + 6:
            yield _event(at + 0.01, "turn.end", transcript=" ".join(WORDS), turn_id=str(turn))
        if place == 3:
            yield SpeechOnset(at + 0.02, begins + 0.05)
        elif place == SPOKEN_CHUNKS + 4:
            yield SpeechEnd(at + 0.02, begins + SPOKEN_CHUNKS * CHUNK_S)
        yield SpeechDecided(at + 0.02, max(0.0, position - 0.4))
        if index % 20 == 0:
            yield FramePassed(at + 0.01, FrameKind.PING, sent=True, size=4)
            yield FramePassed(at + 0.03, FrameKind.PONG, size=4)
            yield HealthReported(at + 0.03, 0.02 + index % 7 / 1000)
    end = 0.4 + duration
    yield CloseSent(end)
    yield FramePassed(end, FrameKind.TEXT, sent=True, size=16, text='{"type":"close"}')
    yield FramePassed(end + 0.1, FrameKind.CLOSE, size=2, code=1000)
    yield ConnectionLost(end + 0.1)
    yield SpeechFinished(end + 0.2)
    yield ConnectionChanged(end + 0.3, Connection.CLOSED)
    yield Finished(end + 0.4, turns)


def _event(at: float, kind: str, **fields: object) -> Entry:
    return received(at, json.dumps({"type": kind, "request_id": "0b0f7c1e-5a54-4f0e-9a3e-6d2f1c9b8a77", **fields}))
