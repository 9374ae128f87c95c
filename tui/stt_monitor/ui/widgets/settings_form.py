"""Form of the turn settings: a line each, changed by arrows, typing, or a click on its scale."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.message import Message

from stt_monitor.core.settings import editor as settings_editor
from stt_monitor.core.settings.requested import Schema, Setting, TurnSettings
from stt_monitor.core.text.wording import SERVER_DEFAULT
from stt_monitor.ui.formatting import setting_text
from stt_monitor.ui.keymap.bindings import own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.toolkit.line_widget import LineWidget

_NAME_CELLS: Final = 15
_VALUE_CELLS: Final = 7
_BOUND_CELLS: Final = 6
_LONGEST_ENTRY: Final = 6
_SHORTEST_SCALE: Final = 8


FORM_KEYS: Final = (
    KeyGroup(
        "go to another setting",
        (Key("up", "Setting before", "row(-1)"), Key("down", "Setting after", "row(1)")),
    ),
    KeyGroup(
        "less or more; with Shift, a little; a click on the scale sets it too",
        (Key("left", "Less", "step(-1)"), Key("right", "More", "step(1)")),
        hidden=(
            Key("shift+left", "A little less", "step(-1,True)"),
            Key("shift+right", "A little more", "step(1,True)"),
        ),
    ),
    KeyGroup(
        "type a value; Enter applies it, ↑ ↓ keep it in the draft",
        (*(Key(digit, "Type", f"type('{digit}')") for digit in "0123456789"), Key("full_stop", "Type", "type('.')")),
        shown="0…9 .",
    ),
    KeyGroup(
        "leave the setting to the server",
        (Key("backspace", "Default", "erase"),),
        hidden=(Key("delete", "Default", "erase"),),
    ),
)


class SettingsForm(LineWidget, can_focus=True):
    """Edits a draft of turn settings, compared with the active ones."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(FORM_KEYS)

    class Changed(Message):
        """The draft changed or became active, or a change was refused: `refusal` says why.

        `pushed`: what the last change did to other settings, to keep their order.
        """

        def __init__(self, refusal: str, pushed: str) -> None:
            super().__init__()
            self.refusal = refusal
            self.pushed = pushed

    def __init__(
        self,
        schema: Schema,
        active: TurnSettings,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self._schema = schema
        self._rows = schema.names
        self.draft = active
        """The settings that Enter applies."""
        self._active = active
        self._row = 0
        self._entry = ""
        """What was typed for the current row."""
        self._pushed = ""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return the number of settings: a line each."""
        return len(self._rows)

    def show(self, active: TurnSettings) -> None:
        """Show the active settings; an untouched draft follows them."""
        if active == self._active:
            return
        if self.draft == self._active:
            self.draft = active
        self._active = active
        self._notify_changed()

    @property
    def is_modified(self) -> bool:
        """Whether the draft differs from the active settings."""
        return self.draft != self._active

    def commit_entry(self) -> bool:
        """Set the current row to the typed value, if any; return False if it is invalid."""
        typed, self._entry = self._entry, ""
        if not typed:
            return True
        name = self._rows[self._row]
        low, high = self._schema[name].low, self._schema[name].high
        try:
            value = float(typed)
        except ValueError:
            value = -1.0
        if not low <= value <= high:
            self._notify_changed(f"{_name(self._schema[name])} must lie from {low:g} to {high:g}")
            return False
        self._change(settings_editor.changed(self._schema, self.draft, name, value), name)
        return True

    def action_row(self, by: int) -> None:
        """Go to another setting."""
        self.commit_entry()
        self._row = (self._row + by) % len(self._rows)
        self.redraw()

    def action_step(self, by: int, fine: bool = False) -> None:  # noqa: FBT001, FBT002 - it comes from a binding
        """Change the current setting by a step."""
        self._entry = ""
        name = self._rows[self._row]
        self._change(settings_editor.stepped(self._schema, self.draft, name, by, fine=fine), name)

    def action_erase(self) -> None:
        """Erase the last typed character; without one, leave the setting to the server."""
        if self._entry:
            self._entry = self._entry[:-1]
            self.redraw()
            return
        name = self._rows[self._row]
        left = settings_editor.unset(self._schema, self.draft, name)
        if left is None:
            setting = self._schema[name]
            self._notify_changed(
                f"the default of {_name(setting)}, {setting_text(setting, setting.default)}, "
                "is out of order with the others"
            )
        else:
            self._change(left, name)

    def action_type(self, character: str) -> None:
        """Type a character of a value."""
        if len(self._entry) < _LONGEST_ENTRY:
            self._entry += character
            self.redraw()

    def on_click(self, event: Click) -> None:
        """Go to the clicked setting; a click on its scale sets the value."""
        place = event.get_content_offset(self)
        if place is None or place.y >= len(self._rows):
            return
        self._entry, self._row = "", place.y
        first, cells = _NAME_CELLS + _VALUE_CELLS + _BOUND_CELLS, _scale_cells(self.content_size.width)
        if cells and first <= place.x < first + cells:
            name = self._rows[place.y]
            value = settings_editor.at_share(self._schema, name, (place.x - first) / (cells - 1))
            self._change(settings_editor.changed(self._schema, self.draft, name, value), name)
        else:
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - so many lines, whatever the height
        """Compose a line for each setting."""
        return [self._line(name, row == self._row, width) for row, name in enumerate(self._rows)]

    def _line(self, name: str, present: bool, width: int) -> Content:  # noqa: FBT001 - a line is the present one or not
        value = self.draft.get(name)
        effective = settings_editor.effective(self._schema, self.draft, name)
        differs = value != self._active.get(name)
        mark = "▸ " if present else "  "
        star = " *" if differs else "  "
        setting = self._schema[name]
        text = setting_text(setting, effective)
        style = ".faint" if value is None else ".headline" if present else "bold"
        if present and self._entry:
            text, style = f"{self._entry}▏", ".new"
        low, high = setting.low, setting.high
        head = Content.assemble(
            (mark, ".flash"),
            (f"{_name(setting):<{_NAME_CELLS - 4}}", "bold" if present else ".label"),
            (star, ".warn"),
            (f"{text:>{_VALUE_CELLS}}", style),
        )
        cells = 0 if setting.words else _scale_cells(width)
        if not cells:
            return head.truncate(width)
        line = Content.assemble(
            head,
            (f"{low:>{_BOUND_CELLS - 1}g} ", ".faint"),
            *self._scale(name, value, effective, cells, style),
            (f" {high:<{_BOUND_CELLS - 1}g}", ".faint"),
            (f" {SERVER_DEFAULT}" if value is None else "", ".faint"),
        )
        return line.truncate(width)

    def _scale(
        self, name: str, value: float | None, effective: float | None, cells: int, style: str
    ) -> Sequence[tuple[str, str]]:
        """Draw a scale with its knob; one of a setting that is off has none."""
        if effective is None:
            return (("─" * cells, ".faint"),)
        knob = round(settings_editor.share_of_range(self._schema, name, effective) * (cells - 1))
        return (
            ("━" * knob, ".progress" if value is not None else ".faint"),
            ("●" if value is not None else "○", style if value is not None else ".label"),
            ("─" * (cells - 1 - knob), ".faint"),
        )

    def _change(self, draft: TurnSettings, name: str) -> None:
        pushed = [
            f"{_name(self._schema[other])} to "
            f"{setting_text(self._schema[other], settings_editor.effective(self._schema, draft, other))}"
            for other in self._rows
            if other != name and draft.get(other) != self.draft.get(other)
        ]
        self._pushed = f"pushed {' and '.join(pushed)}" if pushed else ""
        self.draft = draft
        self._notify_changed()

    def _notify_changed(self, refusal: str = "") -> None:
        self.redraw()
        self.post_message(self.Changed(refusal, self._pushed))


def _name(setting: Setting) -> str:
    return f"{setting.label}, {setting.unit}" if setting.unit else setting.label


def _scale_cells(width: int) -> int:
    """Return the length of the scales; 0 if there is no room for them."""
    cells = width - _NAME_CELLS - _VALUE_CELLS - 2 * _BOUND_CELLS - len(SERVER_DEFAULT) - 1
    return cells if cells >= _SHORTEST_SCALE else 0
