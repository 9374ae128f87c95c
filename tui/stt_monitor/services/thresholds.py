"""Settings of services that compare the likelihood of being in a turn with three thresholds, and end turns in time."""

from typing import NamedTuple

from stt_monitor.core.settings.requested import Setting


class Bounds(NamedTuple):
    """Range and published default of a setting."""

    low: float
    high: float
    default: float


def thresholds(start: Bounds, eager_end: Bounds, end: Bounds) -> tuple[Setting, Setting, Setting]:
    """Return the thresholds: a turn starts above the first, and may be or is over below the others."""
    return (
        Setting(
            "start_threshold", *start,
            label="start",
            meaning="turn.start above this likelihood of being in a turn",
            hint="turn.start above this likelihood of a turn: lower starts sooner, and more often for nothing",
            larger="starts later",
            leads_to="speaking",
            step=0.05,
            fine=0.01,
        ),
        Setting(
            "eager_end_threshold", *eager_end,
            label="eager end",
            meaning="turn.eager_end below it",
            hint="turn.eager_end below it: higher guesses sooner, and is wrong more often",
            larger="guesses sooner",
            leads_to="eager_end",
            step=0.05,
            fine=0.01,
        ),
        Setting(
            "end_threshold", *end,
            label="end",
            meaning="turn.end below it",
            hint="turn.end below it: higher ends sooner, and cuts off more often",
            larger="ends sooner",
            leads_to="idle",
            step=0.05,
            fine=0.01,
        ),
    )  # fmt: skip


def end_timeout(bounds: Bounds) -> Setting:
    """Return the setting that ends a turn so many milliseconds after speech."""
    return Setting(
        "end_timeout_ms", *bounds,
        label="timeout",
        meaning="turn.end this long after speech, whatever the likelihood",
        hint="turn.end this long after speech, whatever the likelihood",
        larger="ends later",
        unit="ms",
        step=500.0,
        fine=100.0,
    )  # fmt: skip
