"""When to retry a connection, and how fast to send afterwards. Pure: time and chance are arguments."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Final

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 8.0
LEAST_SHARE: Final = 0.75
"""The vendor's SDK waits between this share of a delay and the whole of it (protocol.md 14.1)."""

RECONNECTS: Final = 6
"""Retries of a lost connection, one after another: some 20 s of waiting in all."""

FIRST_RETRIES: Final = 2
"""Retries of a session's first connection: few, so that a mistyped address shows soon."""

BUSY_S: Final = 30.0
"""A busy service (429, 5xx) is retried for this long in all, as it asks."""

EARLY_S: Final = 0.001
"""A timer may end this much early; a shorter wait counts as none."""

STEADY_S: Final = 5.0
"""A connection that lasted this long resets the count of attempts."""

CLOCK_DRIFT: Final = 0.002
"""The clock of a sound device may be faster than ours by this share: its audio is in real time all the same."""

GRACE_S: Final = 0.1
"""Delays up to this are caught up at once, as networks bunch as much."""


def delay(attempt: int, chance: float) -> float:
    """Return how many seconds to wait before an attempt to connect (protocol.md 14.1).

    Args:
        attempt: counted from 1.
        chance: of 0..1, drawn anew each time, so that many clients do not come back in one instant.
    """
    longest = min(FIRST_DELAY_S * 2.0 ** min(attempt - 1, 30), LONGEST_DELAY_S)
    return longest * (LEAST_SHARE + (1 - LEAST_SHARE) * chance)


def told_wait(retry_after: Sequence[str], date: Sequence[str] = (), now: datetime | None = None) -> float | None:
    """Read how many seconds a service asks to wait: `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).

    Args:
        retry_after: the values of that header; the first one counts.
        date: those of `Date`: by the service's own clock a date needs no other clock to be right.
        now: the time by our clock; default: the current one.

    Returns:
        Seconds, 0 for a date in the past; None when it says nothing that can be read.
    """
    if not retry_after:
        return None
    text = retry_after[0].strip()
    try:
        seconds = float(text)
    except ValueError:
        until = _moment(text)
        if until is None:
            return None
        since = (_moment(date[0]) if date else None) or now or datetime.now(UTC)
        return max(0.0, (until - since).total_seconds())
    return seconds if isfinite(seconds) and seconds >= 0 else None


class Patience:
    """Decides how long to retry an unreachable or busy service."""

    def __init__(self) -> None:
        self.attempts = 0
        """Failed attempts in a row."""
        self.unreached = 0
        """Those of them in which the service was not busy."""
        self._busy_since: float | None = None

    def renew(self) -> None:
        """Reset after a good connection."""
        self.attempts, self.unreached, self._busy_since = 0, 0, None

    def pause(
        self, now: float, chance: float, *, retries: int | None, told: float | None = None, passing: bool = True
    ) -> float | None:
        """Count a failed attempt; returns how many seconds to wait before the next, None to give up.

        Args:
            now: seconds of any clock.
            chance: as for `delay`.
            retries: how often it may be tried again; None for a busy service, which is tried for `BUSY_S`.
            told: how long a busy service asked to wait; it may be longer than our own pause, but not shorter.
            passing: whether trying again may help at all.
        """
        self.attempts += 1
        if not passing:
            return None
        if retries is not None:
            self.unreached += 1
            return delay(self.unreached, chance) if self.unreached <= retries else None
        if self._busy_since is None:
            self._busy_since = now
        left = self._busy_since + BUSY_S - now
        if left <= EARLY_S or (told is not None and told > left):  # before then it would be refused again
            return None
        # A wait that it asked for, and refused again after, was too short, or none at all: 0, a date in the past.
        return max(told or 0.0, min(delay(self.attempts, chance), left))


class Throttle:
    """Keeps delayed audio from being sent in a burst: each chunk blocks the next for a while."""

    def __init__(self, speed: float) -> None:
        """Allow this speed, as a multiple of real time; 1 catches up on nothing: what is late stays late."""
        self._speed = max(speed, 1 + CLOCK_DRIFT)
        self._free_at = float("-inf")

    def wait(self, now: float) -> float:
        """Return for how many seconds the next chunk must not be sent yet."""
        return max(0.0, self._free_at - now)

    def sent(self, length: float, now: float) -> None:
        """Note that `length` seconds of audio are being sent."""
        self._free_at = max(self._free_at, now - GRACE_S) + length / self._speed


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
