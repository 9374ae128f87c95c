"""What to look at of an agent's side of a call: interruptions, then the slowest replies. Pure."""

from collections.abc import Iterable, Iterator
from heapq import nlargest

import msgspec

from stt_monitor.core.metrics.units import Unit, format_value, in_unit


class AgentFault(msgspec.Struct, frozen=True, order=True):
    """An interruption, or a reply; the greater one is the worse."""

    interrupts: bool
    seconds: float
    """How long both speak, or how long the caller waits."""
    turn: int
    """Number of the caller's turn."""

    @property
    def words(self) -> str:
        """What the agent does, for people."""
        if self.interrupts:
            return f"interrupts; both speak for {format_value(self.seconds, Unit.SECONDS, 1)} s"
        return f"replies after {format_value(in_unit(self.seconds, Unit.MILLISECONDS), Unit.MILLISECONDS)} ms"


def faults_of(
    turn: int, *, interruption: bool | None, talk_over_s: float | None, response_gap_s: float | None
) -> Iterator[AgentFault]:
    """Yield what the agent does about a turn, by its number and its metrics."""
    if interruption:
        yield AgentFault(interrupts=True, seconds=talk_over_s or 0.0, turn=turn)
    if response_gap_s is not None:
        yield AgentFault(interrupts=False, seconds=response_gap_s, turn=turn)


def worst(faults: Iterable[AgentFault], most: int) -> list[AgentFault]:
    """Return the worst, the worst first."""
    return nlargest(most, faults)
