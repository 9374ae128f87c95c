"""The screen of a sweep, over that of the session that was opened last."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.types import CSSPathType

from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.sweep.grid import in_common, settings_text
from stt_monitor.core.sweep.result import CellProgress, Part, SettingResult, SweepState
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.sweep.cells import CellsScreen
from stt_monitor.ui.sweep.curve import SweepCurve
from stt_monitor.ui.sweep.head import SweepFoot, SweepHead
from stt_monitor.ui.sweep.messages import SettingChosen
from stt_monitor.ui.sweep.points import SweepPoints
from stt_monitor.ui.sweep.table import SweepRow, SweepTable
from stt_monitor.ui.widgets.key_line import KeyLine

_KEYS: Final = (
    KeyGroup("show the next arm, or all of them together", (Key("a", "Arm", "part", footer=2),)),
    KeyGroup("back to the session that was opened last", (Key("escape,S", "Session", "back", footer=0),)),
    KeyGroup("quit; the same command goes on with the sweep", (Key("q", "Quit", "app.quit", footer=3),)),
)


class SweepScreen(Modal):
    """Cells as they fill, the curve so far, and the recommendation."""

    AUTO_FOCUS = "SweepTable"
    OPAQUE = True
    CSS_PATH: ClassVar[CSSPathType | None] = ["../overlays.tcss", "../sweep.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = ("Sweep", tuple(keys_and_meanings(_KEYS)))

    def __init__(self, schema: Schema, state: SweepState | None, *, opened: bool) -> None:
        """Show a sweep.

        Args:
            schema: of the service's settings.
            state: of the sweep, as far as known.
            opened: a session was opened, to which Escape goes back.
        """
        super().__init__()
        self._schema = schema
        self._state = state
        self._opened = opened
        self._chosen = 0
        self._part = 0

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield SweepHead(id="sweep-head")
        with Vertical(id="sweep-body"):
            yield SweepCurve(id="sweep-curve")
            with Vertical(id="sweep-settings"):
                yield SweepTable(id="sweep-table")
                yield SweepPoints(id="sweep-points")
        yield SweepFoot(id="sweep-foot")
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the current state."""
        if self._state is not None:
            self.show_state(self._state)

    def show_state(self, state: SweepState) -> None:
        """Show a newer state."""
        self._state = state
        part = self._present
        self.query_one(SweepHead).show(state)
        curve = self.query_one(SweepCurve)
        curve.show(part, self._chosen)
        curve.border_title = "Curve" if part is None else f"Curve: {clean(part.name)}"
        exact = state.result is None or state.result.exact
        self.query_one(SweepTable).show(self._rows, self._chosen, exact=exact)
        self.query_one(SweepPoints).show(part, "" if state.result is None else state.result.service)
        self.query_one(SweepFoot).show(state, part)

    def on_setting_chosen(self, message: SettingChosen) -> None:
        """Choose a setting in the table and on the curve."""
        self._chosen = message.place
        if self._state is not None:
            self.show_state(self._state)

    def on_setting_opened(self) -> None:
        """Offer the cells of the chosen setting."""
        row = self._rows[self._chosen]
        self.app.push_screen(CellsScreen(row.label, row.cells))

    def action_part(self) -> None:
        """Show the next part of the result."""
        if self._state is not None and self._parts:
            self._part = (self._part + 1) % len(self._parts)
            self.show_state(self._state)

    def action_back(self) -> None:
        """Go back to the session."""
        if self._opened:
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a key only if it applies."""
        if action == "back":
            return self._opened
        if action == "part":
            return len(self._parts) > 1
        return super().check_action(action, parameters)

    @property
    def _parts(self) -> Sequence[Part]:
        result = self._state.result if self._state is not None else None
        return () if result is None else result.parts

    @property
    def _present(self) -> Part | None:
        return self._parts[self._part % len(self._parts)] if self._parts else None

    @property
    def _rows(self) -> list[SweepRow]:
        """Return a row for each setting, in the order of the cells."""
        grouped: dict[tuple[tuple[str, float | None], ...], list[CellProgress]] = {}
        for each in self._state.cells if self._state is not None else ():
            grouped.setdefault(tuple(each.cell.settings.items()), []).append(each)
        found = self._results
        fixed = in_common(cells[0].cell.settings for cells in grouped.values())
        return [
            SweepRow(settings_text(self._schema, cells[0].cell.settings, fixed), tuple(cells), found.get(key))
            for key, cells in grouped.items()
        ]

    @property
    def _results(self) -> dict[tuple[tuple[str, float | None], ...], SettingResult]:
        part = self._present
        return {} if part is None else {tuple(each.settings.items()): each for each in part.settings}
