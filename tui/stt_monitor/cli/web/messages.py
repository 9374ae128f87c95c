"""Messages of the page of `stt-monitor web`: JSON arrays that begin with their type. Pure."""

from typing import Any, Final

import msgspec

LARGEST_SIZE: Final = 1000
"""Most columns, and most lines: more than the largest monitor shows."""


class Size(msgspec.Struct, frozen=True):
    """Size of the page, in cells."""

    width: int
    height: int


class Typed(msgspec.Struct, frozen=True):
    """Keys were pressed."""

    text: str


class Resized(msgspec.Struct, frozen=True):
    """The page has another size."""

    size: Size


class Ping(msgspec.Struct, frozen=True):
    """Asks for an answer with the same value."""

    value: Any


class Focus(msgspec.Struct, frozen=True):
    """The page has focus."""


class Blur(msgspec.Struct, frozen=True):
    """The page has lost focus."""


Message = Typed | Resized | Ping | Focus | Blur


def read_message(text: str) -> Message | None:
    """Read a message; None for one that the page's script does not send."""
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    match message:
        case ["stdin", str(typed)]:
            read: Message | None = Typed(typed)
        case ["resize", {"width": int(width), "height": int(height)}] if _fits(width) and _fits(height):
            read = Resized(Size(width, height))
        case ["ping", value]:
            read = Ping(value)
        case ["focus", *_]:
            read = Focus()
        case ["blur", *_]:
            read = Blur()
        case _:
            read = None
    return read


def is_size(text: str) -> bool:
    """Return whether a text is a valid number of columns or lines."""
    return text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_SIZE)) and _fits(int(text))


def _fits(cells: int) -> bool:
    return not isinstance(cells, bool) and 1 <= cells <= LARGEST_SIZE
