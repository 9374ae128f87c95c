"""Types of the keymap: keys, groups of keys, and the state that decides which keys apply."""

from collections.abc import Callable
from enum import Enum, auto

import msgspec

from stt_monitor.core.commands import Command


class KeyContext(msgspec.Struct, frozen=True):
    """State that decides which keys apply."""

    drawn: bool = False
    """The first paint is complete."""
    live: bool = False
    """A session runs, or is being replayed."""
    leaving: bool = False
    saved: bool = False
    """The session shown is a saved one."""
    file: bool | None = None
    """The input is a file, which can be paused; other inputs are muted. None: not known yet."""
    quiet: bool = False
    retry: bool = False
    """A retry is pending."""
    error: bool = False
    """An error is shown."""
    timeline: bool = False
    """The timeline is shown."""
    switchable: bool = False
    """There is room for either the timeline or the state diagram, not for both."""
    searching: bool = False
    session: bool = False
    """A session is shown, running or not."""
    chosen: bool = False
    """A turn is selected, or side by side a row."""
    turns: bool = False
    """There is a finished turn."""
    agent: bool = False
    """The recording has the agent's channel."""
    heard: bool = False
    """A turn is played."""
    several: bool = False
    """The session has several services."""
    beside: bool = False
    """All of them are shown side by side, not one."""
    sweep: bool = False
    """The program runs a sweep, with a screen of its own."""
    calls: bool = False
    """The program is a tap, with a list of calls."""
    call: bool = False
    """The session shown is a call that goes on, or has just ended: its agent runs it."""
    too_small: bool = False
    """Only the sentence about the window's size is shown."""


class Where(Enum):
    """The widget that handles a key."""

    APP = auto()
    SWEEP = auto()
    """The app of a sweep."""
    CALLS = auto()
    """The app of a tap."""
    SCREEN = auto()
    """The main screen."""
    TURNS = auto()
    """Lists of turns: the transcript and the metrics table."""
    TIMELINE = auto()
    METRICS = auto()
    ROWS = auto()
    """The table of services side by side."""
    TEXTUAL = auto()
    """Any widget: Textual's own keys."""

    @property
    def needs_focus(self) -> bool:
        """Whether the key works only while the widget has the focus."""
        return self in (Where.TURNS, Where.TIMELINE, Where.METRICS, Where.ROWS)


def _always(_: KeyContext) -> bool:
    return True


def _never(_: KeyContext) -> bool:
    return False


class Key(msgspec.Struct, frozen=True):
    """A key, or a command of the palette."""

    keys: str
    """Textual's key names, separated by commas; empty for a command of the palette alone."""
    title: str
    """Its name in the command palette, unique."""
    does: str | Command = ""
    """The action of the widget that handles it, or the command that it sends."""
    meaning: str = ""
    """Description in the command palette; without one it is not offered there."""
    when: Callable[[KeyContext], bool] = _always
    refusal: str | Callable[[KeyContext], str] = ""
    """The notice that is shown when it does not apply, or the widget that handles it has not the focus."""
    where: Where = Where.APP
    label: str | Callable[[KeyContext], str] = ""
    """Name in the footer, if it is not the title."""
    footer: int | None = None
    """Place in the footer: keys of the lowest have room first, at any width; None: never shown there."""
    leads: Callable[[KeyContext], bool] = _never
    """While true, the key is in the first group of the footer, where keys with a place below 10 always are."""
    docked: bool = False
    """It stands at the right end of the footer."""
    everywhere: bool = False
    """It works in overlays too."""
    first: bool = False
    """It works in text inputs too."""

    def label_for(self, now: KeyContext) -> str:
        """Return its name in the footer."""
        label = self.label if isinstance(self.label, str) else self.label(now)
        return label or self.title


class KeyGroup(msgspec.Struct, frozen=True):
    """Keys that share a line of the help and of the README's table."""

    meaning: str
    keys: tuple[Key, ...]
    hidden: tuple[Key, ...] = ()
    """Keys of the same kind that the help does not list."""
    shown: str = ""
    """How the help names its keys, if they are too many to list."""
