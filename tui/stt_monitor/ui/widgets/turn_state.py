"""Panel of the turn state: the diagram, how long the state has lasted, and the last transition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from stt_monitor.ui.drawing.state_diagram import HEIGHT, MIN_WIDTH, DiagramState, draw_diagram, draw_one_line
from stt_monitor.ui.toolkit.fitting import richest
from stt_monitor.ui.toolkit.line_widget import LineWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stt_monitor.core.snapshot import Snapshot


class TurnStatePanel(LineWidget):
    """The turn state panel."""

    BORDER_TITLE = "Turn"
    DEFAULT_CLASSES = "panel"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._title = ""

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        from stt_monitor.ui.drawing.turn_state_lines import dependencies  # not before there is a snapshot

        old, self._snapshot = self._snapshot, snapshot
        if old is None or dependencies(old) != dependencies(snapshot):
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Draw the diagram if it fits, else one line of words."""
        state, titles, sentences = told(self._snapshot)
        title = richest(titles, width - 2)
        if title.plain != self._title:
            self._title = title.plain
            self.border_title = title
        said = [sentence.truncate(width, ellipsis=True) for sentence in sentences]
        if width < MIN_WIDTH or height < HEIGHT:
            return [draw_one_line(state, width), *said]
        return [*draw_diagram(state, width), *said]


def told(snapshot: Snapshot | None) -> tuple[DiagramState, list[Content], list[Content]]:
    """Return the state of the diagram, wordings of the title, and the sentences beneath."""
    if snapshot is None:
        return DiagramState(None, ""), [Content("Turn")], []
    from stt_monitor.ui.drawing.turn_state_lines import diagram_state, sentences, titles  # as above

    return diagram_state(snapshot), titles(snapshot), sentences(snapshot)
