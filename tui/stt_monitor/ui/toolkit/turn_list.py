"""Tail view of finished turns, one of which can be chosen."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.events import Click

from stt_monitor.core.finished_turn import FinishedTurn, index_of
from stt_monitor.ui.keymap.bindings import bindings
from stt_monitor.ui.keymap.keys import Where
from stt_monitor.ui.messages import TurnChosen, TurnOpened
from stt_monitor.ui.toolkit.tail_view import TailView

if TYPE_CHECKING:
    from collections.abc import Sequence


class TurnList(TailView):
    """Up, down or a click choose a turn; Enter or another click opens it. Subclasses map turns to lines."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.TURNS)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._finished: Sequence[FinishedTurn] = ()
        self.chosen: int | None = None
        """Number of the chosen turn."""

    def lines_of(self, index: int) -> range:
        """Return the lines of a finished turn."""
        raise NotImplementedError

    def index_at(self, line: int) -> int | None:
        """Return the index of the finished turn that a line belongs to."""
        raise NotImplementedError

    def choose(self, number: int | None) -> None:
        """Choose a turn, and scroll it into view; None follows the end again."""
        before, self.chosen = index_of(self._finished, self.chosen), number
        now = index_of(self._finished, number)
        for index in (before, now):
            if index is not None:
                self.redraw_lines(self.lines_of(index))
        if now is not None:
            self.reveal(self.lines_of(now))
        elif number is None and before is not None:
            self.follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Open only a chosen turn, and choose only where there are some."""
        if action == "open":
            return self.chosen is not None
        if action == "choose":
            return bool(self._finished)
        return super().check_action(action, parameters)

    def action_choose(self, by: int) -> None:
        """Choose the previous (-1) or next (1) turn; without a chosen one, the last one in view."""
        index = index_of(self._finished, self.chosen)
        if index is None:
            bottom = round(self.scroll_y) + self.size.height - 1
            index = self.index_at(min(bottom, self.virtual_size.height - 1))
            index = len(self._finished) - 1 if index is None else index
        else:
            index = min(max(0, index + by), len(self._finished) - 1)
        if index >= 0:
            self.post_message(TurnChosen(self._finished[index].turn.number))

    def action_open(self) -> None:
        """Open the chosen turn."""
        if self.chosen is not None:
            self.post_message(TurnOpened(self.chosen))

    def on_click(self, event: Click) -> None:
        """Choose the clicked turn, or open it if it is chosen."""
        place = event.get_content_offset(self)
        index = self.index_at(place.y + round(self.scroll_y)) if place is not None else None
        if index is None:
            return
        number = self._finished[index].turn.number
        self.post_message(TurnOpened(number) if number == self.chosen else TurnChosen(number))
