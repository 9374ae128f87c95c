"""The timeline of several services: one axis, sound and reference speech once, lanes for each service."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.content import Content
from textual.events import Click
from textual.geometry import Size

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.drawing.lanes import Window
from stt_monitor.ui.drawing.timeline.service_lanes import draw_services, label_cells, lines_wanted
from stt_monitor.ui.keymap.bindings import meanings_of
from stt_monitor.ui.styles import WIDTHS, Section
from stt_monitor.ui.widgets.timeline import Timeline

_SHARE: Final = 3
"""The timeline takes at most this part of the screen's height; less where table and texts stand beneath each other."""
_WIDE: Final = next(cells for cells, name in WIDTHS if name == "-wide")


class LanesTimeline(Timeline):
    """The last seconds of all services."""

    ABOUT: ClassVar[Section] = (
        "Timeline",
        (
            ("sound", "audio level, the same for all services"),
            ("voice", "reference speech, the same for all services"),
            ("each service", "its turns: █ speaking, ▒ after an eager end; ▸ ◐ ↺ ■ its events, as in the usual view"),
            ("412", "eot ms: from the end of speech to its turn.end"),
            ("× × ×", "no connection: unknown"),
            ("▼", "the selected row of the table"),
            *meanings_of("Earlier", "Zoom in", "Freeze"),
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._service = ""
        self._marked: float | None = None
        """When the speech of the chosen row began."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot of all services."""
        cells = label_cells(snapshot.lanes)
        before = len(self._snapshot.lanes) if self._snapshot is not None else 0
        if before != len(snapshot.lanes):
            self._label_cells = cells
            self.refresh(layout=True)
        super().show(snapshot)

    def choose_service(self, service: str) -> None:
        """Mark another service."""
        if service != self._service:
            self._service = service
            self.redraw()

    def mark(self, at: float | None) -> None:
        """Mark a time, and scroll back to it; None follows the newest again."""
        before, self._marked = self._marked, at
        snapshot, width = self._snapshot, self.content_size.width
        if at is not None and snapshot is not None and width > self._label_cells:
            self.scroll_back(snapshot, at, width)
        elif at is None and before is not None:
            self.action_follow()
        self._draw_if_different()

    def on_click(self, event: Click) -> None:
        """Leave turns alone: a number means another turn in each service."""
        event.prevent_default()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Open nothing, for the same reason."""
        return action != "open" and super().check_action(action, parameters)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return the lines that the services of this run make good use of."""
        services = len(self._snapshot.lanes) if self._snapshot is not None else 1
        share = _SHARE if viewport.width >= _WIDE else _SHARE + 1
        return lines_wanted(services, max(services + 3, viewport.height // share))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Draw all services."""
        snapshot = self._snapshot
        if snapshot is None or width <= self._label_cells:
            return []
        window = self._window(snapshot, width)
        return draw_services(snapshot.lanes, window, height, self._label_cells, self._service, marked=self._marked)

    def _appearance(self, snapshot: Snapshot, window: Window) -> object:
        own = super()._appearance
        return [own(lane, window) for lane in snapshot.lanes], snapshot.running, self._service, self._marked
