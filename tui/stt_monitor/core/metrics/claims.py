"""Which reference speech a turn is about: one rule for its latencies, its longest gap, `missed` and `spurious`. Pure.

A turn is about the stretches of speech that lie, at least in part, behind the end of the turn before it (or behind the
first audio of its connection), that began before it was over, and that ended no more than `CLAIM_WINDOW_S` before its
`turn.start`. Its speech begins with the first of them, so that a `turn.start` that comes late is late however often the
speaker has paused meanwhile. A stretch that no turn is about is missed; a turn that is about none, and that the
service ended, is spurious.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from stt_monitor.core.sound.reference_speech import Span

CLAIM_WINDOW_S: Final = 2.0
"""A turn that starts later than this after a stretch of speech ended is not about it."""

REST_S: Final = 0.25
"""What goes on no longer than this behind the turn before is the rest of that turn's last word, if more speech follows:
no end is known more exactly."""


class Reach(msgspec.Struct, frozen=True, gc=False):
    """What speech a turn can be about. Times are seconds of session."""

    since: float
    """When the turn before it ended, or when the first audio of its connection was spoken."""
    started: float
    over: float
    """When it ended; infinite while it is open."""

    def covers(self, span: Span) -> bool:
        """Whether the turn is about a stretch of speech."""
        if span.onset > self.over:
            return False
        return span.end is None or (span.end > self.since and self.started <= span.end + CLAIM_WINDOW_S)


def first_of(spans: Sequence[Span], reach: Reach) -> Span | None:
    """Return the stretch that a turn's speech begins with, of those that it is about, in order; None if there are none.

    Its onset may lie before the turn's reach: then the turn has the rest of a stretch, and no onset of its own.
    """
    if not spans:
        return None
    first, *others = spans
    left = first.end is not None and first.onset < reach.since and first.end - reach.since <= REST_S
    return others[0] if left and others and others[0].onset <= reach.started else first
