"""How numbers, settings and turns are said in a report."""

from typing import Final

from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.session_metrics import QUANTITIES, Quantity, Unit
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import FinishedTurn

NONE: Final = "–"
"""Where there is no number."""

SERVER_DEFAULT: Final = "server default"

HOW_MEASURED: Final = (
    "Milliseconds, measured from reference speech as it was spoken. The first turn of a connection is listed apart, "
    "because services warm up; turns that our own close ended, that never ended or that were slow are not in it. "
    "p95 from 20 values on."
)

MARKS: Final = {
    "first": "The first turn of its connection: services warm up, so it is in no summary.",
    "~cut off": QUANTITIES["false_cutoffs"].meaning,
    "cut off": QUANTITIES["false_cutoffs"].meaning,
    "spurious": QUANTITIES["spurious"].meaning,
    "text changed": "The text at the eager end that stood is not the final text.",
    "timeout": "Ended by the service's timeout, not by its likelihood.",
    "closed": "Our own close ended it: nobody decided anything, it is in no summary.",
    "dangling": "Never ended: the connection was lost.",
    "slow": QUANTITIES["slow"].meaning,
}
"""What is said beside a turn, and what it means."""


def ms(seconds: float | None) -> str:
    """Write a time as whole milliseconds, without the unit."""
    return NONE if seconds is None else f"{seconds * 1000:.0f}"


def signed_ms(seconds: float) -> str:
    """Write a difference as whole milliseconds, with a proper sign."""
    value = round(seconds * 1000)
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value)}"  # noqa: RUF001  a minus, not a hyphen


def number(value: float | None) -> str:
    """Write a number as short as it can be."""
    return NONE if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


def percent(value: float, n: int) -> str:
    """Write a percentage of `n` things with as many digits as so many things can tell, without the sign."""
    return number(round(value, 0 if n < 100 else 1 if n < 1000 else 2))  # noqa: PLR2004  one of them is 1 %, 0.1 %


def tenths(value: float) -> str:
    """Write a number to a tenth."""
    return number(round(value, 1))


def quantity(each: Quantity, pool: Aggregate) -> str:
    """Write a quantity with its unit, and of how many things it is."""
    value = each.of(pool)
    if value is None:
        return NONE
    n = None if each.among is None else each.among(pool)
    written = percent(value, n) if each.unit is Unit.PERCENT and n is not None else number(value)
    unit = f" {each.unit.value}" if each.unit.value else ""
    return f"{written}{unit}" if n is None else f"{written}{unit} of {n}"


def clock(seconds: float) -> str:
    """Write a position in the audio as `m:ss.s`."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def settings_rows(settings: TurnSettings) -> list[tuple[str, str]]:
    """Return the turn settings, name and value."""
    return [(name, number_or_default(getattr(settings, name))) for name in TurnSettings.__struct_fields__]


def settings_in_words(settings: TurnSettings) -> str:
    """Return the turn settings that differ from the server's defaults, in one line."""
    given = [f"{name} {value}" for name, value in settings_rows(settings) if value != SERVER_DEFAULT]
    return ", ".join(given) or "server defaults"


def number_or_default(value: float | None) -> str:
    """Write a setting."""
    return SERVER_DEFAULT if value is None else number(value)


def marks(each: FinishedTurn, *, labelled: bool) -> list[str]:
    """Return what there is to say beside a turn, keys of `MARKS`."""
    figures = each.figures
    match = figures.eager_text_match
    return [
        *(["first"] if each.turn.first_of_connection else []),
        *([("cut off" if labelled else "~cut off")] if figures.false_cutoff else []),
        *(["spurious"] if figures.spurious else []),
        *(["text changed"] if match is not None and match.value == "no" else []),
        *([figures.end_reason] if figures.end_reason in MARKS else []),
        *(["slow"] if figures.slow else []),
    ]
