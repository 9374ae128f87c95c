"""A list to choose from, and a line for typing what is not in it."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.widgets import Footer, Input, OptionList
from textual.widgets.option_list import Option

from stt_monitor.ui.key_bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keys import Key, Line
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.stale_clicks import skip_stale

Choice = TypeVar("Choice")


_KEYS: Final = (
    Line(
        "move in the list",
        (Key("up", "Before", "move(-1)", first=True), Key("down", "After", "move(1)", first=True)),
    ),
    Line(
        "choose what is highlighted, or what was typed; a click does it too",
        (Key("enter", "Choose", "choose", footer=1),),
    ),
    Line("close, and change nothing", (Key("escape", "Close", "dismiss", footer=0),)),
)


def about(title: str, *more: Line) -> Section:
    """Return what a choice of this title says about its keys, and about `more` of them."""
    return title, tuple(keys_and_meanings((*more, *_KEYS)))


class Entry(msgspec.Struct, Generic[Choice], frozen=True):
    """A line of the list."""

    text: Content
    choice: Choice | None = None
    """What it stands for; None for a heading, or for something that cannot be chosen now."""
    completes: str | None = None
    """What choosing it puts into the line instead: a folder, to look into."""


def heading(text: str) -> Entry[Choice]:
    """Return a line above others."""
    return Entry(Content.assemble((text, "$foreground 65%")))


class _Lines(OptionList):
    """A list that may be clicked while it changes."""

    def on_click(self, event: Click) -> None:
        """Skip what is there no more."""
        skip_stale(self, event)


class Picker(Modal, Generic[Choice]):
    """The list follows what is typed; arrows move in it, Enter or a click chooses."""

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    PICKED: ClassVar[str]
    """What is chosen here, for the title."""
    PLACEHOLDER: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Entry[Choice]] = ()

    def choices(self, typed: str) -> Sequence[Entry[Choice]]:
        """Return the list for what was typed."""
        raise NotImplementedError

    def chosen(self, choice: Choice) -> None:
        """Take what was chosen."""
        raise NotImplementedError

    def typed(self, text: str) -> Choice | None:
        """Return what was typed as a choice, where no line of the list is one; None when it is none."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(id="picker", classes="box") as box:
            box.border_title = self.PICKED
            box.border_subtitle = "↑ ↓ Enter chooses"
            yield Input(placeholder=self.PLACEHOLDER, compact=True)
            yield _Lines(markup=False, compact=True)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show what there is."""
        self.query_one(OptionList).can_focus = False
        self.refill()

    def refill(self) -> None:
        """Make the list anew; the first line that can be chosen is highlighted."""
        entries = self.choices(self.query_one(Input).value)
        if entries == self._entries:
            return
        self._entries = entries
        options = self.query_one(OptionList)
        options.set_options(_Line(entry) for entry in entries)
        options.highlighted = next((i for i, entry in enumerate(entries) if _open_to_choice(entry)), None)

    @on(Input.Changed)
    def follow(self, message: Input.Changed) -> None:
        """Let the list follow what is typed."""
        message.stop()
        self.refill()

    @on(Input.Submitted)
    def submit(self, message: Input.Submitted) -> None:
        """Take what is highlighted."""
        message.stop()
        self.action_choose()

    @on(OptionList.OptionSelected)
    def click(self, message: OptionList.OptionSelected) -> None:
        """Take what was clicked."""
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
        """Put the highlighted line into the line for typing, where it is a path."""
        highlighted = self._highlighted
        if highlighted is not None and highlighted.completes is not None:
            self._put(highlighted.completes)

    def action_choose(self) -> None:
        """Take what is highlighted, or else what was typed."""
        highlighted = self._highlighted
        if highlighted is not None:
            self._choose(highlighted)
            return
        choice = self.typed(self.query_one(Input).value.strip())
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
            self._put(entry.completes)

    def _put(self, text: str) -> None:
        line = self.query_one(Input)
        line.value = text
        line.cursor_position = len(text)

    def _finish(self, choice: Choice) -> None:
        if self.app.screen is self:  # chosen once, however often Enter is pressed
            self.chosen(choice)
            self.dismiss()


class _Line(Option):
    """A line that knows what it stands for: the list may be another one by the time that it is chosen."""

    def __init__(self, entry: Entry[Any]) -> None:
        super().__init__(entry.text, disabled=not _open_to_choice(entry))
        self.entry = entry


def _open_to_choice(entry: Entry[Choice]) -> bool:
    return entry.choice is not None or entry.completes is not None
