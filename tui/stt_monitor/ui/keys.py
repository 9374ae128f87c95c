"""What a key of the screen is, and what decides whether it applies."""

from collections.abc import Callable
from enum import Enum, auto

import msgspec

from stt_monitor.core.commands import Command


class Now(msgspec.Struct, frozen=True):
    """What decides which keys apply."""

    drawn: bool = False
    """The first picture is complete."""
    live: bool = False
    """A session runs, or is being played."""
    leaving: bool = False
    saved: bool = False
    """The session shown is a saved one."""
    file: bool | None = None
    """It is heard from a file, which can be paused; anything else is muted. None: not known yet."""
    quiet: bool = False
    retry: bool = False
    """A retry is waited for."""
    error: bool = False
    """An error is shown."""
    timeline: bool = False
    """The timeline is shown."""
    switchable: bool = False
    """There is room for either the timeline or the state diagram."""
    searching: bool = False
    too_small: bool = False
    """Nothing but a sentence about the window's size is in sight."""


class Where(Enum):
    """Which part of the screen handles a key."""

    APP = auto()
    SCREEN = auto()
    """The main screen."""
    TURNS = auto()
    """Lists of turns: transcript and figures."""
    TIMELINE = auto()
    FIGURES = auto()
    TEXTUAL = auto()
    """Any part: Textual's own."""


def _always(_: Now) -> bool:
    return True


class Key(msgspec.Struct, frozen=True):
    """What a key does."""

    keys: str
    """Textual's names, separated by commas; empty for what the command palette alone offers."""
    title: str
    """Its name in the command palette, unique."""
    does: str | Command = ""
    """The action of the part that handles it, or the command that it sends."""
    meaning: str = ""
    """A sentence for the command palette, which offers it only with one."""
    when: Callable[[Now], bool] = _always
    refusal: str | Callable[[Now], str] = ""
    """The notice where it does nothing now."""
    where: Where = Where.APP
    label: str = ""
    """Its name in the footer, where that is not the title."""
    footer: int | None = None
    """Its place in the footer, from the left; None: not there."""
    everywhere: bool = False
    """It works over overlays too."""
    first: bool = False
    """It works where somebody types, too."""


class Line(msgspec.Struct, frozen=True):
    """A line of the help and of the README's table: keys that belong together."""

    meaning: str
    keys: tuple[Key, ...]
    hidden: tuple[Key, ...] = ()
    """Keys of the same kind that are not worth a word."""
    shown: str = ""
    """The names of its keys, where they are too many to be listed."""
