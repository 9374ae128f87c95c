"""The part of the main screen that docks the details of the chosen turn at the right, where a window is wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from stt_monitor.ui.toolkit.parts import ScreenPart

if TYPE_CHECKING:
    from stt_monitor.core.finished_turn import FinishedTurn
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.ui.screens.details_dock import DetailsDock


class DockedDetails(ScreenPart):
    """Mounts the dock with the first turn that is chosen in a wide window."""

    _dock: DetailsDock | None = None
    _wanted: FinishedTurn | None = None
    """Whose details are docked, or will be as soon as they are mounted."""

    @property
    def docked(self) -> bool:
        """Whether details are docked now."""
        return self._dock is not None and self._dock.display and self.has_class("-details")

    def dock(self, finished: FinishedTurn | None, snapshot: Snapshot) -> None:
        """Show the details of a turn, or none."""
        wide = self.has_class("-very-wide") and (self.has_class("-tall") or self.has_class("-very-tall"))
        if finished is not None and wide and finished != self._wanted:
            self._wanted = finished
            self._show_details(finished, snapshot)
        self.set_class(finished is not None, "-details")

    @work(group="details", exclusive=True)
    async def _show_details(self, finished: FinishedTurn, snapshot: Snapshot) -> None:
        if self._dock is None:
            from stt_monitor.ui.screens.details_dock import DetailsDock  # not before the first paint

            self._dock = DetailsDock()
            await self.query_one("#body").mount(self._dock)
        await self._dock.show(finished, snapshot)

    def enter_dock(self) -> None:
        """Give the focus to the details."""
        if self._dock is not None:
            self._dock.back_to = self.focused
            self._dock.focus()
