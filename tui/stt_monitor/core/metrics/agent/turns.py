"""The turns of a session to look at because of its agent: interruptions, then the slowest replies. Pure."""

from collections.abc import Iterable

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.agent.faults import AgentFault, faults_of, worst


def worst_of(finished: Iterable[FinishedTurn], most: int) -> list[tuple[AgentFault, FinishedTurn]]:
    """Return what the agent does about turns, each with its turn, the worst first."""
    turns = {each.turn.number: each for each in finished}
    faults = (
        fault
        for number, each in turns.items()
        for fault in faults_of(
            number,
            interruption=each.metrics.interruption,
            talk_over_s=each.metrics.talk_over_s,
            response_gap_s=each.metrics.response_gap,
        )
    )
    return [(fault, turns[fault.turn]) for fault in worst(faults, most)]
