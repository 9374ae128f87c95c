"""The footer: the keys that apply now, as many as fit, the most useful first. A click presses one."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
from rich.cells import cell_len
from textual.content import Content
from textual.events import Leave, MouseDown, MouseMove
from textual.screen import Screen

from stt_monitor.ui.keymap.bindings import footer_keys
from stt_monitor.ui.keymap.keys import KeyContext
from stt_monitor.ui.toolkit.line_widget import LineWidget

_ROOMY: Final = 64
"""Cells of a line with room for blanks; in narrower ones names of keys are tinted like buttons instead."""
_URGENT: Final = 10
"""Keys of a lower place are shown first at any moment."""
_BAR: Final = " │ "
"""After the first group."""


class FooterKey(msgspec.Struct, frozen=True):
    """A key as the footer shows it."""

    pressed: str
    """Textual's name for it."""
    name: str
    label: str
    place: int
    leads: bool = False
    docked: bool = False

    @property
    def first(self) -> bool:
        """Whether it has room before others."""
        return self.leads or self.place < _URGENT


class Placed(msgspec.Struct, frozen=True):
    """A key, and its columns in the line."""

    key: FooterKey
    start: int
    end: int


def arrange(keys: Iterable[FooterKey], width: int) -> list[Placed]:
    """Return the keys that fit a line, from left to right: the first group, others, at the right end docked ones.

    One that does not fit makes room for others that do.
    """
    shown: list[FooterKey] = []
    placed: list[Placed] = []
    for key in sorted(keys, key=lambda key: (not key.first, key.place)):
        line = _line([*shown, key], width)
        if line is not None:
            shown.append(key)
            placed = line
    return placed


def _line(keys: Sequence[FooterKey], width: int) -> list[Placed] | None:
    """Return where these keys stand; None if they do not fit."""
    blanks = 1 if width >= _ROOMY else 0
    left = _row((key for key in keys if key.first and not key.docked), blanks, blanks)
    at = left[-1].end + len(_BAR) if left else blanks
    left += _row((key for key in keys if not key.first and not key.docked), at, blanks)
    right = _row((key for key in keys if key.docked), 0, blanks)
    moved = width - blanks - (right[-1].end if right else 0)
    if (left and left[-1].end + (blanks + 1 if right else 0) > moved) or moved < 0:
        return None
    return [*left, *(Placed(each.key, each.start + moved, each.end + moved) for each in right)]


def _row(keys: Iterable[FooterKey], at: int, blanks: int) -> list[Placed]:
    row: list[Placed] = []
    for key in keys:
        row.append(Placed(key, at, at + cell_len(key.name) + blanks + cell_len(key.label)))
        at = row[-1].end + blanks + 1
    return row


class KeyLine(LineWidget):
    """The footer of a screen: one widget, since one for each key costs half of a first paint."""

    def __init__(self, now: Callable[[], KeyContext] = KeyContext) -> None:
        """Prepare.

        Args:
            now: tells the state that decides which keys lead.
        """
        super().__init__()
        self._now = now
        self._keys: list[FooterKey] = []
        self._placed: list[Placed] = []
        self._under_mouse = ""
        self._will_look = False

    def on_mount(self) -> None:
        """Follow the keys that apply."""
        self.screen.bindings_updated_signal.subscribe(self, self._keys_changed)
        self._look_at_keys()

    def _keys_changed(self, _screen: Screen[object]) -> None:
        """Look once at all that changes at once: a change of focus says so three times, a mount eight times."""
        if not self._will_look:
            self._will_look = True
            self.call_later(self._look_at_keys)

    def _look_at_keys(self) -> None:
        self._will_look = False
        now = self._now()
        self._keys = [
            FooterKey(pressed, name, key.label_for(now), key.footer or 0, key.leads(now), key.docked)
            for pressed, name, key in footer_keys(self.screen.active_bindings)
        ]
        self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        self._placed = arrange(self._keys, width)
        blank, label = (" ", ".key-label") if width >= _ROOMY else ("", ".key-button")
        line, led = Content(""), False
        for placed in self._placed:
            key, room = placed.key, placed.start - line.cell_length
            led, begins = key.first, led and not key.first and not key.docked
            line += Content.assemble((_BAR, ".arrow")) if begins else Content(" " * room)
            hovered = ".key-hovered" if key.pressed == self._under_mouse else ""
            said = Content.assemble((key.name, ".key"), (f"{blank}{key.label}", label))
            line += said.stylize(hovered) if hovered else said
        return [line]

    def on_mouse_down(self, event: MouseDown) -> None:
        """Press the key that is clicked."""
        if pressed := self._at(event.x):
            self.app.simulate_key(pressed)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Highlight the key under the mouse."""
        self._hover(self._at(event.x))

    def on_leave(self, event: Leave) -> None:  # noqa: ARG002 - Textual's
        """Highlight no key."""
        self._hover("")

    def _hover(self, pressed: str) -> None:
        if pressed != self._under_mouse:
            self._under_mouse = pressed
            self.redraw()

    def _at(self, x: int) -> str:
        return next((each.key.pressed for each in self._placed if each.start <= x < each.end), "")
