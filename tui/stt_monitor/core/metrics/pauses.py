"""The pauses inside turns of a session, or of several: which a service survives, and which end a turn. Pure."""

from collections.abc import Callable, Iterable
from typing import Self

import msgspec

from stt_monitor.core.metrics.turn_metrics import TurnMetrics


class Pauses(msgspec.Struct, frozen=True):
    """Lengths of pauses, seconds, of the turns that count; None: there was no such pause."""

    survived_max: float | None = None
    """The longest that did not end its turn."""
    cut_min: float | None = None
    """The shortest that did."""

    def with_turn(self, metrics: TurnMetrics) -> Self:
        """Add those of a turn."""
        if metrics.pause_survived is metrics.pause_cut is None:
            return self
        return type(self)(
            _best(max, [self.survived_max, metrics.pause_survived]), _best(min, [self.cut_min, metrics.pause_cut])
        )


def together(several: Iterable[Pauses]) -> Pauses:
    """Return the pauses of several sessions as if they were one's."""
    all_pauses = list(several)
    return Pauses(
        _best(max, [each.survived_max for each in all_pauses]), _best(min, [each.cut_min for each in all_pauses])
    )


def _best(pick: Callable[[list[float]], float], lengths: list[float | None]) -> float | None:
    known = [length for length in lengths if length is not None]
    return pick(known) if known else None
