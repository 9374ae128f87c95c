"""Reference speech on the session's clock, to measure the service against (metrics.md 1)."""

from collections import deque
from collections.abc import Iterable
from math import inf
from typing import Final, Self

import msgspec

from stt_monitor.core.kept import FOR_SCREEN

_STRETCHES_KEPT: Final = 100
"""Unreceived stretches to keep; it takes many seconds to find a connection dead."""


class Span(msgspec.Struct, frozen=True, gc=False):  # no cycles, and there are many
    """A span of speech. Times are seconds of session, positions seconds of audio; without an end it is going on."""

    onset: float
    onset_position: float
    end: float | None = None
    end_position: float | None = None
    continues: bool = False
    """Whether it goes on with the labelled turn of the span before, after a pause. A detector knows no turns."""
    onset_in_file: float | None = None
    """Seconds of the file, where audio that was sent again has its old position; None without a file."""
    end_in_file: float | None = None
    pauses: bool = False
    """Whether its labelled turn goes on after a pause: with the next span, unless the recording breaks off."""


class ReferenceSpeech:
    """The spans found so far, and the time up to which they are decided.

    The detector lags behind the audio: spans arrive after the events that they explain.
    """

    def __init__(self, *, labelled_turns: bool = False, most: int = FOR_SCREEN.spans) -> None:
        """Start without speech.

        Args:
            labelled_turns: whether `Span.continues` tells turns and their pauses.
            most: spans to keep. A turn needs a few, the timeline any of them.
        """
        self.labelled_turns = labelled_turns
        self._most = most
        self._spans: deque[Span] = deque(maxlen=FOR_SCREEN.spans)
        self._cached: tuple[Span, ...] | None = ()
        self.decided_until = -inf
        """Session time before which no more onsets and ends can appear."""
        self._unreceived: deque[tuple[float, float]] = deque(maxlen=_STRETCHES_KEPT)
        self._lost_at: deque[float] = deque(maxlen=_STRETCHES_KEPT)

    @classmethod
    def known(cls, spans: Iterable[Span], *, labelled_turns: bool = False) -> Self:
        """Return reference speech of which all is known: these spans, oldest first; the rest is as in `__init__`."""
        speech = cls(labelled_turns=labelled_turns)
        speech._spans.extend(spans)
        speech._cached = None
        speech.finish()
        return speech

    @property
    def speaking(self) -> bool:
        """Whether the last span is going on."""
        return bool(self._spans) and self._spans[-1].end is None

    @property
    def spans(self) -> tuple[Span, ...]:
        """The newest spans, oldest first; rebuilt on access after a change."""
        if self._cached is None:
            self._cached = tuple(self._spans)
        return self._cached

    def add_onset(self, at: float, position: float, in_file: float | None = None, *, continues: bool = False) -> None:
        """Begin a span."""
        self._spans.append(Span(at, position, continues=continues, onset_in_file=in_file))
        self._cached = None

    def add_end(self, at: float, position: float, in_file: float | None = None, *, pauses: bool = False) -> Span | None:
        """End the span that is going on and return it; None without one."""
        if not self.speaking:
            return None
        ended = {"end": at, "end_position": position, "end_in_file": in_file, "pauses": pauses}
        span = msgspec.structs.replace(self._spans.pop(), **ended)
        place = len(self._spans)
        while place and self._spans[place - 1].onset > span.onset:  # in audio that was sent again
            place -= 1
        self._spans.insert(place, span)
        self._cached = None
        return span

    def forget(self, before: float) -> None:
        """Forget spans that ended before a session time, beyond those to keep."""
        while len(self._spans) > self._most and (end := self._spans[0].end) is not None and end < before:
            self._spans.popleft()
            self._cached = None

    def add_unreceived(self, start_position: float, stop_position: float) -> None:
        """Add a stretch of audio that did not reach the service."""
        self._unreceived.append((start_position, stop_position))

    def add_disconnect(self, at: float) -> None:
        """Add the time of a lost connection: the service could not answer the audio before it."""
        self._lost_at.append(at)

    def was_received(self, span: Span, answered_within: float) -> bool:
        """Return whether the service got at least the start of a span, and a number of seconds to respond."""
        until = inf if span.end is None else span.end + answered_within
        return not any(start <= span.onset_position < stop for start, stop in self._unreceived) and not any(
            span.onset <= at <= until for at in self._lost_at
        )

    def finish(self) -> None:
        """End the audio: all is decided."""
        self.decided_until = inf

    def between(self, start: float, stop: float) -> Iterable[Span]:
        """Return the spans that overlap a range of session time, oldest first."""
        found: list[Span] = []
        for span in reversed(self._spans):  # queries are about the newest
            if span.end is not None and span.end < start:
                break
            if span.onset <= stop:
                found.append(span)
        found.reverse()
        return found
