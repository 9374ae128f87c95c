"""The figures of a setting, in the order of all tables."""

from typing import Final

import msgspec

from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.sweep.result import Figure, Figures, Part
from stt_monitor.core.text.wording import DERIVED


class Column(msgspec.Struct, frozen=True):
    """A figure."""

    key: str
    """Its field in `Figures`."""
    heading: str
    short: tuple[str, str]
    """The heading in two lines of a narrow column; the upper one may be that of the column before."""
    unit: Unit
    meaning: str
    guessed: bool = False
    """Whether it is a guess without labels."""

    @property
    def name(self) -> str:
        """Its name in data, which ends in its unit."""
        return self.key if self.unit is Unit.COUNT else f"{self.key}_{self.unit.word}"

    def of(self, figures: Figures) -> Figure:
        """Return it."""
        figure: Figure = getattr(figures, self.key)
        return figure

    def head(self, *, exact: bool) -> str:
        """Return the heading, marked where the figure is a guess."""
        unit = f", {self.unit.value}" if self.unit.value else ""
        return f"{self.sign(exact=exact)}{self.heading}{unit}"

    def sign(self, *, exact: bool) -> str:
        """Return the mark before the heading of a guessed figure; else nothing."""
        return DERIVED if self.guessed and not exact else ""


_MS: Final = Unit.MILLISECONDS
_SHARE: Final = Unit.PERCENT

COLUMNS: Final = (
    Column(
        "eot_p50", "eot p50", ("eot", "p50"), _MS,
        "End of speech to turn.end, median. A turn without an end is infinitely late.",
    ),
    Column("eot_p90", "eot p90", ("", "p90"), _MS, "The same, for the slowest tenth."),
    Column(
        "cut_turns", "turns cut off", ("cut off", "turns"), _SHARE, "Turns that were ended before their end.",
        guessed=True,
    ),
    Column(
        "cut_pauses", "pauses cut off", ("", "pauses"), _SHARE, "Pauses inside turns on which a turn.end fell.",
        guessed=True,
    ),
    Column("missed", "missed", ("", "missed"), _SHARE, "Turns of which the service heard nothing."),
    Column(
        "not_ended", "not ended", ("not", "ended"), _SHARE, "Turns that it heard, and did not end before the next.",
        guessed=True,
    ),
    Column(
        "eager_precision", "eager right", ("eager", "right"), _SHARE,
        "Eager ends confirmed, of those confirmed or taken back.",
    ),
    Column(
        "eager_lead", "lead p50", ("", "lead"), _MS, "Head start of an early reply: confirmed eager end to turn.end."
    ),
    Column(
        "wasted_replies", "wasted", ("", "wasted"), Unit.COUNT,
        "Early replies for nothing, per turn: taken back, or new text.",
    ),
)  # fmt: skip
BY_KEY: Final = {column.key: column for column in COLUMNS}


def shown_columns(part: Part) -> list[Column]:
    """Return the columns that any setting has a value in."""
    return [column for column in COLUMNS if any(column.of(each.shown).n for each in part.settings)]
