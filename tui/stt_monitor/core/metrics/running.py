"""Running statistics of a session: counted as events happen, summarised once a turn's metrics are final."""

from array import array
from bisect import insort
from collections import deque
from math import inf
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.claims import CLAIM_WINDOW_S, ClaimBounds
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.inclusion import NOT_ENDED, Inclusion, inclusion
from stt_monitor.core.metrics.marks import Marks, together
from stt_monitor.core.metrics.pauses import Pauses
from stt_monitor.core.metrics.percentiles import Summary, summarise_ordered
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.sound.slowness import Slowness
from stt_monitor.core.turns.turn import Turn

_MISSED_KEPT: Final = 1000
"""Missed spans to keep at most: more than anybody looks at."""


class RunningStats:
    """Counts and summaries. Never changes those it has returned, but replaces them: a snapshot may hold them."""

    def __init__(self, most_missed: int = _MISSED_KEPT) -> None:
        """Start without turns; `most_missed`: missed spans to keep."""
        self._most_missed = min(most_missed, _MISSED_KEPT)
        self._counted = dict.fromkeys(Counts.__struct_fields__, 0)
        self._counts: Counts | None = None
        self._summaries: dict[str, Summary] | None = None
        self._values = {metric.key: array("d") for metric in TURN_METRICS}  # in ascending order
        self._marks: Marks | None = None
        self.pauses = Pauses()
        """The pauses of the turns that count."""
        self._unchecked: deque[Span] = deque()
        self.speech_checked = 0
        """Spans of reference speech that are known to be missed or not."""
        self.speech_delayed = 0
        """Spans for which that is unknown: something other than the service delayed them."""
        self.missed: tuple[Span, ...] = ()
        """The newest missed spans, oldest first."""

    @property
    def counts(self) -> Counts:
        """The counts; rebuilt on access after a change."""
        if self._counts is None:
            self._counts = Counts(**self._counted)
        return self._counts

    @property
    def summaries(self) -> dict[str, Summary]:
        """Summaries by key; computed on access after a change."""
        if self._summaries is None:
            self._summaries = {name: summarise_ordered(values) for name, values in self._values.items()}
        return self._summaries

    @property
    def marks(self) -> Marks | None:
        """What is special about the metrics of the turns; None without turns."""
        return self._marks

    def add_eager_end(self) -> None:
        """Count an eager end."""
        self._count("eager_ends")

    def add_resume(self) -> None:
        """Count a resume."""
        self._count("resumes")

    def add_turn(self, turn: Turn) -> None:
        """Count a finished turn, and its eager end if it was confirmed."""
        self._count("turns")
        if turn.end_reason in NOT_ENDED:
            self._count(turn.end_reason.value)
        if turn.confirmed_eager_end is not None:
            self._count("eager_ends_confirmed")

    def add_metrics(self, finished: FinishedTurn) -> None:
        """Add a turn's final metrics, to the summaries if it counts there."""
        metrics = finished.metrics
        where = inclusion(finished.turn, metrics)
        self._marks = finished.marks if self._marks is None else together([self._marks, finished.marks])
        self._count("slow", metrics.slow)
        self._count("wasted_replies", metrics.wasted_replies or 0)
        self._count("turns_ended", metrics.wasted_replies is not None)
        self._count("interruptions", metrics.interruption is True)
        self.pauses = self.pauses.with_turn(metrics)
        if not metrics.slow:
            self._count("false_cutoffs", metrics.false_cutoff is True)
            self._count("turns_checked", metrics.false_cutoff is not None)
            self._count("spurious", metrics.spurious is True)
        if where is not Inclusion.SUMMARY:
            return
        for name, values in self._values.items():
            value = getattr(metrics, name)
            if value is not None:
                insort(values, value)
        self._summaries = None

    def add_violations(self, number: int) -> None:
        """Count protocol violations."""
        self._count("violations", number)

    def add_unknown(self) -> None:
        """Count a message of an unknown type."""
        self._count("unknown_events")

    def add_error(self) -> None:
        """Count an error event."""
        self._count("errors")

    def add_repeat(self) -> None:
        """Count a message that repeats an ended turn."""
        self._count("repeats")

    def add_late_text(self) -> None:
        """Count text that came too late for its turn."""
        self._count("late_texts")

    def add_speech(self, span: Span) -> None:
        """Add a finished span of reference speech, to check later that a turn claims it."""
        self._unchecked.append(span)

    def next_speech_check(self) -> float:
        """Return when the next span can be checked: until then a turn may still claim it. Infinite without one."""
        return _end_of(self._unchecked[0]) + CLAIM_WINDOW_S if self._unchecked else inf

    def check_speech(
        self, speech: ReferenceSpeech, slowness: Slowness, turns: list[ClaimBounds], until: float
    ) -> list[Span]:
        """Count and return the missed spans: the service received them, no turn claims them. Checks each span once.

        Args:
            speech: knows which audio the service received.
            slowness: when events may have come too late to match.
            turns: the bounds of the latest turns.
            until: time up to which everything is known.
        """
        missed = []
        while self._unchecked and self.next_speech_check() <= until:
            span = self._unchecked.popleft()
            if any(bounds.covers(span) for bounds in reversed(turns)):
                self.speech_checked += 1
            elif slowness.overlaps(span.onset, _end_of(span) + CLAIM_WINDOW_S):
                self.speech_delayed += 1
            elif speech.was_received(span, CLAIM_WINDOW_S):
                self.speech_checked += 1
                missed.append(span)
        if missed:
            self.add_missed(len(missed))
            self.missed = (*self.missed, *missed)[-self._most_missed :]
        return missed

    def add_missed(self, spans: int) -> None:
        """Count missed spans of reference speech."""
        self._count("missed", spans)

    def _count(self, what: str, number: int = 1) -> None:
        self._counted[what] += number
        self._counts = None


def _end_of(span: Span) -> float:
    assert span.end is not None, "a span is checked once it has ended"
    return span.end
