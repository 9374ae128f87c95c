"""Status bar: audio, service, settings and connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from stt_monitor.ui.toolkit.line_widget import LineWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stt_monitor.core.snapshot import Snapshot


class StatusBar(LineWidget):
    """The status bar."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        from stt_monitor.ui.drawing.status_line import dependencies  # not before there is a snapshot

        old, self._snapshot = self._snapshot, snapshot
        if old is None or dependencies(old) != dependencies(snapshot):
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        if self._snapshot is None:
            return [Content.assemble((" no session yet", ".faint")).truncate(width)]
        from stt_monitor.ui.drawing.status_line import status  # as above

        return [status(self._snapshot, width)]
