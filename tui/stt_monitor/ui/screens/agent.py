"""What to look at of the agent's side of a call: interruptions, then the slowest replies."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.content import Content

from stt_monitor.core.metrics.agent.turns import worst_of
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.formatting import clock
from stt_monitor.ui.screens.picker import Entry, Picker, about, heading
from stt_monitor.ui.styles import Section

_MOST: Final = 100
"""Lines of the list."""


class AgentScreen(Picker[int]):
    """Chooses a turn by what the agent does about it."""

    PICKED = "Agent: interruptions, then slowest replies"
    PLACEHOLDER = "type words to find them"
    ABOUT: ClassVar[Section] = about("The agent's side of the call")

    def __init__(self, snapshot: Snapshot, choose: Callable[[int, float], object]) -> None:
        """List the turns of a session; `choose` is called with number and start of the one that is chosen."""
        super().__init__()
        self._choose_turn = choose
        self._turns = {each.turn.number: each.turn for each in snapshot.finished}
        self._lines = [
            (
                f"{clock(each.turn.started_at, tenths=True):>8}  turn {fault.turn:<4} {fault.words:<34} ",
                fault.turn,
                clean(each.turn.transcript),
            )
            for fault, each in worst_of(snapshot.finished, _MOST)
        ]

    def choices(self, typed: str) -> Sequence[Entry[int]]:
        """Return the lines with the typed words."""
        wanted = typed.strip().casefold()
        found = [
            Entry(Content.assemble(line, (text, "$label-text")), turn)
            for line, turn, text in self._lines
            if wanted in f"{line}{text}".casefold()
        ]
        return found or [
            heading("no such turn" if self._lines else "the agent has neither answered nor interrupted yet")
        ]

    def apply(self, choice: int) -> None:
        """Choose the turn."""
        self._choose_turn(choice, self._turns[choice].started_at)

    def from_text(self, text: str) -> int | None:  # noqa: ARG002  of the base
        """Take no typed text for a choice."""
        return None
