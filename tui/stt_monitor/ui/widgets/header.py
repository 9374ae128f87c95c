"""Header: name of the program, what goes where, what the status bar has no room for, and the state of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from stt_monitor.ui.toolkit.fitting import justify, lit, richest
from stt_monitor.ui.toolkit.line_widget import LineWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stt_monitor.core.snapshot import Snapshot


class Header(LineWidget):
    """The header line."""

    def __init__(self, no_key: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Prepare; `no_key` is for `routes`."""
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._leaving = False
        self._lane = ""
        self._no_key = no_key

    def show(self, snapshot: Snapshot, whole: Snapshot | None = None) -> None:
        """Show a snapshot; with several services, that of the chosen one and that of all."""
        from stt_monitor.ui.drawing.header_texts import chosen_lane, dependencies  # not before there is a snapshot

        old, self._snapshot = self._snapshot, snapshot
        lane, self._lane = self._lane, chosen_lane(snapshot, whole)
        if old is None or lane != self._lane or dependencies(old) != dependencies(snapshot):
            self.redraw()

    def show_closing(self) -> None:
        """Show that the program is about to end."""
        self._leaving = True
        self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        name = Content.assemble(lit(" stt-monitor ", ".title"), (self._lane, ".flash"))
        right = richest(self._words(), width - name.cell_length - 3)
        room = width - name.cell_length - right.cell_length - 4
        return [justify(Content.assemble(name, "  ", richest(self._subjects(width), max(0, room))), right, width)]

    def _subjects(self, width: int) -> list[Content]:
        """Return wordings of what goes where and of what the status bar does not show, the richest first."""
        if self._snapshot is None:
            return [Content("")]
        from stt_monitor.ui.drawing.header_texts import subjects  # as above

        return subjects(self._snapshot, self._no_key, width)

    def _words(self) -> list[Content]:
        """Return wordings of the state of the session, the richest first."""
        if self._leaving:
            return [Content.assemble(("closing… ", ".warn"))]
        if self._snapshot is None:
            return [Content.assemble(("◇ ready ", ".faint"))]
        from stt_monitor.ui.drawing.header_texts import words  # as above

        return words(self._snapshot)
