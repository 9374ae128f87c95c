"""A line of `stt-monitor sweep --json`. Pure."""

import msgspec

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sweep.outcome import CellOutcome


class CellRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="cell"):
    """A finished cell of a sweep: one session."""

    t: float
    """Seconds since this run of the sweep began."""
    number: int
    """Number of the cell in the sweep, from 1: its folder's name begins with it."""
    settings: TurnSettings
    """The turn settings that vary."""
    recording: str
    """Path of the recording."""
    arm: str
    """How its sound was degraded, in the words of `--degrade`; empty for the clean sound."""
    repetition: int
    """Counted from 1."""
    session: str
    """Folder of its saved session."""
    outcome: CellOutcome | None
    """What its session says; null where it failed."""
    problem: str
    """Why it does not count; empty for one that does."""
