"""Text from outside, made harmless: nothing of it may move a cursor, ring a bell or turn a line around."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

# Compiled when first used, not when imported: the first paint must not wait for it.
_SPACE: Final = r"[\t\n\v\f\r\x85\u2028\u2029]+"
_OBEYED: Final = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: ESC, CSI, OSC and all that terminals obey
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi marks, embeddings, overrides, isolates
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"  # annotation anchors, lone surrogates, invisible tags
    "\ufffe\uffff"  # no characters, and a document of XML that has them is none
    "\xad\u180e\u200b\u2060-\u2064\ufeff"  # invisible, and a cell wide on some terminals
)
_SURROGATES: Final = "[\ud800-\udfff]"
_UNPRINTABLE: Final = f"[{_OBEYED}]"
_TO_ESCAPE: Final = f"[{_OBEYED}\u2028\u2029]"  # many a reader of lines takes these for the end of one


_PIECE: Final = 4096
"""Characters of a long text that are made harmless by themselves."""


def legible(text: str) -> str:
    """Return `text` as UTF-8 can say it: lone surrogates, as in names of files that are not UTF-8, become U+FFFD."""
    return re.sub(_SURROGATES, "\ufffd", text)


def printable(text: str) -> str:
    """Return `text` fit for a terminal: `legible`, line breaks and tabs a blank, without what a terminal obeys.

    Joiners (ZWJ, ZWNJ) stay: Persian words and many emoji need them.
    """
    if text.isprintable():  # as nearly all is: a quick look instead of three searches
        return text
    if len(text) <= _PIECE:
        return _without_unprintable(text)
    return "".join(map(_remembered, _pieces(text)))


def clean(text: str) -> str:
    """Return text from outside as it is shown: `printable`, without blanks around it."""
    return printable(text).strip()


def beginning(text: str, characters: int = 500) -> str:
    """Return text from outside for a single line of it, to which a longer one would only be cut off."""
    return clean(text[:characters])


def _without_unprintable(text: str) -> str:
    return re.sub(_UNPRINTABLE, "", re.sub(_SPACE, " ", legible(text)))


@lru_cache(maxsize=512)
def _remembered(piece: str) -> str:
    """A text that grows is asked for again and again: only its last piece is new."""
    return _without_unprintable(piece)


def _pieces(text: str) -> Iterator[str]:
    """Cut a text, but not where two blanks would come of one run of breaks."""
    start, length = 0, len(text)
    while start < length:
        stop = min(start + _PIECE, length)
        while stop < length and text[stop].isspace():
            stop += 1
        yield text[start:stop]
        start = stop


def plural(number: int, noun: str) -> str:
    """Return `1 turn`, `2 turns`; `noun` takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def escaped(json_text: str) -> str:
    """Return JSON text with all that a terminal may obey written as JSON's escapes, which leaves its value alone."""
    return json_text if json_text.isprintable() else re.sub(_TO_ESCAPE, _escape, json_text)


def _escape(match: re.Match[str]) -> str:
    encoded = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{encoded[i : i + 2].hex()}" for i in range(0, len(encoded), 2))
