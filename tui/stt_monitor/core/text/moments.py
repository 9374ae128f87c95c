"""Formats RFC 3339 times, which may be damaged, in local time."""

from datetime import datetime

from stt_monitor.core.text.wording import NO_VALUE


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
