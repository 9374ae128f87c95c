"""Records of a session, as `--json` prints them: one object a line, with a `kind`.

`tui/docs/json.md` is generated from the types and docstrings here: write them for the people who read it.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stt_monitor.core.events import Language, Wire
from stt_monitor.core.local_server import LOCAL_SERVER, MODEL
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.turn_metrics import TurnFigures
from stt_monitor.core.metrics.units import in_data, summary_in_data
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings import Settings, TurnSettings
from stt_monitor.core.state_machine import Turn
from stt_monitor.core.text.sanitize import escaped

SCHEMA_VERSION: Final = 1
"""Of the lines of `--json`. Fields may be added under the same version; one renamed or taken away makes the next."""


class Connection(Enum):
    """How things stand between us and the service."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


class SessionRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="session"):
    """The first line of each session: what is heard, and by which service. It alone has no `t`."""

    started_at: str
    """When second 0 of the session was, RFC 3339, UTC."""
    source: str
    """Name of the recording or microphone."""
    url: str
    """The address asked for, without credentials and query; empty where it was not known yet."""
    model: str
    """What recognises, if the server said that; else the model that is asked for, which `settings` has in any case."""
    encoding: str
    """Of the samples as they are sent, in the service's words: `pcm_s16le`."""
    sample_rate: int
    """Of the samples as they are sent, Hz."""
    chunk_ms: int
    """Audio in one frame, milliseconds."""
    settings: Settings
    """What the session asks of the service when it connects."""
    reference: str
    """Where reference speech comes from: `vad`, `labels`, or `none`."""
    source_kind: SourceKind = SourceKind.FILE
    """What sort of sound is heard."""
    server: str = ""
    """What is measured, where that is known: `local server (Moonshine)`. Empty: whatever answers at `url`."""

    channel: str = ""
    """What of the source's channels is heard: `mix of 2`, `channel 1 of 2`; empty where there is one alone."""
    service: str | msgspec.UnsetType = msgspec.UNSET
    """Which service it is about; not there in recordings from before there was a choice."""
    schema_version: int = SCHEMA_VERSION
    """Version of the lines that follow; an old recording is printed in the present one."""

    def __post_init__(self) -> None:
        """Tell the version that is printed, whichever wrote a recording."""
        msgspec.structs.force_setattr(self, "schema_version", SCHEMA_VERSION)

    @property
    def heard_by(self) -> str:
        """What recognises, for people: the local server, or the model that is asked for."""
        return self.server or self.model

    def heard_locally(self) -> "SessionRecord":
        """Return the record of the same session, once it is known that the local server hears it."""
        return msgspec.structs.replace(self, server=LOCAL_SERVER, model=MODEL)


class EventRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="event"):
    """An event of the service, as it arrived."""

    t: float
    turn: int | None
    """The turn that it belongs to, counted from 1 over the session; null where it belongs to none."""
    state: str
    """The state after it: `idle`, `speaking`, `eager_end`."""
    event: Wire
    """The vendor's object, verbatim."""


def _with_fields_for_metrics(head: type[msgspec.Struct], kind: object) -> type[msgspec.Struct]:
    """Extend a record by a field for each metric of turns, called as data calls it."""
    return msgspec.defstruct(
        head.__name__, [(metric.column, kind) for metric in TURN_METRICS], bases=(head,), frozen=True
    )


class _TurnHead(msgspec.Struct, frozen=True, tag_field="kind", tag="turn"):
    t: float
    turn: int
    """Its number, counted from 1 over the session."""
    transcript: str
    """Its text as the service told it last."""
    speech_start_s: float | None
    """Onset of the turn's reference speech: position in the audio that was sent, seconds."""
    speech_end_s: float | None
    """End of the turn's reference speech: position in the audio that was sent, seconds."""


if TYPE_CHECKING:  # which fields there are is known when the program runs
    _MeasuredTurn = _TurnHead
else:
    _MeasuredTurn = _with_fields_for_metrics(_TurnHead, float | None)


class TurnRecord(_MeasuredTurn, frozen=True, tag_field="kind", tag="turn"):
    """A finished turn, once its metrics are final: up to a second after its end, longer while speech is undecided."""

    eager_ends: int
    """How often the service thought that the turn might be over."""
    resumes: int
    """How often it took that back."""
    eager_text_match: str | None
    """Text at the eager end that stood against the final text: `exact`, `normalised` (but for case and punctuation),
    `no`; null where no eager end stood."""
    false_cutoff: bool | None
    """It ended while reference speech went on or came back within 1 s: exact with labels, else a proxy. Null where
    nobody can tell."""
    spurious: bool | None
    """It has no reference speech; null where nobody can tell."""
    end_reason: str
    """`threshold` or `timeout`, derived from the time since speech ended; `closed` (our own `close` ended it),
    `dangling` (it never ended); empty where nobody can tell."""
    first_of_connection: bool
    """It is the first of its connection: summaries list it apart."""
    settings: TurnSettings = TurnSettings()
    """What it ran under; what is not set was left to the service."""
    slow: bool = False
    """This machine or its line was too slow while the turn went on: it is in no summary."""
    speech_start_file_s: float | None = None
    """`speech_start_s` in the file that is heard; other positions are in what was sent, some of it perhaps twice."""
    speech_end_file_s: float | None = None
    """`speech_end_s` in that file."""
    languages: tuple[Language, ...] | None = None
    """What the service thinks it was spoken in; None where it says nothing of it."""


class ViolationRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="violation"):
    """A guarantee of the protocol that was broken: G1..G9 of protocol.md 6.3, `unknown_type` or `bad_json`."""

    t: float
    rule: str
    """Which one."""
    detail: str
    """What happened, in words."""


class ConfigRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="config"):
    """Other turn settings apply from now on."""

    t: float
    settings: TurnSettings
    """All of them; what is not set is left to the service."""
    refused: bool = False
    """The service refused the last change: these are the settings from before it."""


class LikelihoodRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="likelihood"):
    """The local server's likelihood that the user is inside a turn, with `--trace` alone."""

    t: float
    points: list[tuple[float, float]]
    """Pairs of position in the audio that was sent, seconds, and likelihood, 0 to 1."""


class Counts(msgspec.Struct, frozen=True):
    """What was counted over the session."""

    turns: int = 0
    eager_ends: int = 0
    eager_ends_confirmed: int = 0
    resumes: int = 0
    false_cutoffs: int = 0
    missed: int = 0
    spurious: int = 0
    violations: int = 0
    unknown_events: int = 0
    errors: int = 0
    closed: int = 0
    """Turns that our own `close` ended."""
    dangling: int = 0
    """Turns that never ended."""
    slow: int = 0
    """Turns that this machine or its line was too slow for."""

    @property
    def eager_ends_decided(self) -> int:
        """Eager ends that the service confirmed or took back: not one that is open, was lost, or that `close` ended."""
        return self.eager_ends_confirmed + self.resumes

    @property
    def eager_precision(self) -> float | None:
        """The share of those that were confirmed; None when there were none."""
        return self.eager_ends_confirmed / self.eager_ends_decided if self.eager_ends_decided else None


class Health(msgspec.Struct, frozen=True):
    """How sound and line are doing. Times are seconds.

    Of the audio that was captured, `audio_sent_s` - `resent_s` + `waiting_s` + `dropped_s` is the whole.
    """

    audio_sent_s: float = 0.0
    """Handed to a socket; what was sent again counts again, so that it only grows."""
    send_lag: float = 0.0
    """From the last sample of the newest chunk to its having been sent; it grows while the socket does not take it."""
    send_lag_max: float = 0.0
    """The greatest `send_lag` of the session."""
    round_trip: float | None = None
    """Of the last websocket ping that was answered, or the age of one that was not as soon as that is more."""
    waiting_s: float = 0.0
    """Captured, and to be sent still: it grows while the line is slow or down."""
    dropped_s: float = 0.0
    """Captured and never sent, because it had waited for too long."""
    unconfirmed_s: float = 0.0
    """The part of `audio_sent_s` of which nobody knows whether the service has heard it: sent after the last ping that
    was answered. It counts what went to connections that then died, and what is on its way if that is more than half a
    second."""
    resent_s: float = 0.0
    """The part of `audio_sent_s` that was taken back from connections that were found dead, to be sent again: of a file
    none is lost in them."""
    overruns: int = 0
    """How often the system lost audio before it could be captured."""
    clipped: int = 0
    """Chunks whose peak reached full scale."""
    peak_db: float | None = None
    """The highest peak of all chunks, dB below full scale; None before the first."""
    level_db: float | None = None
    """The peak of the newest chunk, dB below full scale."""
    reconnects: int = 0
    """Connections after the first."""
    server_lag: float | None = None
    """Of the local server: audio received and not judged yet, as it told last; None where nobody tells."""
    server_lag_max: float | None = None
    """The greatest `server_lag` of the session."""


class StatusRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="status"):
    """The connection changed."""

    t: float
    connection: str
    """`connecting`, `connected`, `reconnecting`, `closed`."""
    detail: str
    """Why, in a sentence for people; empty where there is nothing to say."""
    health: Health
    """How sound and line were doing then."""
    server: str = ""
    """As in the session's record, which may have been written before it was known."""


class RecordingState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a session is being kept, and how that goes."""

    path: str
    """The folder of the recording."""
    stopped: str = ""
    """Why no more of the session is kept; empty while it is."""
    deleted: int = 0
    """How many old recordings had to make room for it."""


class RecordingRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="recording"):
    """The session is being recorded, or is so no longer."""

    t: float
    path: str
    """The folder of the recording."""
    stopped: str
    """Why no more of the session is recorded; empty while it is."""
    deleted: int
    """How many old recordings had to make room for it."""


class HealthRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="health"):
    """How sound and line are doing: every two seconds, as long as audio is being sent or waits."""

    t: float
    connection: str
    """As in `status`."""
    health: Health
    """How they are doing now."""


class _SummaryHead(msgspec.Struct, frozen=True, tag_field="kind", tag="summary"):
    t: float
    turns: int
    """Turns that the service told of."""
    transcript: str
    """The texts of turns that ended, joined as they came, without a separator."""


if TYPE_CHECKING:
    _SummarisedSession = _SummaryHead
else:
    _SummarisedSession = _with_fields_for_metrics(_SummaryHead, Summary)


class SummaryRecord(_SummarisedSession, frozen=True, tag_field="kind", tag="summary"):
    """The end of a session. Its summaries are about the turns that count (metrics.md 3); the first is apart."""

    first_turn: TurnRecord | None
    """The record of the first turn, as in `turn`; null where there was none."""
    counts: Counts
    """What was counted over the session."""
    health: Health
    """How sound and line were doing in the end."""
    recording_stopped: str | msgspec.UnsetType = msgspec.UNSET
    """Why no more of the session was kept from some moment on; not there otherwise."""


class FileTotal(msgspec.Struct, frozen=True):
    """One of several files."""

    source: str
    """Its name."""
    turns: int
    """Its turns."""
    error: str
    """What went wrong with it, in a sentence; empty where nothing did."""


class _TotalHead(msgspec.Struct, frozen=True, tag_field="kind", tag="total"):
    t: float
    files: tuple[FileTotal, ...]
    """Those that were played; the last one's failure may have ended the run."""
    files_asked: int
    """How many were to be played."""
    turns: int
    """Turns of all of them."""


if TYPE_CHECKING:
    _SummarisedFiles = _TotalHead
else:
    _SummarisedFiles = _with_fields_for_metrics(_TotalHead, Summary)


class TotalRecord(_SummarisedFiles, frozen=True, tag_field="kind", tag="total"):
    """The end of a run over several files: the turns of all of them, pooled. `t` is seconds since the first began."""

    first_turns: dict[str, Summary]
    """The same figures of each connection's first turn, which the summaries leave out, by name: `eot_latency_ms` …"""
    counts: Counts
    """What was counted over all of them."""


class Verdict(Enum):
    """What came of something that was asked for."""

    PASS = "pass"  # noqa: S105  no password
    FAIL = "fail"
    CANNOT_TELL = "cannot_tell"


class AssertionRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="assertion"):
    """Whether something that `--assert` asked for held."""

    t: float
    expression: str
    """As it was written."""
    passed: bool
    """Whether it held; false where nobody can tell."""
    actual: float | None
    """The value, in `unit`; null where there is none, for `reason`."""
    unit: str
    """As `Unit` writes it: `ms`, `s`, `%`, `/s`, `dB`, or empty for a count."""
    n: int | None
    """Of how many values it is a statistic or a share; null where it is none."""
    reason: str
    """Why nobody can tell; empty where somebody can."""
    counted: str = ""
    """What `n` counts, where the expression does not say it: `words`, `characters`, or both."""
    verdict: Verdict = Verdict.CANNOT_TELL
    """What came of it: without a value nobody can tell."""

    def __post_init__(self) -> None:
        """Derive the verdict."""
        found = Verdict.CANNOT_TELL if self.actual is None else Verdict.PASS if self.passed else Verdict.FAIL
        msgspec.structs.force_setattr(self, "verdict", found)


Record = (
    SessionRecord | EventRecord | TurnRecord | ViolationRecord | ConfigRecord | LikelihoodRecord | StatusRecord
    | HealthRecord | RecordingRecord | SummaryRecord | TotalRecord | AssertionRecord
)  # fmt: skip


def to_json(record: Record) -> str:
    """Return a record as one line of JSON, without characters that a terminal obeys."""
    try:
        text = msgspec.json.encode(record).decode()
    except UnicodeEncodeError:  # a lone surrogate of a service's, which goes on record as it came
        text = _with_lone_surrogates(record)
    return escaped(text)


def _with_lone_surrogates(record: Record) -> str:
    import json  # rarely needed

    wire = record.event if isinstance(record, EventRecord) else None
    told = msgspec.to_builtins(record if wire is None else msgspec.structs.replace(record, event={}))
    told |= {} if wire is None else {"event": wire}

    def dump(mark: str) -> str:
        return json.dumps(
            told, ensure_ascii=False, separators=(",", ":"), default=lambda raw: mark + bytes(raw).decode()
        )

    # A vast number is `msgspec.Raw`, which that library does not know: it becomes a text that is marked, and no other.
    mark, text = "number ", dump("")
    while mark in text:
        mark += " "
    return re.sub(f'"{mark}([-+.0-9eE]*)"', r"\1", dump(mark))


def in_record(at: float) -> float:
    """Return seconds of session as they are written: to a tenth of a millisecond."""
    return round(at, 4)


def by_column(summaries: Mapping[str, Summary]) -> dict[str, Any]:
    """Return summaries of turns, given by key of their metric, as records have them."""
    return {metric.column: summary_in_data(summaries[metric.key], metric.unit) for metric in TURN_METRICS}


def turn_record(t: float, turn: Turn, figures: TurnFigures) -> TurnRecord:
    """Put a finished turn and its figures into the shape of the contract."""
    return TurnRecord(
        t=in_record(t),
        turn=turn.number,
        transcript=turn.transcript,
        speech_start_s=_position(figures.speech_start_position),
        speech_end_s=_position(figures.speech_end_position),
        eager_ends=figures.eager_ends,
        resumes=figures.resumes,
        eager_text_match=figures.eager_text_match.value if figures.eager_text_match else None,
        false_cutoff=figures.false_cutoff,
        spurious=figures.spurious,
        end_reason=figures.end_reason,
        first_of_connection=turn.first_of_connection,
        settings=turn.settings,
        slow=figures.slow,
        speech_start_file_s=_position(figures.speech_start_in_file),
        speech_end_file_s=_position(figures.speech_end_in_file),
        languages=turn.languages or None,
        **{metric.column: in_data(getattr(figures, metric.key), metric.unit) for metric in TURN_METRICS},
    )


def _position(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
