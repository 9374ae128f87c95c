"""What the screen shows: one immutable picture of a session at one instant."""

from collections.abc import Iterable, Sequence
from math import inf

import msgspec

from stt_monitor.core.events import Violation
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.records.session import Connection, Health, RecordingState, SessionRecord
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.sound.sound_history import SoundHistory
from stt_monitor.core.state_machine import EndReason, State, Turn
from stt_monitor.core.turn_probability import LikelihoodPoint


class FinishedTurn(msgspec.Struct, frozen=True, gc=False):  # no cycles, and there are very many
    """A turn that is over, with its figures as known so far."""

    turn: Turn
    figures: TurnMetrics
    start_position: float = 0.0
    """Seconds of audio that had been spoken when `turn.start` came."""
    end_position: float = 0.0
    """The same for `turn.end`, or for the last event of a turn that has none."""

    def position_at(self, at: float) -> float:
        """Return the audio position of a moment in the turn, seconds of session. Audio lost in it is passed over."""
        return min(max(self.start_position, self.start_position + at - self.turn.started_at), self.end_position)


def transcript(turns: Iterable[FinishedTurn], joiner: str) -> str:
    """Join the texts of turns, as they came; what the service never ended is no part of it."""
    ended = (each.turn.transcript for each in turns if each.turn.end_reason is not EndReason.DANGLING)
    return joiner.join(text for text in ended if text)


class Transition(msgspec.Struct, frozen=True):
    """A move of the turn machine: `start`, `eager_end`, `resume` or `end`, and when (seconds)."""

    name: str
    at: float
    turn: int


class Audio(msgspec.Struct, frozen=True):
    """The sound that is being sent."""

    position: float = 0.0
    """Seconds sent."""
    duration: float | None = None
    """Seconds in all; None when nobody knows (a microphone)."""
    level_db: float | None = None
    """Peak of the last chunk, dB below full scale (0 is full scale); None before the first chunk."""
    speaking: bool | None = None
    """Whether reference speech hears somebody; None without reference speech."""
    kind: SourceKind = SourceKind.FILE
    quiet: bool = False
    """A file is paused, or something live is muted: silence is sent in its place."""
    played: float = 0.0
    """Seconds of a file that were sent: `position` without the silence of its pauses."""


class Retry(msgspec.Struct, frozen=True):
    """The next attempt to connect."""

    attempt: int
    """Counted from 1."""
    attempts: int | None
    """After so many in vain the session ends; None where time decides, because the service asks for patience."""
    at: float
    """When it will be made, seconds of session."""
    reason: str = ""
    """Why there is no connection."""


class Outage(msgspec.Struct, frozen=True):
    """A time without a connection, after there was one. Seconds of session; without an end it is going on."""

    start: float
    end: float | None = None
    reason: str = ""
    """What went wrong at first."""


class FileResult(msgspec.Struct, frozen=True):
    """What one of several files came to."""

    name: str
    turns: int
    counts: Counts
    summaries: dict[str, Summary]
    """By figure name, seconds, without the first turn of each connection, as in `Snapshot.summaries`."""
    first_turn: FinishedTurn | None = None
    error: str = ""


class Together(msgspec.Struct, frozen=True):
    """The turns of several files as if they were one's: pooled, no mean of means."""

    turns: int
    counts: Counts
    summaries: dict[str, Summary]
    """By figure name, seconds, without the first turn of each connection."""
    first_turns: dict[str, Summary]
    """The same for those first turns: short files have no others."""


class Group(msgspec.Struct, frozen=True):
    """The figures of the turns that ran under the same settings, as `Snapshot` has them for all."""

    settings: TurnSettings
    turns: int
    counts: Counts
    """Of turns, eager ends, resumes, cut-offs, missed and spurious ones; errors and violations are not split."""
    summaries: dict[str, Summary]


class EarlierSession(msgspec.Struct, frozen=True):
    """What a session before this one came to, in the same run of the program."""

    number: int
    """Counted from 1."""
    source: str
    groups: tuple[Group, ...]


class Playback(msgspec.Struct, frozen=True):
    """How a recorded session is being shown again."""

    speed: float
    """Seconds of session in a second; infinite for as fast as can be."""
    paused: bool
    duration: float | None
    """How long the session was; None when nobody knows, because the program was killed in it."""


class Snapshot(msgspec.Struct, frozen=True):
    """A session at the instant `at` (seconds of session). The text in it is as it came: clean it before showing it."""

    at: float
    session: SessionRecord
    connection: Connection
    detail: str
    """One sentence on the connection, empty when there is nothing to say."""
    retry: Retry | None
    """The attempt to connect that is waited for; None when none is."""
    outages: tuple[Outage, ...]
    """The newest times without a connection."""
    running: bool
    """Audio is being sent or events are still awaited."""
    state: State
    state_since: float
    open_turn: Turn | None
    finished: Sequence[FinishedTurn]
    """A tuple, or, of a recording that was read to its end, a sequence that is kept on the disk."""
    summaries: dict[str, Summary]
    """By key (all of `TURN_METRICS`), as measured, without the first turn of each connection."""
    first_turn: FinishedTurn | None
    transition: Transition | None
    counts: Counts
    violations: tuple[Violation, ...]
    """The newest few, oldest first."""
    error: str
    """The last error, one sentence, that the user should read; empty when there is none."""
    audio: Audio
    health: Health
    recording: RecordingState | None = None
    """Where the session is being kept; None when it is not."""
    playback: Playback | None = None
    """How it is being shown again; None while it happens."""
    files: tuple[FileResult, ...] = ()
    """Of several files that are played one after another, those that are over."""
    together: Together | None = None
    """All of `files` pooled; None while there are none."""
    playing: tuple[int, int] = (1, 1)
    """Which file this session plays, and of how many."""
    settings: TurnSettings = TurnSettings()
    """In force now."""
    groups: tuple[Group, ...] = ()
    """Figures by the settings in force; those that no turn ran under are left out."""
    earlier: tuple[EarlierSession, ...] = ()
    """The sessions before, of the same run of the program; those without a turn are left out."""
    number: int = 1
    """Which session of that run this is."""
    sound: SoundHistory = SoundHistory()
    """How loud it was, by session time."""
    speech: tuple[Span, ...] = ()
    """The newest reference speech, hours of it; the last span may be going on."""
    speech_known_until: float = -inf
    """Session time before which no reference speech can still turn up."""
    speech_checked: int = 0
    """Stretches of reference speech of which it is known whether they were missed."""
    speech_delayed: int = 0
    """Stretches of which nobody can tell, because this machine or its line was too slow."""
    likelihood: tuple[LikelihoodPoint, ...] = ()
    """The newest of what the local server tells of its likelihood, five minutes of it."""

    @property
    def awaits_connection(self) -> bool:
        """Whether the session runs, and has no connection yet, or any more."""
        return self.running and self.connection in (Connection.CONNECTING, Connection.RECONNECTING)
