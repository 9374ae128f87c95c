"""Sanitizes text from outside: nothing in it may move a cursor, ring a bell or reverse a line."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

# Compiled on first use, not on import, which would delay the first paint.
_SPACE: Final = r"[\t\n\v\f\r\x85\u2028\u2029]+"
UNSEEN: Final = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: ESC, CSI, OSC and other control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi marks, embeddings, overrides, isolates
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"  # annotation anchors, lone surrogates, invisible tags
    "\ufffe\uffff"  # noncharacters, which XML does not allow
    "\xad\u180e\u200b\u2060-\u2064\ufeff"  # invisible, but a cell wide on some terminals
)
"""Characters that are dropped, as a regular expression set: the text on both sides is joined."""

_SURROGATES: Final = "[\ud800-\udfff]"
_UNPRINTABLE: Final = f"[{UNSEEN}]"
_TO_ESCAPE: Final = f"[{UNSEEN}\u2028\u2029]"  # many readers end a line at these two

_PIECE: Final = 4096
"""Characters per piece when sanitizing a long text."""


def legible(text: str) -> str:
    """Replace lone surrogates, as in file names that are not UTF-8, by U+FFFD, so that UTF-8 can encode the text."""
    return re.sub(_SURROGATES, "\ufffd", text)


def printable(text: str) -> str:
    """Sanitize text for a terminal: `legible`, a space for line breaks and tabs, without control characters.

    Keeps joiners (ZWJ, ZWNJ): Persian words and many emoji need them.
    """
    if text.isprintable():  # nearly always, and much faster than three searches
        return text
    if len(text) <= _PIECE:
        return _without_unprintable(text)
    return "".join(map(_cached, _pieces(text)))


def clean(text: str) -> str:
    """Sanitize text for display: `printable`, stripped."""
    return printable(text).strip()


def beginning(text: str, characters: int = 500) -> str:
    """Sanitize the first characters of a text, for a single line."""
    return clean(text[:characters])


def _without_unprintable(text: str) -> str:
    return re.sub(_UNPRINTABLE, "", re.sub(_SPACE, " ", legible(text)))


@lru_cache(maxsize=512)
def _cached(piece: str) -> str:
    """Sanitize a piece, cached: of a growing text only the last piece is new."""
    return _without_unprintable(piece)


def _pieces(text: str) -> Iterator[str]:
    """Split a text, but not within a run of line breaks, which would become two spaces."""
    start, length = 0, len(text)
    while start < length:
        stop = min(start + _PIECE, length)
        while stop < length and text[stop].isspace():
            stop += 1
        yield text[start:stop]
        start = stop


def escaped(json_text: str) -> str:
    """Escape control characters in JSON text, which does not change its value."""
    return json_text if json_text.isprintable() else re.sub(_TO_ESCAPE, _escape, json_text)


def _escape(match: re.Match[str]) -> str:
    encoded = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{encoded[i : i + 2].hex()}" for i in range(0, len(encoded), 2))
