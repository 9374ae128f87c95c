"""Records of what the service says and of finished turns, as `--json` prints them."""

from typing import TYPE_CHECKING

import msgspec

from stt_monitor.core.events import Language, Wire
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.metrics.units import in_data
from stt_monitor.core.records.fields import in_record, with_fields_for_metrics
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.state_machine import Turn


class EventRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="event"):
    """An event of the service, as it arrived."""

    t: float
    turn: int | None
    """The turn that it belongs to, counted from 1 over the session; null where it belongs to none."""
    state: str
    """The state after it: `idle`, `speaking`, `eager_end`."""
    event: Wire
    """The vendor's object, verbatim."""


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
    _MeasuredTurn = with_fields_for_metrics(_TurnHead, float | None)


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
    """`threshold`, `timeout`, `manual`, `vad` where the service says so, else one of the first two, derived from the
    time since speech ended; `closed` (our own `close` ended it), `dangling` (it never ended); empty where nobody can
    tell."""
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


class LikelihoodRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="likelihood"):
    """The local server's likelihood that the user is inside a turn, with `--trace` alone."""

    t: float
    points: list[tuple[float, float]]
    """Pairs of position in the audio that was sent, seconds, and likelihood, 0 to 1."""


def turn_record(t: float, turn: Turn, figures: TurnMetrics) -> TurnRecord:
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
