"""Immutable snapshots of a session, for the screen, reports and exports."""

from collections.abc import Sequence
from math import inf

import msgspec

from stt_monitor.core.events import Violation
from stt_monitor.core.finished_turn import FinishedTurn, index_of
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.pauses import Pauses
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.notes import Note
from stt_monitor.core.records.session import Connection, Health, RecordingState, SessionRecord
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sound.heard import Heard
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.core.sound.places import Places
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.sound.sound_history import SoundHistory
from stt_monitor.core.stall import Stall
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.turn import Turn


class Transition(msgspec.Struct, frozen=True):
    """A transition of the state machine: `start`, `eager_end`, `resume` or `end`, and its time (seconds)."""

    name: str
    at: float
    turn: int


class Audio(msgspec.Struct, frozen=True):
    """The audio sent."""

    position: float = 0.0
    """Seconds sent."""
    duration: float | None = None
    """Length in seconds; None when unknown (a microphone)."""
    level_db: float | None = None
    """Peak of the last chunk, dB below full scale (0 is full scale); None before the first chunk."""
    speaking: bool | None = None
    """Whether reference speech is going on; None without reference speech."""
    kind: SourceKind = SourceKind.FILE
    quiet: bool = False
    """A file is paused or live audio muted: silence is sent instead."""
    played: float = 0.0
    """Seconds of the file sent: `position` without the silence of pauses."""


class Retry(msgspec.Struct, frozen=True):
    """The next attempt to connect."""

    attempt: int
    """Counted from 1."""
    attempts: int | None
    """The session ends after this many failures; None where the service asked to wait: then time decides."""
    at: float
    """Time of the attempt, seconds of session."""
    reason: str = ""
    """Why there is no connection."""


class Outage(msgspec.Struct, frozen=True):
    """A time without a connection, after a first one. Seconds of session; without an end it is going on."""

    start: float
    end: float | None = None
    reason: str = ""
    """The first error."""
    over: bool = False
    """Whether there is a connection again; else its end is that of the session."""


class FileResult(msgspec.Struct, frozen=True):
    """Results of one of several files."""

    name: str
    turns: int
    counts: Counts
    summaries: dict[str, Summary]
    """By metric key, as in `Snapshot.summaries`."""
    first_turn: FinishedTurn | None = None
    error: str = ""
    marks: Marks = Marks()
    """What is special about its metrics."""
    pauses: Pauses = Pauses()
    reference: str = ""
    """Source of reference speech, as in `SessionRecord`."""
    worst: FinishedTurn | None = None
    """The turn that ended latest after speech; None where that cannot be told."""
    recording: RecordingState | None = None
    """Where it is saved; None: it is not."""


class AllFiles(msgspec.Struct, frozen=True):
    """Results of several files over all their turns: no mean of means."""

    turns: int
    counts: Counts
    summaries: dict[str, Summary]
    """By metric key, without the first turn of each connection."""
    first_turns: dict[str, Summary]
    """The same for those first turns: short files have no others."""
    marks: Marks = Marks()
    """What is special about their metrics."""
    pauses: Pauses = Pauses()


class Group(msgspec.Struct, frozen=True):
    """Results of the turns under the same settings."""

    settings: TurnSettings
    turns: int
    counts: Counts
    """Counts, without errors and violations, which belong to no settings."""
    summaries: dict[str, Summary]
    marks: Marks = Marks()
    """What is special about their metrics."""
    pauses: Pauses = Pauses()


class RowKey(msgspec.Struct, frozen=True):
    """What tells a row of a comparison from others: a session of this run of the program, and settings in it."""

    number: int
    """Of the session, counted from 1; services side by side have one together."""
    service: str
    """As in the session's record; empty in old ones."""
    settings: TurnSettings


class EarlierSession(msgspec.Struct, frozen=True):
    """Results of an earlier session of this run of the program."""

    number: int
    """Counted from 1."""
    source: str
    groups: tuple[Group, ...]
    session: SessionRecord
    heard: tuple[Heard, ...] = ()
    """What pairs need of the turns of each group; empty where it is no longer kept."""
    name: str = ""
    """Name of the saved session; empty of a live one."""


class StartWait(msgspec.Struct, frozen=True):
    """Audio that waits for services to be ready."""

    services: tuple[str, ...]
    """Names of those that are not."""
    until: float
    """When it starts at the latest, seconds of session."""


class Playback(msgspec.Struct, frozen=True):
    """State of a replay."""

    speed: float
    """Seconds of session per second; infinite: as fast as possible."""
    paused: bool
    duration: float | None
    """Length of the session; None when unknown, because the program was killed."""
    name: str = ""
    """Name of the saved session."""


class Snapshot(msgspec.Struct, frozen=True):
    """A session at the time `at` (seconds of session). Its texts are raw: sanitize them for display."""

    at: float
    session: SessionRecord
    connection: Connection
    detail: str
    """One sentence on the connection; may be empty."""
    retry: Retry | None
    """The pending attempt to connect, if any."""
    outages: tuple[Outage, ...]
    """The newest outages."""
    notes: tuple[Note, ...]
    """What else happened, and the outages again, in the order of time: the newest of each kind."""
    running: bool
    """Audio is being sent or events are still awaited."""
    state: State
    state_since: float
    open_turn: Turn | None
    finished: Sequence[FinishedTurn]
    """A tuple, or for a recording read to its end a sequence on disk."""
    summaries: dict[str, Summary]
    """By key (all of `TURN_METRICS`), as measured, without the first turn of each connection."""
    first_turn: FinishedTurn | None
    transition: Transition | None
    counts: Counts
    violations: tuple[Violation, ...]
    """The last few violations, oldest first."""
    error: str
    """The last error for the user, one sentence; may be empty."""
    audio: Audio
    health: Health
    warning: str = ""
    """What looks wrong with what was given, one sentence; empty if nothing does."""
    recording: RecordingState | None = None
    """State of its recording; None without one."""
    playback: Playback | None = None
    """State of the replay; None for a live session."""
    files: tuple[FileResult, ...] = ()
    """Results of the finished files of a run."""
    all_files: AllFiles | None = None
    """Results over all `files`; None without any."""
    playing: tuple[int, int] = (1, 1)
    """Number of the file that this session plays, and of all files."""
    settings: TurnSettings = TurnSettings()
    """The current turn settings."""
    groups: tuple[Group, ...] = ()
    """Results by settings, without those that no turn had."""
    earlier: tuple[EarlierSession, ...] = ()
    """Earlier sessions of this run of the program, without those that had no turn."""
    number: int = 1
    """Number of this session in the run."""
    baseline: RowKey | None = None
    """What the user compares others with; None: the first."""
    sound: SoundHistory = SoundHistory()
    """Audio levels by session time."""
    places: Places = Places()
    """Audio positions by session time."""
    speech: tuple[Span, ...] = ()
    """Hours of the newest reference speech; the last span may be going on."""
    speech_known_until: float = -inf
    """Session time up to which all reference speech is known."""
    agent_speech: tuple[Span, ...] = ()
    """The same of the agent, where its side of the call is heard."""
    agent_known_until: float = -inf
    """Session time up to which all of that is known."""
    speech_checked: int = 0
    """Spans of reference speech that are known to be missed or not."""
    speech_delayed: int = 0
    """Spans for which that is unknown: something other than the service delayed them."""
    missed: tuple[Span, ...] = ()
    """The newest missed spans of reference speech, oldest first."""
    marks: Marks = Marks()
    """What is special about its metrics."""
    pauses: Pauses = Pauses()
    unknown: str = ""
    """Type of the last message of an unknown type; empty without one."""
    stall: Stall | None = None
    """The current stall; None without one."""
    likelihood: tuple[LikelihoodPoint, ...] = ()
    """The local server's likelihood over the last five minutes."""
    lanes: "tuple[Snapshot, ...]" = ()
    """Side by side: the snapshots of all services, in the order of `--service`; this one is the first, and `running`
    while one of them is. Else empty."""
    heard: float | None = None
    """Session time of the audio that the user hears now, side by side in all of them; None: nothing is played."""
    start_wait: StartWait | None = None
    """Side by side: what the audio waits for; None once it goes."""

    @property
    def identity(self) -> tuple[int, str]:
        """What tells its session from all others of the run."""
        return self.number, self.session.started_at

    @property
    def awaits_connection(self) -> bool:
        """Whether the session runs without a connection."""
        return self.running and self.connection in (Connection.CONNECTING, Connection.RECONNECTING)

    def turn(self, number: int | None) -> FinishedTurn | None:
        """Return a finished turn by its number; None if there is none."""
        index = index_of(self.finished, number)
        return None if index is None else self.finished[index]
