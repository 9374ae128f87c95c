"""Matches turns to reference speech: one rule for latencies, the longest gap, `missed` and `spurious`. Pure.

A turn claims the spans of speech that lie, at least in part, after the end of the turn before it (or after the first
audio of its connection), that began before it ended, and that ended at most `CLAIM_WINDOW_S` before its `turn.start`.
Its speech begins with the first of them, so that a late `turn.start` is late however often the speaker has paused
meanwhile. A span that no turn claims is missed; a turn without a span, if the service ended it, is spurious.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from stt_monitor.core.sound.reference_speech import Span

CLAIM_WINDOW_S: Final = 2.0
"""A turn that starts later than this after the end of a span does not claim it."""

REST_S: Final = 0.25
"""Speech that goes on for at most this long after the turn before is the rest of that turn's last word, if more speech
follows: ends are known no more exactly."""


class ClaimBounds(msgspec.Struct, frozen=True, gc=False):
    """When a turn can claim speech. Times are seconds of session."""

    since: float
    """End of the turn before it, or time of the first audio of its connection."""
    started: float
    ended: float
    """When it ended; infinite while it is open."""

    def covers(self, span: Span) -> bool:
        """Return whether the turn claims a span."""
        if span.onset > self.ended:
            return False
        return span.end is None or (span.end > self.since and self.started <= span.end + CLAIM_WINDOW_S)


def first_span(spans: Sequence[Span], bounds: ClaimBounds) -> Span | None:
    """Return the span with which a turn's speech begins, of those that it claims, in order; None if there are none.

    Its onset may lie before `bounds.since`: then the turn has the rest of a span, and no onset of its own.
    """
    if not spans:
        return None
    first, *others = spans
    is_rest = first.end is not None and first.onset < bounds.since and first.end - bounds.since <= REST_S
    return others[0] if is_rest and others and others[0].onset <= bounds.started else first
