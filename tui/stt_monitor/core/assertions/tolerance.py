"""`--tolerance`: by how much a metric may be worse than the baseline's. Pure."""

import re
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.units import Unit, in_data
from stt_monitor.core.text.sanitize import printable

CUT_OFFS: Final = "cutoffs"
"""Unit of a number of cut-offs: a bare number may as well be a forgotten unit."""
_PART: Final = re.compile(rf"(?P<number>[0-9]+(?:\.[0-9]+)?) ?(?P<unit>%|ms|s|{CUT_OFFS})")
_ONE: Final = re.compile(r"cut-?offs?$")
_KINDS: Final = {"%": ("relative", 0.01), "ms": ("seconds", 0.001), "s": ("seconds", 1.0), CUT_OFFS: ("count", 1.0)}
"""By unit: the field of `Tolerance`, and the factor to its unit."""


class Tolerance(msgspec.Struct, frozen=True):
    """What is worse must exceed both: a share of the baseline's value, and an amount."""

    relative: float = 0.1
    """Share of the baseline's value."""
    seconds: float = 0.05
    """Amount of a time."""
    count: float = 0.0
    """Amount of a count."""

    def exceeded(self, difference: float, before: float, unit: Unit) -> bool:
        """Return whether a metric is worse than the baseline's by more than this.

        Args:
            difference: by how much it is more, as measured.
            before: the baseline's value, as measured.
            unit: of the metric.
        """
        return difference > self._amount(unit) and difference > self.relative * before

    def text(self, unit: Unit) -> str:
        """Return it as the option has it, for a metric of this unit: `10%,50ms`."""
        amount = self._amount(unit)
        share = f"{100 * self.relative:g}%"
        return f"{share},{in_data(amount, unit):g}{unit.value or CUT_OFFS}" if amount else share

    def _amount(self, unit: Unit) -> float:
        return self.count if unit is Unit.COUNT else self.seconds


def parse_tolerance(text: str) -> Tolerance:
    """Parse `10%,50ms`, or with a number of cut-offs `10%,50ms,1cutoff`; what is left out is the default.

    Raises:
        InputError: not valid.
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        match = _PART.fullmatch(_ONE.sub(CUT_OFFS, part.strip()))
        name, factor = _KINDS[match["unit"]] if match else ("", 0.0)
        if match is None or name in found:
            what = "is given twice" if match else "is no tolerance"
            raise InputError(
                f"--tolerance: {printable(part.strip()) or 'an empty part'} {what}: "
                "give a share, a time and a number of cut-offs, each at most once, such as 10%,50ms,1cutoff"
            )
        found[name] = float(match["number"]) * factor
    return Tolerance(**found)
