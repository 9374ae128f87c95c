"""The sound of a session, as far as it was sent: where it is, how loud, and what of it counts."""

import msgspec

from stt_monitor.core.journal import VitalsReported
from stt_monitor.core.records.session import Health
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Audio
from stt_monitor.core.sound.audio_clock import AudioClock, SentChunk
from stt_monitor.core.sound.health import HealthTracker
from stt_monitor.core.sound.slowness import Slowness
from stt_monitor.core.sound.sound_history import SoundRecorder


class SentAudio:
    """What is known of it. All positions are seconds of audio."""

    def __init__(self, kind: SourceKind, duration: float | None, *, with_speech: bool) -> None:
        """Begin with nothing sent.

        Args:
            kind: what it comes from.
            duration: how long it is, in seconds; None when nobody knows.
            with_speech: reference speech will be told.
        """
        self.clock = AudioClock(of_file=kind is SourceKind.FILE)
        self.vitals = HealthTracker()
        """How connection and capture are doing."""
        self.sound = SoundRecorder()
        """How loud it was."""
        self.slowness = Slowness()
        """When it was held up on its way."""
        self.connection_position: float | None = 0.0
        """Of the first audio of this connection; None before it."""
        self._picture = Audio(duration=duration, speaking=False if with_speech else None, kind=kind)
        self._level_db: float | None = None
        self._played = 0.0

    def sent(self, chunk: SentChunk, level_db: float | None) -> None:
        """Note a chunk that was handed to the socket, and its peak level in dB of full scale."""
        self.clock.sent(chunk, self._played)
        self.sound.sent(chunk, level_db)
        self.slowness.held_up(chunk.sent_at, chunk.send_lag)
        if self.connection_position is None:
            self.connection_position = chunk.position
        self._level_db = level_db
        if not chunk.quiet:
            self._played += chunk.length
        if level_db is not None:
            self.vitals.heard(level_db)

    def returned(self, length: float) -> None:
        """Note that so many seconds of it will be sent again."""
        self.vitals.returned(length)
        self._played -= length

    def reported(self, entry: VitalsReported) -> None:
        """Note how connection and capture are doing."""
        if entry.round_trip is not None and entry.round_trip != self.vitals.round_trip:  # else it tells of the past
            self.slowness.held_up(entry.at, entry.round_trip)
        self.slowness.held_up(entry.at, entry.send_lag)
        self.vitals.report(
            round_trip=entry.round_trip,
            waiting_s=entry.waiting_s,
            dropped_s=entry.dropped_s,
            unconfirmed_s=entry.unconfirmed_s,
            overruns=entry.overruns,
            send_lag=entry.send_lag,
        )

    def judged(self, at: float, lag: float) -> None:
        """Note that the local server told how far it was behind with judging what it had received, seconds."""
        self.slowness.held_up(at, lag)
        self.vitals.judged(lag)

    def quieted(self, *, quiet: bool) -> None:
        """Note that silence is sent in the place of the sound, or no longer."""
        self._picture = msgspec.structs.replace(self._picture, quiet=quiet)

    def speaking(self, *, speaking: bool) -> None:
        """Note that somebody speaks in it, or no longer."""
        self._picture = msgspec.structs.replace(self._picture, speaking=speaking)

    def connection_lost(self) -> None:
        """Note that what is sent from now on is for another connection."""
        self.connection_position = None
        self.vitals.judged(None)

    @property
    def picture(self) -> Audio:
        """The sound as it is shown."""
        return msgspec.structs.replace(
            self._picture, position=self.clock.position, level_db=self._level_db, played=self._played
        )

    @property
    def health(self) -> Health:
        """How the monitor is doing with it."""
        return self.vitals.health(self.clock)
