"""The account of a finished turn: where the time from the end of speech to its end went. Pure."""

from collections.abc import Callable
from functools import cached_property
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.text.wording import DERIVED
from stt_monitor.core.turns.turn import EndReason
from stt_monitor.core.what_if.evidence import HAIR_S
from stt_monitor.core.why.facts import Facts
from stt_monitor.core.why.other import Other
from stt_monitor.core.why.parts import Part, Until, split
from stt_monitor.core.why.sentences import back_in_text, equation, sentences
from stt_monitor.core.why.words import Word

_LATER: Final = Other(unknown="a cut-off would have had to end later, and no likelihood follows its end")
_UNTIL: Final = {"threshold": Until.THRESHOLD, "timeout": Until.TIMEOUT, "vad": Until.VAD}
_OF_PART: Final = {
    Until.EAGER_END: Word.EAGER,
    Until.RESUME: Word.RESUMED,
    Until.RESUMES: Word.RESUMED,
}
_NOT_ENDED: Final = {
    Inclusion.CLOSED: Word.CLOSED,
    Inclusion.MANUAL: Word.MANUAL,
    Inclusion.DANGLING: Word.DANGLING,
    Inclusion.SLOW: Word.SLOW,
}


class Account(Facts, frozen=True, dict=True):
    """Why a turn ended when it did. All that it says is in its fields."""

    @property
    def word(self) -> str:
        """It in a word."""
        back = "" if self.why is not Word.CUT or self.speech_back is None else f" +{back_in_text(self.speech_back)}"
        return f"{self.sign}{self.why.value}{back}"

    @cached_property
    def equation(self) -> str:
        """How the parts add up, in whole milliseconds; empty without any."""
        return equation(self.parts, end_threshold=self.end_threshold)

    @property
    def in_full(self) -> str:
        """The word, the equation and the sentences, in one text."""
        return f"{self.word}: {' '.join([*([f'{self.equation}.'] if self.equation else []), *self.sentences])}"

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What is to be said beside the equation, the most important first."""
        return sentences(self)


def account_of(
    finished: FinishedTurn, schema: Schema, others: Callable[[FinishedTurn], Other | None] | None = None
) -> Account:
    """Account for a finished turn, as far as it is known.

    Args:
        finished: the turn.
        schema: of its service's settings.
        others: tells what another setting would have done, which may take its time; None: say nothing of that.
    """
    turn, metrics = finished.turn, finished.metrics
    where = inclusion(turn, metrics)
    parts = _parts(finished) if where in (Inclusion.SUMMARY, Inclusion.FIRST) else ()
    why = _NOT_ENDED.get(where) or _why(finished, parts)
    over = turn.over_at
    back = next((span.onset for span in metrics.speech if span.onset > over), None) if metrics.false_cutoff else None
    ended = turn.end_reason is EndReason.ENDED
    final = metrics.final_text_latency
    late = None if final is None or metrics.eot_latency is None else final - metrics.eot_latency
    threshold = schema.threshold("idle")
    early = None
    if parts and metrics.eager_lead is not None:
        before = metrics.eager_lead - parts[-1].end
        early = before if before > HAIR_S else None
    return Account(
        why,
        parts,
        sign=_sign(finished, why),
        end_threshold=threshold is not None,
        of_confidence=threshold is not None and threshold.confidence_of_end,
        held=finished.held if parts else None,
        send_lag=finished.send_lag if parts or where is Inclusion.SLOW else None,
        server_lag=finished.server_lag if parts or where is Inclusion.SLOW else None,
        timeout=schema.end_timeout_s(turn.settings) if ended else None,
        told=metrics.end_reason_told,
        early=early,
        lead=metrics.eager_lead if where is not Inclusion.SLOW else None,
        speech_back=None if back is None else back - over,
        pause_cut=metrics.pause_cut,
        pause_survived=metrics.pause_survived,
        heard_late=metrics.service_end_error if parts else None,
        text_after=late if parts and late else None,
        other=None if others is None or not parts else _other(others(finished), why),
        slow_because=metrics.slow_because if where is Inclusion.SLOW else (),
        first=where is Inclusion.FIRST,
    )


def _other(other: Other | None, why: Word) -> Other | None:
    return _LATER if other is not None and why is Word.CUT else other


def word_of(finished: FinishedTurn) -> str:
    """Return the word of a turn's account, which needs no settings."""
    return account_of(finished, _NO_SETTINGS).word


_NO_SETTINGS: Final = Schema(())


def _parts(finished: FinishedTurn) -> tuple[Part, ...]:
    eot = finished.metrics.eot_latency
    if eot is None:
        return ()
    until = _UNTIL.get(finished.metrics.end_reason, Until.END)
    return split(finished.turn, eot, finished.metrics.eager_latency, until)


def _why(finished: FinishedTurn, parts: tuple[Part, ...]) -> Word:
    """Return the word for a turn that the service ended."""
    metrics = finished.metrics
    if metrics.false_cutoff:
        return Word.CUT
    if metrics.spurious:
        return Word.SPURIOUS
    if metrics.end_reason in ("timeout", "vad"):
        return Word(metrics.end_reason)
    if not parts:
        if metrics.end_reason:
            return Word.THRESHOLD
        return Word.PENDING if metrics.pending else Word.UNKNOWN
    longest = max(parts, key=lambda part: part.ms)
    return _OF_PART.get(longest.until) or (Word.WAITED if finished.turn.confirmed_eager_end else Word.THRESHOLD)


def _sign(finished: FinishedTurn, why: Word) -> str:
    if why is Word.CUT:
        return finished.marks.cut_sign
    guessed = finished.marks.tells_reason and finished.metrics.end_reason_told is False
    return DERIVED if guessed and why in (Word.TIMEOUT, Word.THRESHOLD) else ""
