"""Records of the service's events and of finished turns, as `--json` prints them."""

from typing import TYPE_CHECKING, Any, Final

import msgspec

from stt_monitor.core.events import Language, Wire
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.marks import Marks, names_in_data
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.metrics.units import Unit, in_data
from stt_monitor.core.records.fields import Line, in_record, with_fields_for_metrics
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.turns.turn import Begin, Turn


class EventRecord(Line, frozen=True, tag_field="kind", tag="event"):
    """An event of the service, as it arrived."""

    t: float
    turn: int | None
    """Number of its turn, counted from 1 over the session; null for no turn."""
    state: str
    """State after the event: `idle`, `speaking`, `eager_end`."""
    event: Wire
    """The service's message, verbatim."""


class _TurnHead(Line, frozen=True, tag_field="kind", tag="turn"):
    t: float
    turn: int
    """Number of the turn, counted from 1 over the session."""
    transcript: str
    """Its last text."""
    speech_start_s: float | None
    """Onset of the turn's reference speech: position in the audio sent, seconds."""
    speech_end_s: float | None
    """End of the turn's reference speech: position in the audio sent, seconds."""


if TYPE_CHECKING:  # its fields are only known at run time
    _MeasuredTurn = _TurnHead
else:
    _MeasuredTurn = with_fields_for_metrics(_TurnHead, float | None)


class WhyPart(msgspec.Struct, frozen=True):
    """A part of `eot_latency_ms`."""

    until: str
    """What ends it: `eager_end`; `resume` (the eager end is revoked); `resumes` (the last eager end, after several that
    were resumed); then the end: `end_threshold`, `timeout`, `vad`, or `end` where nobody knows why."""
    ms: float
    """Milliseconds."""
    resumes: int = 0
    """Resumes in it, where it has several."""


class WhyOther(msgspec.Struct, frozen=True):
    """The setting that would have ended a turn soonest without another cut-off, or with the fewest."""

    setting: str
    """Its short name and its value: `end 0.45`."""
    sooner_ms: float
    """Milliseconds by which the turn would have ended sooner, to a tenth."""
    cut: int
    """Turns that would have been cut off, and were not."""
    split: int
    """Turns that would have ended in a pause that they survived, beside those of `cut`."""
    known: int
    """Turns of which that can be told."""
    turns: int
    """Turns that say something of the service: up to this one while the session is told, else all."""
    coarse: bool = False
    """Whether `sooner_ms` is the least: the service tells its likelihood seldom."""


class Why(msgspec.Struct, frozen=True):
    """Why a turn ended when it did (metrics.md 13)."""

    word: str = ""
    """It in a word, as in the table of turns."""
    parts: tuple[WhyPart, ...] = ()
    """They add up to `eot_latency_ms`; empty where that says nothing of the service."""
    equation: str = ""
    """The same in words, in whole milliseconds."""
    sentences: tuple[str, ...] = ()
    """What else is to be said, the most important first."""
    other: WhyOther | None = None
    """What another setting would have done, which the sentences say too; null where that cannot be told, or none would
    have ended the turn noticeably sooner."""


class TurnRecord(_MeasuredTurn, frozen=True, tag_field="kind", tag="turn"):
    """A finished turn, once its metrics are final: up to a second after its end, longer while speech is undecided."""

    eager_ends: int
    """Eager ends in the turn."""
    resumes: int
    """Eager ends that turn.resume revoked."""
    eager_text_match: str | None
    """Text at the confirmed eager end against the final text: `exact`, `normalised` (equal but for case, apostrophes
    and punctuation), `no`; null without a confirmed eager end."""
    false_cutoff: bool | None
    """It ended before its labelled end; without labels (`labelled_turns` of the session) a proxy: while reference
    speech went on or resumed within 1 s. Null where unknown."""
    spurious: bool | None
    """The service ended it, and it has no reference speech; null where unknown."""
    end_reason: str
    """`threshold`, `timeout`, `vad` where the service says so, else one of the first two, guessed from the time since
    speech ended; `manual` (the client asked for it), `closed` (our own `close` ended it), `dangling` (it never ended);
    empty where unknown."""
    first_of_connection: bool
    """It is the first of its connection: listed separately from summaries."""
    settings: TurnSettings = TurnSettings()
    """Settings of the turn; those not set were the service's defaults."""
    slow: bool = False
    """This machine, its network or the client held it up: summaries exclude it."""
    speech_start_file_s: float | None = None
    """`speech_start_s` in the file; all other positions are in the audio sent, some of it perhaps twice."""
    speech_end_file_s: float | None = None
    """`speech_end_s` in the file."""
    languages: tuple[Language, ...] | None = None
    """Languages of the turn, by the service; null where it reports none."""
    start: str = Begin.TOLD.value
    """How its start is known: `told` by the service; `derived` from its first text, and `onset_latency_ms` with it;
    `missing`: nothing came of the turn before its end."""
    end_reason_source: str = ""
    """`told` by the service, or `guessed`; empty where the service did not decide, or nobody knows."""
    not_applicable: tuple[str, ...] = ()
    """Fields that the service cannot have under the settings of the turn."""
    wasted_replies: int | None = None
    """Eager ends that were resumed, or whose text does not match the final text; null where the service did not end the
    turn, or it is slow."""
    pause_survived_ms: float | None = None
    """The longest pause in the turn that did not end it; null without one, and as above."""
    pause_cut_ms: float | None = None
    """Length of the pause that ended it, a cut-off; null without one, and as above."""
    interruption: bool | None = None
    """The agent started while the caller spoke (metrics.md 12); null where its side of the call is not heard."""
    why: Why = Why()
    """Why it ended when it did."""
    slow_because: tuple[str, ...] = ()
    """What held up a `slow` turn: `haste` (the client sent audio faster than it is spoken), `sending` (audio was sent
    late), `network` (the round trip of a ping), `local_server` (it fell behind)."""


class ViolationRecord(Line, frozen=True, tag_field="kind", tag="violation"):
    """A violated guarantee of the protocol: G1..G9 of protocol.md 6.3, those of services.md, or `bad_json`."""

    t: float
    rule: str
    """Name of the guarantee."""
    detail: str
    """Description of the violation."""


class UnknownRecord(Line, frozen=True, tag_field="kind", tag="unknown"):
    """A message of a type that this program does not know: no violation, for services may add types."""

    t: float
    type: str
    """Its type, by the service."""


class LikelihoodRecord(Line, frozen=True, tag_field="kind", tag="likelihood"):
    """The local server's likelihood that the user is inside a turn; only with `--trace`."""

    t: float
    points: list[tuple[float, float]]
    """Pairs of position in the audio sent, seconds, and likelihood, 0 to 1."""


_SOURCES: Final = {True: "told", False: "guessed", None: ""}


def turn_record(t: float, turn: Turn, metrics: TurnMetrics, marks: Marks, why: Why) -> TurnRecord:
    """Make the record of a finished turn from its metrics, what is special about them, and why it ended."""
    measured: dict[str, Any] = {
        metric.column: in_data(getattr(metrics, metric.key), metric.unit) for metric in TURN_METRICS
    }
    return TurnRecord(
        t=in_record(t),
        turn=turn.number,
        transcript=turn.transcript,
        speech_start_s=_position(metrics.speech_start_position),
        speech_end_s=_position(metrics.speech_end_position),
        eager_ends=metrics.eager_ends,
        resumes=metrics.resumes,
        eager_text_match=metrics.eager_text_match.value if metrics.eager_text_match else None,
        false_cutoff=metrics.false_cutoff,
        spurious=metrics.spurious,
        end_reason=metrics.end_reason,
        first_of_connection=turn.first_of_connection,
        settings=turn.settings,
        slow=metrics.slow,
        speech_start_file_s=_position(metrics.speech_start_in_file),
        speech_end_file_s=_position(metrics.speech_end_in_file),
        languages=turn.languages or None,
        start=turn.begin.value,
        end_reason_source=_SOURCES[metrics.end_reason_told],
        not_applicable=tuple(name for name in names_in_data(marks.absent) if name in TurnRecord.__struct_fields__),
        wasted_replies=metrics.wasted_replies,
        pause_survived_ms=in_data(metrics.pause_survived, Unit.MILLISECONDS),
        pause_cut_ms=in_data(metrics.pause_cut, Unit.MILLISECONDS),
        interruption=metrics.interruption,
        why=why,
        slow_because=tuple(cause.value for cause in metrics.slow_because),
        **measured,
    )


def _position(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
