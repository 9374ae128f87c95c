"""Table of rows beneath a heading, one of which is chosen, and in view."""

from typing import ClassVar

from textual.events import Click, MouseScrollDown, MouseScrollUp

from stt_monitor.ui.toolkit.line_widget import LineWidget


class RowTable(LineWidget, can_focus=True):
    """Keys, the wheel or a click choose a row; Enter or another click opens it. Subclasses draw the rows."""

    HEADING: ClassVar[int] = 1
    """Lines of names above the rows."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._top = 0

    @property
    def count(self) -> int:
        """Number of rows."""
        raise NotImplementedError

    @property
    def place(self) -> int:
        """Place of the chosen row."""
        raise NotImplementedError

    def choose(self, place: int) -> None:
        """Select an existing row."""
        raise NotImplementedError

    def open(self) -> None:
        """Open the selected row, which exists."""
        raise NotImplementedError

    def in_view(self, height: int) -> range:
        """Return the rows that fit a height; scrolls just far enough to show the selected one."""
        room = max(1, height - self.HEADING)
        self._top = min(self._top, max(0, self.count - room), self.place)
        self._top = max(self._top, self.place - room + 1)
        return range(self._top, min(self._top + room, self.count))

    def action_choose(self, by: int) -> None:
        """Choose another row."""
        if self.count:
            self.choose(min(max(0, self.place + by), self.count - 1))

    def action_open(self) -> None:
        """Open the chosen row."""
        if self.count:
            self.open()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Choose the row below."""
        event.stop()
        self.action_choose(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Choose the row above."""
        event.stop()
        self.action_choose(-1)

    def on_click(self, event: Click) -> None:
        """Choose the clicked row; open it if it is chosen."""
        place = event.get_content_offset(self)
        if place is None or place.y < self.HEADING:
            return
        row = place.y - self.HEADING + self._top
        if row < self.count:
            self.open() if row == self.place else self.choose(row)
