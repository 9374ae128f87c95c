"""Sessions made by hand, with an explicit clock: a stand-in for whoever runs the sessions."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from stt_monitor.core.commands import Command, FindOptions, FindRecordings, Start, Stop
from stt_monitor.core.journal import ConnectionChanged, Sent, SpeechDecided, SpeechEnd, SpeechOnset, received
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.session_options import Available, LocalService
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services.cartesia import DIALECT, SERVICE

if TYPE_CHECKING:
    from stt_monitor.core.listed_session import RecordingInfo

CHUNK_S = 0.1


class Script:
    """A session that does what it is told. Its audio is spoken at the position that it has."""

    def __init__(
        self,
        *,
        source: str = "interview.wav",
        url: str = "ws://127.0.0.1:40123/stt/turns/websocket",
        model: str = "ink-2",
        duration: float | None = 31.0,
        reference: str = "vad",
        started_at: str = "2026-11-22T09:00:00Z",
    ) -> None:
        self.at = 0.0
        self.running = True
        session = SessionRecord(
            started_at, source, url, model, "pcm_s16le", 16_000, 100, Settings(model=model), reference
        )
        self.monitor = Monitor(session, DIALECT, duration=duration)
        self._sent = 0.0
        self._text = ""

    def to(self, at: float, level_db: float = -18.0) -> "Script":
        """Send audio until `at`; all reference speech until then is known."""
        while self._sent + CHUNK_S <= at:
            self.monitor.apply(Sent(SentChunk(self._sent, CHUNK_S, self._sent, self._sent + CHUNK_S + 0.004), level_db))
            self._sent += CHUNK_S
        self.at = at
        return self

    def decided(self) -> "Script":
        """Know all reference speech until now."""
        self.monitor.apply(SpeechDecided(self.at, self.at))
        return self

    def connect(self, at: float = 0.05) -> "Script":
        """Get connected."""
        self.to(at)
        self.monitor.apply(ConnectionChanged(at, Connection.CONNECTED))
        return self.event(at, "connected")

    def event(self, at: float, kind: str, transcript: str | None = None, **fields: object) -> "Script":
        """Have the service send something."""
        self.to(at)
        wire: dict[str, object] = {"type": kind, "request_id": "r", **fields}
        if transcript is not None:
            wire["transcript"] = transcript
        self.monitor.apply(received(at, json.dumps(wire)))
        return self

    def turn(self, at: float, text: str, *, length: float = 2.0, eot: float = 0.4, resumed: bool = False) -> "Script":
        """Have a whole turn: speech from `at` for `length` seconds, and its end recognised `eot` seconds later."""
        words = text.split(" ")
        half = " ".join(words[: len(words) // 2])
        self.to(at).monitor.apply(SpeechOnset(at, at))
        self.event(at + 0.2, "turn.start")
        self.event(at + 0.4, "turn.update", half)
        if resumed:
            self.event(at + length / 2, "turn.eager_end", half)
            self.event(at + length / 2 + 0.3, "turn.resume")
        self.to(at + length).monitor.apply(SpeechEnd(at + length, at + length))
        self.event(at + length + eot / 2, "turn.eager_end", text)
        return self.event(at + length + eot, "turn.end", text)

    def snapshot(self, at: float | None = None) -> Snapshot:
        """Picture the session, now or later."""
        if at is not None:
            self.to(at)
        return self.monitor.snapshot(self.at, running=self.running)


class ScriptedController:
    """Hands out snapshots when a test says so, and notes what it was asked."""

    has_live = True
    service = SERVICE.name
    model = SERVICE.model
    services = (SERVICE.name,)

    def __init__(self, *, stops: bool = True) -> None:
        self.sent: list[Command] = []
        self.running = False
        self.settings = TurnSettings()
        self._stops = stops
        self._on_snapshot: Callable[[Snapshot], None] | None = None
        self._on_frame: Callable[[WireFrame], None] | None = None
        self.found = Available(
            (), "", (LocalService(),), vendor_key_set=False, key_variable=SERVICE.key_variable, title=SERVICE.title
        )
        self.saved: tuple[RecordingInfo, ...] = ()

    def subscribe(
        self, on_snapshot: Callable[[Snapshot], None], *, on_frame: Callable[[WireFrame], None] | None = None
    ) -> None:
        self._on_snapshot = on_snapshot
        self._on_frame = on_frame

    def send(self, command: Command) -> None:
        self.sent.append(command)
        match command:
            case Start():
                self.running = True
            case Stop():
                self.running = self.running and not self._stops
            case FindOptions(on_found):
                on_found(self.found)
            case FindRecordings(on_found):
                on_found(self.saved)

    @property
    def subscribed(self) -> bool:
        return self._on_snapshot is not None

    def show_frame(self, frame: WireFrame) -> None:
        assert self._on_frame is not None, "nobody looks at the wire"
        self._on_frame(msgspec.structs.replace(frame, service=frame.service or self.service))

    def show(self, snapshot: Snapshot) -> None:
        assert self._on_snapshot is not None, "nobody has subscribed"
        self._on_snapshot(snapshot)
