"""Formats RFC 3339 times, which may be damaged, in local time; and durations. Rounds times of a session."""

from datetime import datetime

from stt_monitor.core.text.wording import NO_VALUE


def to_the_millisecond(seconds: float) -> float:
    """Round a time; one in the middle of two milliseconds falls the same way however it was computed."""
    return round(round(seconds, 6), 3)


def local(moment: str) -> datetime | None:
    """Parse a time into local time; None if it is not valid."""
    try:
        return datetime.fromisoformat(moment).astimezone()
    except (ValueError, OverflowError, OSError):  # not a time, or out of the calendar's range
        return None


def when(moment: str) -> str:
    """Format a time to the minute, in local time."""
    found = local(moment)
    return NO_VALUE if found is None else f"{found:%Y-%m-%d %H:%M}"


def when_exactly(moment: str) -> str:
    """Format a time to the second, in local time, with its zone for readers elsewhere."""
    found = local(moment)
    if found is None:
        return NO_VALUE
    offset = found.isoformat(timespec="seconds")[len("2026-01-01T00:00:00") :]
    return f"{found:%Y-%m-%d %H:%M:%S} UTC{offset if found.utcoffset() else ''}"


def duration(seconds: float) -> str:
    """Format a duration to the second, as the clock of a session: `0:42`, `3:07`, `1:02:03`; rounded down."""
    whole = int(seconds + 1e-6)  # a sum of parts may be a hair below a second
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def lasting(seconds: float) -> str:
    """Format a duration to the tenth of a second, from a minute on to the second: `3.2 s`, `1:05`; rounded down."""
    tenths = int(round(max(0.0, seconds) * 10, 6))  # a difference of two times may be a hair below a tenth
    return f"{tenths // 10}.{tenths % 10} s" if tenths < 600 else duration(tenths // 10)  # noqa: PLR2004 - a minute
