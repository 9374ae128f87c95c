"""When something was, as people read it: where they live. Moments are kept as RFC 3339 texts, which may be damaged."""

from datetime import datetime
from typing import Final

UNKNOWN: Final = "–"


def local(moment: str) -> datetime | None:
    """Return a moment in local time; None if it is none."""
    try:
        return datetime.fromisoformat(moment).astimezone()
    except (ValueError, OverflowError, OSError):  # no moment, or one that no calendar here reaches
        return None


def when(moment: str) -> str:
    """Write a moment to the minute, in local time."""
    found = local(moment)
    return UNKNOWN if found is None else f"{found:%Y-%m-%d %H:%M}"


def when_exactly(moment: str) -> str:
    """Write a moment to the second, in local time, with its zone: it is read elsewhere too."""
    found = local(moment)
    if found is None:
        return UNKNOWN
    offset = found.isoformat(timespec="seconds")[len("2026-01-01T00:00:00") :]
    return f"{found:%Y-%m-%d %H:%M:%S} UTC{offset if found.utcoffset() else ''}"
