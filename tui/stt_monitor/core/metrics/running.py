"""Running totals of a session: counted as things happen, summarised when a turn's figures are final."""

from array import array
from bisect import insort
from collections import deque
from math import inf

from stt_monitor.core.metrics.claims import CLAIM_WINDOW_S, Reach
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.percentiles import Summary, summarise_ordered
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.sound.slowness import Slowness
from stt_monitor.core.state_machine import EndReason, Turn


class RunningStats:
    """Summaries and counts; those that were handed out are replaced, never changed: a snapshot may keep them."""

    def __init__(self) -> None:
        self._counted = dict.fromkeys(Counts.__struct_fields__, 0)
        self._counts: Counts | None = None
        self._summaries: dict[str, Summary] | None = None
        self._values = {metric.key: array("d") for metric in TURN_METRICS}  # in ascending order
        self._unjudged: deque[Span] = deque()
        self.speech_judged = 0
        """Spans of reference speech of which it is known whether they were missed."""
        self.speech_held_up = 0
        """Spans of which nobody can tell: this machine or its line was too slow while they were said, or answered."""

    @property
    def counts(self) -> Counts:
        """What was counted; made anew only when somebody wants to see it and something has changed."""
        if self._counts is None:
            self._counts = Counts(**self._counted)
        return self._counts

    @property
    def summaries(self) -> dict[str, Summary]:
        """By key; computed when somebody wants to see them."""
        if self._summaries is None:
            self._summaries = {name: summarise_ordered(values) for name, values in self._values.items()}
        return self._summaries

    def guessed(self) -> None:
        """Count an eager end."""
        self._count("eager_ends")

    def resumed(self) -> None:
        """Count an eager end that was taken back."""
        self._count("resumes")

    def ended(self, turn: Turn) -> None:
        """Count a turn that is over, and its eager end if it stood."""
        self._count("turns")
        if turn.end_reason in (EndReason.CLOSED, EndReason.DANGLING):
            self._count(turn.end_reason.value)
        if turn.standing_guess is not None:
            self._count("eager_ends_confirmed")

    def settled(self, finished: FinishedTurn) -> None:
        """Add a turn's final figures, to the summaries if they are about such turns."""
        figures = finished.figures
        where = inclusion(finished.turn, figures)
        self._count("slow", figures.slow)
        if not figures.slow:
            self._count("false_cutoffs", figures.false_cutoff is True)
            self._count("spurious", figures.spurious is True)
        if where is not Inclusion.SUMMARY:
            return
        for name, values in self._values.items():
            value = getattr(figures, name)
            if value is not None:
                insort(values, value)
        self._summaries = None

    def slipped(self, rules: list[str]) -> None:
        """Count violations of the protocol, by their rules."""
        self._count("violations", len(rules))
        self._count("unknown_events", rules.count("unknown_type"))

    def failed(self) -> None:
        """Count an error event."""
        self._count("errors")

    def spoken(self, span: Span) -> None:
        """Note a span of reference speech that is over: it ought to have its turn."""
        self._unjudged.append(span)

    def judges_at(self) -> float:
        """Return when the next span can be judged: until then it may still get its turn."""
        return _ended(self._unjudged[0]) + CLAIM_WINDOW_S if self._unjudged else inf

    def judge(self, speech: ReferenceSpeech, slowness: Slowness, turns: list[Reach], until: float) -> list[Span]:
        """Count and return the spans that the service has heard and no turn is about; each span is judged once.

        Args:
            speech: knows what was heard.
            slowness: when an answer may have come too late to be known as one.
            turns: what speech the latest turns can be about.
            until: what happened before is known.
        """
        missed = []
        while self._unjudged and self.judges_at() <= until:
            span = self._unjudged.popleft()
            if any(reach.covers(span) for reach in reversed(turns)):
                self.speech_judged += 1
            elif slowness.in_stretch(span.onset, _ended(span) + CLAIM_WINDOW_S):
                self.speech_held_up += 1
            elif speech.was_heard(span, CLAIM_WINDOW_S):
                self.speech_judged += 1
                missed.append(span)
        if missed:
            self.missed(len(missed))
        return missed

    def missed(self, spans: int) -> None:
        """Count spans of reference speech that no turn is about."""
        self._count("missed", spans)

    def _count(self, what: str, number: int = 1) -> None:
        self._counted[what] += number
        self._counts = None


def _ended(span: Span) -> float:
    assert span.end is not None, "a span is judged once it is over"
    return span.end
