"""The clock, as a parameter: a test may have another than the machine's."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, Self

Clock = Callable[[], float]
"""Returns the monotonic time in seconds; callable from any thread.

Waits are the event loop's, and end by its clock: the two must agree, as `time.monotonic` and asyncio's loops do.
"""


class Instant(NamedTuple):
    """One instant on both clocks."""

    at: float
    """By a `Clock`."""
    wall: str
    """RFC 3339, UTC."""

    @classmethod
    def now(cls, clock: Clock) -> Self:
        """Return the present instant."""
        return cls(clock(), datetime.now(UTC).isoformat(timespec="milliseconds"))
