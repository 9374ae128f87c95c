"""When to try again to connect, and how fast to send afterwards. Pure: time and chance are arguments."""

from typing import Final

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 8.0
LEAST_SHARE: Final = 0.75
"""The vendor's SDK waits between this share of a delay and the whole of it (protocol 14.1)."""

RECONNECTS: Final = 6
"""Attempts, one after another, to get a lost connection back: some 20 s of waiting in all."""

FIRST_RETRIES: Final = 2
"""Attempts, after the first, to get a session's first connection: who mistyped an address is told so soon."""

STEADY_S: Final = 5.0
"""A connection that lasted this long was a good one: the attempts are counted anew."""

CATCH_UP_SPEED: Final = 1.5
"""Audio that waited is sent at most this many times as fast as it was spoken; bursts are refused (protocol 3)."""

GRACE_S: Final = 0.1
"""A hiccup this long is made up for at once: no more than what the network itself bunches together."""


def delay(attempt: int, chance: float) -> float:
    """Return how many seconds to wait before an attempt to connect (protocol 14.1).

    Args:
        attempt: counted from 1.
        chance: of 0..1, drawn anew each time, so that many clients do not come back in one instant.
    """
    longest = min(FIRST_DELAY_S * 2.0 ** min(attempt - 1, 30), LONGEST_DELAY_S)
    return longest * (LEAST_SHARE + (1 - LEAST_SHARE) * chance)


class Throttle:
    """Keeps audio that waited from being sent in a burst: each chunk keeps those after it off for a while."""

    def __init__(self, speed: float = CATCH_UP_SPEED) -> None:
        self._speed = speed
        self._free_at = float("-inf")

    def wait(self, now: float) -> float:
        """Return for how many seconds the next chunk must not be sent yet."""
        return max(0.0, self._free_at - now)

    def sent(self, length: float, now: float) -> None:
        """Note that `length` seconds of audio are being sent."""
        self._free_at = max(self._free_at, now - GRACE_S) + length / self._speed
