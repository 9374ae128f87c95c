"""The agent's side of a call in a report: its interruptions and slowest replies."""

from collections.abc import Iterator
from typing import Final

import msgspec

from stt_monitor.core.metrics.agent.turns import worst_of
from stt_monitor.core.text.sanitize import clean
from stt_monitor.report.formatting import clock
from stt_monitor.report.model import LoadedSession

TITLE: Final = "The agent: interruptions, then slowest replies"
_MOST: Final = 20


class AgentRow(msgspec.Struct, frozen=True):
    """What the agent does about a turn."""

    turn: str
    at: str
    what: str
    transcript: str
    """What the caller said."""
    audio: str
    """A `data:` URL of the audio that the service got; empty without audio."""


def agent_rows(each: LoadedSession) -> Iterator[AgentRow]:
    """Yield the worst, the worst first; none where the agent's side is not heard."""
    for fault, turn in worst_of(each.snapshot.finished, _MOST):
        audio = "" if each.clip is None else each.clip(turn)
        yield AgentRow(str(fault.turn), clock(turn.start_position), fault.words, clean(turn.turn.transcript), audio)
