"""The part of the main screen that shows several services side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stt_monitor.ui.toolkit.parts import ScreenPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stt_monitor.core.finished_turn import FinishedTurn
    from stt_monitor.core.metrics.marks import Marks
    from stt_monitor.core.metrics.metric import Metric
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.ui.screens.rest import Rest
    from stt_monitor.ui.widgets.side_by_side.view import SideBySideView
    from stt_monitor.ui.widgets.timeline import Timeline


class SeveralServices(ScreenPart):
    """Mounts the view of several services once there are some, and switches to that of one and back."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._beside: SideBySideView | None = None
        self._wants_beside = True
        self._lanes: Sequence[Snapshot] = ()

    @property
    def _rest(self) -> Rest:
        """What is mounted after the first paint."""
        raise NotImplementedError

    @property
    def beside(self) -> bool:
        """Whether all services are shown, not one."""
        return self.has_class("-beside")

    def show_all(self, whole: Snapshot, service: str) -> bool:
        """Show a snapshot of all services, if there are several and they are to be shown; return whether they are."""
        if whole.lanes and self._beside is None:
            self._mount_view()
        shown = bool(whole.lanes) and self._wants_beside
        if shown != self.beside:
            self.set_class(shown, "-beside")
            self._focus_first()
        if self._beside is not None and whole.lanes:
            self._lanes = whole.lanes
            self._beside.choose_service(service)
            if shown:
                self._beside.show(whole)
        return shown

    def switch_view(self) -> None:
        """Show all services, or one, from the next snapshot on."""
        self._wants_beside = not self._wants_beside

    @property
    def marks_of_all(self) -> Marks:
        """What is special about the metrics of all services together."""
        from stt_monitor.core.metrics.marks import together  # not before the first paint

        return together(lane.marks for lane in self._lanes)

    @property
    def chosen_row(self) -> float | None:
        """When the speech of the chosen row began."""
        return None if self._beside is None else self._beside.chosen

    def turn_in_row(self, at: float | None) -> FinishedTurn | None:
        """Return the chosen service's turn in a row."""
        return None if self._beside is None or at is None else self._beside.turn_at(at)

    def row_of_turn(self, number: int) -> float | None:
        """Return when the speech of the row began that has a turn of the chosen service; None without one."""
        return None if self._beside is None else self._beside.row_of(number)

    def choose_row(self, at: float | None) -> None:
        """Choose a row, or none."""
        if self._beside is not None:
            self._beside.choose(at)

    def step_row(self, by: int) -> None:
        """Choose the previous (-1) or next (1) row."""
        if self._beside is not None:
            self._beside.step(by)

    def choose_metric_of_all(self, metric: Metric) -> None:
        """Show another metric of all services."""
        if self._beside is not None:
            self._beside.choose_metric(metric)

    @property
    def shown_timeline(self) -> Timeline:
        """The timeline of the view that is shown."""
        if self.beside and self._beside is not None and self._beside.ready:
            return self._beside.timeline
        return self._rest.timeline

    def _mount_view(self) -> None:
        from stt_monitor.ui.widgets.side_by_side.view import SideBySideView  # most sessions have one service

        self._beside = SideBySideView(id="beside")
        self.mount(self._beside, before="#body")

    def _focus_first(self) -> None:
        if self._beside is not None and self._beside.ready:
            self.query_one("#stretches-table" if self.beside else "#transcript").focus()
