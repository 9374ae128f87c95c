"""Two services compared where both have a figure of the same speech: by how much the second differs. Pure."""

from collections.abc import Iterable
from statistics import median

import msgspec

from stt_monitor.core.metrics.intervals import Difference, median_interval
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.units import in_data
from stt_monitor.core.side_by_side.figures import figures
from stt_monitor.core.side_by_side.rows import Row


class Pairs(msgspec.Struct, frozen=True):
    """The rows in which one of two services has a value, or both. First turns of connections are not counted."""

    differences: tuple[float, ...] = ()
    """Second minus first, in the metric's unit of measurement, where both have one."""
    only_first: int = 0
    """Rows in which only the first has one."""
    only_second: int = 0
    less: int = 0
    """Pairs in which the second has less, as data has the values."""
    more: int = 0

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.differences)

    @property
    def difference(self) -> Difference | None:
        """The median difference with the bootstrap interval of it; None without pairs."""
        if not self.differences:
            return None
        ordered = sorted(self.differences)
        return Difference(median(ordered), median_interval(ordered))

    def __add__(self, other: "Pairs") -> "Pairs":
        """Pool the pairs of two runs."""
        return Pairs(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


def pairs(rows: Iterable[Row], metric: Metric, first: int, second: int) -> Pairs:
    """Compare two services of a run.

    Args:
        rows: of the run.
        metric: of turns.
        first: index of one of them.
        second: index of the other.
    """
    differences: list[float] = []
    only, signs = [0, 0], [0, 0]
    for row in rows:
        shown = figures(row, metric)
        values = [None if shown[index].first else shown[index].value for index in (first, second)]
        match values:
            case [float(one), float(other)]:
                differences.append(other - one)
                told = [in_data(value, metric.unit) or 0.0 for value in (one, other)]
                signs[told[1] > told[0]] += told[1] != told[0]
            case [one, other] if (one is None) is not (other is None):
                only[one is None] += 1
    return Pairs(tuple(differences), *only, *signs)
