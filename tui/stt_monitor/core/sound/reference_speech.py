"""Reference speech on the session's clock: when somebody spoke, to measure the service against (metrics.md 1)."""

from collections import deque
from collections.abc import Iterable
from math import inf
from typing import Final

import msgspec

_KEPT: Final = 10_000
"""Spans remembered: some hours of talk. A turn looks back a few, the timeline as far as it likes."""
_STRETCHES_KEPT: Final = 100
"""Unheard stretches remembered; it takes many seconds to find a line dead."""


class Span(msgspec.Struct, frozen=True, gc=False):  # no cycles, and there are many
    """A stretch of speech. Times are seconds of session, positions seconds of audio; without an end it is going on."""

    onset: float
    onset_position: float
    end: float | None = None
    end_position: float | None = None


class ReferenceSpeech:
    """The spans found so far, and up to when they are known.

    The detector lags behind the sound, so spans arrive after the events that they explain.
    """

    def __init__(self) -> None:
        self._spans: deque[Span] = deque(maxlen=_KEPT)
        self._view: tuple[Span, ...] | None = ()
        self.decided_until = -inf
        """Session time before which no onset and no end can still turn up."""
        self._unheard: deque[tuple[float, float]] = deque(maxlen=_STRETCHES_KEPT)
        self._lost_at: deque[float] = deque(maxlen=_STRETCHES_KEPT)

    @property
    def speaking(self) -> bool:
        """Whether the last span is still going on."""
        return bool(self._spans) and self._spans[-1].end is None

    @property
    def view(self) -> tuple[Span, ...]:
        """The spans that are remembered, oldest first; made anew only when there is something new."""
        if self._view is None:
            self._view = tuple(self._spans)
        return self._view

    def onset(self, at: float, position: float) -> None:
        """Note that speech began."""
        self._spans.append(Span(at, position))
        self._view = None

    def end(self, at: float, position: float) -> Span | None:
        """Note that the speech going on ended, and return it; ignored when there is none."""
        if not self.speaking:
            return None
        self._spans.append(msgspec.structs.replace(self._spans.pop(), end=at, end_position=position))
        self._view = None
        return self._spans[-1]

    def unheard(self, start_position: float, stop_position: float) -> None:
        """Note that the service has not heard what lies between two positions."""
        self._unheard.append((start_position, stop_position))

    def line_lost(self, at: float) -> None:
        """Note that the service was cut off from us: it could not answer to what it had just heard."""
        self._lost_at.append(at)

    def was_heard(self, span: Span, answered_within: float) -> bool:
        """Whether the service has heard a span, at least its beginning, and had so many seconds to answer."""
        until = inf if span.end is None else span.end + answered_within
        return not any(start <= span.onset_position < stop for start, stop in self._unheard) and not any(
            span.onset <= at <= until for at in self._lost_at
        )

    def finished(self) -> None:
        """Note that no more audio will come: all is decided."""
        self.decided_until = inf

    def between(self, start: float, stop: float) -> Iterable[Span]:
        """Give the spans of which some part lies between two session times, oldest first."""
        found: list[Span] = []
        for span in reversed(self._spans):  # it is the newest that are asked for
            if span.end is not None and span.end < start:
                break
            if span.onset <= stop:
                found.append(span)
        found.reverse()
        return found
