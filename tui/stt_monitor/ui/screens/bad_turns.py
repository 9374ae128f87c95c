"""What the keys of the main screen do to go to turns that are worth a look: slow, cut off, or ill met by the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stt_monitor.ui.messages import PlaceWanted
from stt_monitor.ui.toolkit.parts import ScreenPart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stt_monitor.core.finished_turn import FinishedTurn
    from stt_monitor.core.snapshot import Snapshot

    _Ranking = Callable[[Sequence[FinishedTurn]], tuple[int, ...]]

_BEFORE_TURN_S: Final = 1.0
"""A turn is played again from this long before it."""

_NONE_TIMED: Final = "no turn has an end-of-turn latency yet"
_NONE_CUT: Final = "no turn has been cut off"
_AGAIN: Final = "that was the last one: from the first again"
_UNKNOWN: Final = "no reference speech: cannot tell which turns were cut off"


class BadTurns(ScreenPart):
    """Goes through the turns of the snapshot shown: what is pressed again goes to the next one."""

    _snapshot: Snapshot | None = None
    _chosen: int | None = None
    """Number of the chosen turn."""
    _gone_to: tuple[_Ranking, int] | None = None
    """By which ranking the turn was chosen, and its number."""

    def go_to_turn(self, number: int) -> None:
        """Choose a turn in all widgets, whatever is shown."""
        raise NotImplementedError

    def action_worst(self) -> None:
        """Go to the turn that ended latest after speech, then to the next one."""
        from stt_monitor.core.metrics.worst import worst_turns  # not before the first paint

        self._go(worst_turns, _NONE_TIMED)

    def action_cut_off(self) -> None:
        """Go to the first cut-off, then to the next one."""
        from stt_monitor.core.metrics.worst import cut_offs  # as above

        unknown = self._snapshot is not None and self._snapshot.session.reference == "none"
        self._go(cut_offs, _UNKNOWN if unknown else _NONE_CUT)

    def action_agent(self) -> None:
        """List interruptions and slow replies of the agent."""
        from stt_monitor.ui.screens.agent import AgentScreen  # as all overlays: not before the first paint

        if self._snapshot is not None:
            self.app.push_screen(AgentScreen(self._snapshot, self._go_to_agent))

    def _go_to_agent(self, number: int, started_at: float) -> None:
        """Choose a turn; in a saved session play it again."""
        self.go_to_turn(number)
        self.post_message(PlaceWanted(started_at - _BEFORE_TURN_S))

    def _go(self, ranking: _Ranking, nothing: str) -> None:
        finished = self._snapshot.finished if self._snapshot else ()
        numbers = ranking(finished)
        if not numbers:
            self.notify(nothing, timeout=2, markup=False)
            return
        place = 0
        if self._gone_to == (ranking, self._chosen) and self._chosen in numbers:
            place = (numbers.index(self._chosen) + 1) % len(numbers)
            if place == 0:
                self.notify(_AGAIN, timeout=2, markup=False)
        self._gone_to = (ranking, numbers[place])
        self.go_to_turn(numbers[place])
