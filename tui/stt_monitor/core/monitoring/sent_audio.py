"""The audio that a session has sent: position, level, health, delays."""

import msgspec

from stt_monitor.core.journal import HealthReported
from stt_monitor.core.kept import Kept
from stt_monitor.core.records.session import Health
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Audio
from stt_monitor.core.sound.audio_clock import AudioClock, SentChunk
from stt_monitor.core.sound.health import HealthTracker
from stt_monitor.core.sound.lags import Lags
from stt_monitor.core.sound.places import PlaceRecorder
from stt_monitor.core.sound.slowness import Cause, Slowness
from stt_monitor.core.sound.sound_history import SoundRecorder


class SentAudio:
    """State of the audio sent so far. Positions are seconds of audio."""

    def __init__(self, kind: SourceKind, duration: float | None, kept: Kept, *, with_speech: bool) -> None:
        """Start without audio.

        Args:
            kind: of the source.
            duration: length in seconds; None when unknown.
            kept: how much of it is kept.
            with_speech: whether there is reference speech.
        """
        self.clock = AudioClock(of_file=kind is SourceKind.FILE)
        self.tracker = HealthTracker()
        """Health of connection and capture."""
        self.sound = SoundRecorder(kept.level_minutes)
        """Its levels."""
        self.places = PlaceRecorder(kept.runs)
        """Its positions by session time."""
        self.slowness = Slowness()
        """When it was delayed."""
        self.server_lags = Lags()
        """How far behind the local server was."""
        self.connection_position: float | None = 0.0
        """Position of the first audio of this connection; None before it."""
        self._audio = Audio(duration=duration, speaking=False if with_speech else None, kind=kind)
        self._level_db: float | None = None
        self._played = 0.0

    def add(self, chunk: SentChunk, level_db: float | None) -> None:
        """Add a chunk that was handed to the socket, and its peak, dB relative to full scale."""
        self._played += chunk.skipped
        self.clock.add(chunk, self._played)
        self.sound.add(chunk, level_db)
        self.places.add(chunk.spoken_at, chunk.position)
        self.slowness.add(chunk.sent_at, chunk.send_lag, Cause.SENDING)
        until = chunk.sent_at + chunk.ahead  # until then the service has sound of the future
        self.slowness.add(until, chunk.ahead, Cause.HASTE)
        if self.connection_position is None:
            self.connection_position = chunk.position
        self._level_db = level_db
        if not chunk.quiet:
            self._played += chunk.length
        if level_db is not None:
            self.tracker.add_peak(level_db)

    def put_back(self, length: float) -> None:
        """Add audio that will be sent again, seconds."""
        self.tracker.add_resent(length)
        self._played -= length

    def update(self, entry: HealthReported) -> None:
        """Update the health of connection and capture."""
        if entry.round_trip is not None and entry.round_trip != self.tracker.round_trip:  # else it is the old one
            self.slowness.add(entry.at, entry.round_trip, Cause.NETWORK)
        self.slowness.add(entry.at, entry.send_lag, Cause.SENDING)
        self.tracker.update(
            round_trip=entry.round_trip,
            waiting_s=entry.waiting_s,
            dropped_s=entry.dropped_s,
            unconfirmed_s=entry.unconfirmed_s,
            overruns=entry.overruns,
            send_lag=entry.send_lag,
        )

    def set_server_lag(self, at: float, lag: float) -> None:
        """Set the audio that the local server has received but not processed, seconds."""
        self.slowness.add(at, lag, Cause.LOCAL_SERVER)
        self.server_lags.add(at, lag)
        self.tracker.set_server_lag(lag)

    def set_quiet(self, *, quiet: bool) -> None:
        """Mark that silence is sent instead, or no longer."""
        self._audio = msgspec.structs.replace(self._audio, quiet=quiet)

    def set_speaking(self, *, speaking: bool | None) -> None:
        """Mark that reference speech is going on, or no longer; None: unknown."""
        self._audio = msgspec.structs.replace(self._audio, speaking=speaking)

    def connection_lost(self) -> None:
        """Send what follows over another connection."""
        self.connection_position = None
        self.tracker.set_server_lag(None)

    @property
    def snapshot(self) -> Audio:
        """Its part of a session's snapshot."""
        return msgspec.structs.replace(
            self._audio, position=self.clock.position, level_db=self._level_db, played=self._played
        )

    @property
    def health(self) -> Health:
        """The present health."""
        return self.tracker.health(self.clock)
