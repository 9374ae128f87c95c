"""Overlay with a list to choose from, and an input for what is not in it."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.stale_clicks import skip_stale
from stt_monitor.ui.widgets.key_line import KeyLine

Choice = TypeVar("Choice")


_KEYS: Final = (
    KeyGroup(
        "move in the list",
        (Key("up", "Up", "move(-1)", first=True), Key("down", "Down", "move(1)", first=True)),
    ),
    KeyGroup(
        "choose the highlighted line, or what was typed (or click a line)",
        (Key("enter", "Choose", "choose", footer=1),),
    ),
    KeyGroup("close without a change", (Key("escape", "Close", "dismiss", footer=0),)),
)


def about(title: str, *more: KeyGroup) -> Section:
    """Return the help of a picker: its title, `more` keys, and the keys of all pickers."""
    return title, tuple(keys_and_meanings((*more, *_KEYS)))


class Entry(msgspec.Struct, Generic[Choice], frozen=True):
    """Line of the list."""

    text: Content
    choice: Choice | None = None
    """The choice of the line; None for a heading, or for a line that cannot be selected now."""
    completes: str | None = None
    """The text that choosing it puts into the input instead: the path of a folder."""


def heading(text: str) -> Entry[Choice]:
    """Return a heading above other lines."""
    return Entry(Content.assemble((text, "$label-text")))


class _Lines(OptionList):
    """List that can be clicked while it changes."""

    def on_click(self, event: Click) -> None:
        """Ignore a click on a line that is gone."""
        skip_stale(self, event)


class Picker(Modal, Generic[Choice]):
    """Filters the list by the typed text; arrows move in it, Enter or a click chooses."""

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    PICKED: ClassVar[str]
    """The title: what is chosen here."""
    PLACEHOLDER: ClassVar[str]
    SUBTITLE: ClassVar[str] = "↑ ↓ Enter chooses"

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Entry[Choice]] = ()

    def choices(self, typed: str) -> Sequence[Entry[Choice]]:
        """Return the list for a typed text."""
        raise NotImplementedError

    def apply(self, choice: Choice) -> None:
        """Apply a choice."""
        raise NotImplementedError

    def from_text(self, text: str) -> Choice | None:
        """Return typed text as a choice, when no line is highlighted; None if it is none."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay out the overlay."""
        with Vertical(id="picker", classes="box") as box:
            box.border_title = self.PICKED
            box.border_subtitle = self.SUBTITLE
            yield Input(placeholder=self.PLACEHOLDER, compact=True)
            yield _Lines(markup=False, compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """Fill the list."""
        self.query_one(OptionList).can_focus = False
        self.refill()

    def refill(self) -> None:
        """Fill the list again, and highlight the first line that can be chosen."""
        entries = self.choices(self.query_one(Input).value)
        if entries == self._entries:
            return
        self._entries = entries
        options = self.query_one(OptionList)
        options.set_options(_Line(entry) for entry in entries)
        options.highlighted = next((i for i, entry in enumerate(entries) if _can_be_chosen(entry)), None)

    @on(Input.Changed)
    def follow(self, message: Input.Changed) -> None:
        """Filter the list while the user types."""
        message.stop()
        self.refill()

    @on(Input.Submitted)
    def submit(self, message: Input.Submitted) -> None:
        """Choose the highlighted line."""
        message.stop()
        self.action_choose()

    @on(OptionList.OptionSelected)
    def click(self, message: OptionList.OptionSelected) -> None:
        """Choose the clicked line."""
        message.stop()
        if isinstance(message.option, _Line):
            self._choose(message.option.entry)

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        if by < 0:
            options.action_cursor_up()
        else:
            options.action_cursor_down()

    def action_complete(self) -> None:
        """Put the highlighted path into the input."""
        highlighted = self._highlighted
        if highlighted is not None and highlighted.completes is not None:
            self._fill_input(highlighted.completes)

    def action_choose(self) -> None:
        """Choose the highlighted line, else the typed text."""
        highlighted = self._highlighted
        if highlighted is not None:
            self._choose(highlighted)
            return
        choice = self.from_text(self.query_one(Input).value.strip())
        if choice is not None:
            self._finish(choice)

    @property
    def _highlighted(self) -> Entry[Choice] | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None or index >= len(self._entries) else self._entries[index]

    def _choose(self, entry: Entry[Choice]) -> None:
        if entry.choice is not None:
            self._finish(entry.choice)
        elif entry.completes is not None:
            self._fill_input(entry.completes)

    def _fill_input(self, text: str) -> None:
        line = self.query_one(Input)
        line.value = text
        line.cursor_position = len(text)

    def _finish(self, choice: Choice) -> None:
        if self.app.screen is self:  # chosen once, however often Enter is pressed
            self.apply(choice)
            self.dismiss()


class _Line(Option):
    """Line with its entry: the list may change before the line is selected."""

    def __init__(self, entry: Entry[Any]) -> None:
        super().__init__(entry.text, disabled=not _can_be_chosen(entry))
        self.entry = entry


def _can_be_chosen(entry: Entry[Choice]) -> bool:
    return entry.choice is not None or entry.completes is not None
