"""Pairs of values of one metric: by how much the second session differs from the first. Pure."""

from collections.abc import Iterator
from statistics import median

import msgspec

from stt_monitor.core.metrics.intervals import Difference, median_interval
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.units import in_data
from stt_monitor.core.pairs.same_audio import TOLERANCE_S


class Pair(msgspec.Struct, frozen=True, gc=False):
    """The values of two turns at the same place of the audio, in the metric's unit of measurement."""

    audio: str
    """What tells the audio from other audio."""
    at: float
    """Where it is, seconds of the file."""
    before: float
    after: float
    turns: tuple[int, int]
    """Their numbers."""

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.after - self.before


class Pairs(msgspec.Struct, frozen=True):
    """The pairs of a metric. First turns of connections are in none, nor are those that are in no summary."""

    metric: Metric
    pairs: tuple[Pair, ...] = ()
    only_before: int = 0
    """Values of the first that the second has no counterpart of, in audio that both heard."""
    only_after: int = 0

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.pairs)

    @property
    def faster(self) -> int:
        """Pairs in which the second has less, as data has the values."""
        return sum(sign < 0 for sign in self._signs())

    @property
    def slower(self) -> int:
        """Pairs in which the second has more, likewise."""
        return sum(sign > 0 for sign in self._signs())

    @property
    def equal(self) -> int:
        """Pairs in which both have the same, likewise."""
        return self.n - self.faster - self.slower

    @property
    def difference(self) -> Difference | None:
        """The median difference with its bootstrap interval; None without pairs.

        Several runs of the same turn count once, with their median: they say nothing about other turns.
        """
        ordered = sorted(median(each.difference for each in group) for group in self._by_turn())
        return Difference(median(ordered), median_interval(ordered)) if ordered else None

    def __add__(self, other: "Pairs") -> "Pairs":
        """Pool the pairs of the same metric."""
        return Pairs(
            self.metric,
            self.pairs + other.pairs,
            self.only_before + other.only_before,
            self.only_after + other.only_after,
        )

    def _by_turn(self) -> Iterator[list[Pair]]:
        group: list[Pair] = []
        for pair in sorted(self.pairs, key=lambda each: (each.audio, each.at)):
            if group and (pair.audio != group[0].audio or pair.at - group[0].at > TOLERANCE_S):
                yield group
                group = []
            group.append(pair)
        if group:
            yield group

    def _signs(self) -> Iterator[float]:
        for each in self.pairs:
            before, after = (in_data(value, self.metric.unit) or 0.0 for value in (each.before, each.after))
            yield after - before
