"""Services side by side, made by hand: each hears the same speech, and says what a test wants it to say."""

import json
from collections.abc import Mapping

import msgspec

from stt_monitor.core.dialect import Dialect
from stt_monitor.core.journal import (
    ConnectionChanged,
    ConnectionLost,
    Failed,
    Finished,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.services import registry
from stt_monitor.services.cartesia import DIALECT

CHUNK_S = 0.1
URLS = {"cartesia": "wss://api.cartesia.ai/stt/turns/websocket", "flux": "wss://api.deepgram.com/v2/listen"}


def combined(lanes: tuple[Snapshot, ...]) -> Snapshot:
    """Return the snapshot of a run of these services."""
    return msgspec.structs.replace(lanes[0], lanes=lanes, running=any(lane.running for lane in lanes))


class Lane:
    """One service. Whatever it is called, it speaks the first service's protocol."""

    def __init__(self, service: str, dialect: Dialect, duration: float | None) -> None:
        self.running = True
        self.monitor = Monitor(
            SessionRecord(
                "2026-11-22T09:00:00Z", "interview.wav", URLS.get(service, f"wss://{service}.example/v1"),
                "a-model", "pcm_s16le", 16_000, 100, Settings(model="a-model"), "vad", service=service,
            ),
            dialect,
            duration=duration,
        )  # fmt: skip


class Run:
    """Several services on one clock; all are told the same sound."""

    def __init__(
        self, *services: str, duration: float | None = 60.0, dialects: Mapping[str, Dialect] | None = None
    ) -> None:
        self.at = 0.0
        names = services or registry.NAMES
        self.lanes = {name: Lane(name, (dialects or {}).get(name, DIALECT), duration) for name in names}
        self._sent = 0
        self.gone: set[str] = set()
        """Services without a connection: no audio is sent to them."""

    def to(self, at: float, level_db: float = -18.0) -> "Run":
        """Send audio until `at`."""
        while (self._sent + 1) * CHUNK_S <= at + 1e-9:
            start = self._sent * CHUNK_S
            chunk = SentChunk(start, CHUNK_S, start, start + CHUNK_S + 0.004)
            for name, lane in self.lanes.items():
                if name not in self.gone and lane.running:
                    lane.monitor.apply(Sent(chunk, level_db))
            self._sent += 1
        self.at = max(self.at, at)
        return self

    def connect(self, *names: str) -> "Run":
        """Connect these services, or all."""
        for name in names or self.lanes:
            self.gone.discard(name)
            self.lanes[name].monitor.apply(ConnectionChanged(self.at, Connection.CONNECTED))
            self.say(self.at, name, "connected")
        return self

    def lose(self, name: str, why: str) -> "Run":
        """Lose the connection of one; it hears no more."""
        self.lanes[name].monitor.apply(SpeechEnd(self.at, self.at))
        self.gone.add(name)
        self.lanes[name].monitor.apply(ConnectionLost(self.at))
        self.lanes[name].monitor.apply(ConnectionChanged(self.at, Connection.RECONNECTING, why))
        return self

    def refuse(self, name: str, why: str) -> "Run":
        """End one with an error."""
        lane = self.lanes[name]
        lane.monitor.apply(Failed(self.at, why))
        lane.monitor.apply(ConnectionChanged(self.at, Connection.CLOSED))
        lane.monitor.apply(Finished(self.at))
        lane.running = False
        return self

    def speech(self, start: float, stop: float | None = None) -> "Run":
        """Let all hear speech."""
        return self.onset(start) if stop is None else self.onset(start).silence(stop)

    def onset(self, at: float) -> "Run":
        """Begin speech."""
        return self._all(at, SpeechOnset(at, at))

    def silence(self, at: float) -> "Run":
        """End speech."""
        return self._all(at, SpeechEnd(at, at))

    def decided(self) -> "Run":
        """Know all reference speech until now."""
        return self._all(self.at, SpeechDecided(self.at, self.at))

    def say(self, at: float, name: str, kind: str, transcript: str | None = None) -> "Run":
        """Let one service say something."""
        self.to(at)
        wire = {"type": kind, "request_id": "r"} | ({} if transcript is None else {"transcript": transcript})
        self.lanes[name].monitor.apply(received(at, json.dumps(wire)))
        return self

    def finish(self) -> "Run":
        """End the session."""
        self._all(self.at, SpeechFinished(self.at))
        for lane in self.lanes.values():
            if lane.running:
                lane.monitor.apply(ConnectionChanged(self.at, Connection.CLOSED))
                lane.monitor.apply(Finished(self.at))
                lane.running = False
        return self

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Picture all services."""
        return tuple(lane.monitor.snapshot(self.at, running=lane.running) for lane in self.lanes.values())

    def snapshot(self, at: float | None = None) -> Snapshot:
        """Picture the run, now or later."""
        if at is not None:
            self.to(at)
        return combined(self.snapshots())

    def _all(self, at: float, entry: SpeechOnset | SpeechEnd | SpeechDecided | SpeechFinished) -> "Run":
        self.to(at)
        for name, lane in self.lanes.items():
            if lane.running and name not in self.gone:
                lane.monitor.apply(entry)
        return self
