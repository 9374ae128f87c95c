"""Undoes the escapes that texts are written with, all kinds at once, and finds the places again. Pure."""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import unescape as unescape_html
from html.entities import html5
from typing import Final

from stt_monitor.core.text.sanitize import UNSEEN

_ASCII_NAMES: Final = {
    name.removesuffix(";"): character
    for name, character in html5.items()
    if len(character) == 1 and character.isascii()
}
_SKIPPED: Final = (
    f"{UNSEEN}\u034f\u115f\u1160\u17b4\u17b5\u200c\u200d\u2028\u2029\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
)
"""Characters that nobody sees: what no screen of ours shows, line breaks that wrap a text, joiners, fillers, selectors
of a variant."""

_BYTE: Final = r"[0-9a-fA-F]{2}"
_LEAD: Final = r"(?:[cC][2-9a-fA-F]|[dDeE][0-9a-fA-F]|[fF][0-4])"  # of a character in UTF-8
_NEXT: Final = r"[89abAB][0-9a-fA-F]"

_ESCAPE: Final = re.compile(
    rf"[%\\&\"'\x1b\uff01-\uff5e{_SKIPPED}](?:"  # the library skips quickly to a set of characters, alone
    + "|".join(
        [
            (
                rf"(?<=%)(?:[uU][dD][89abAB]{_BYTE}%[uU][dD][c-fC-F]{_BYTE}|[uU]{_BYTE}{_BYTE}"
                rf"|{_LEAD}(?:%{_NEXT}){{1,3}}|{_BYTE})"
            ),
            (
                rf"(?<=\\)\\*(?:x{_LEAD}(?:\\+x{_NEXT}){{1,3}}|x{_BYTE}"
                rf"|u[dD][89abAB]{_BYTE}\\+u[dD][c-fC-F]{_BYTE}|u{_BYTE}{_BYTE}|U{_BYTE}{_BYTE}{_BYTE}{_BYTE}"
                r"|u\{[0-9a-fA-F]{1,8}\}|[0-3][0-7]{2}|[nrt]|[^\w\s\\]|)"
            ),
            (
                r"(?<=&)(?:\#[xX]0*[0-9a-fA-F]{1,6};|\#0*[0-9]{1,7};"
                r"|\#[xX]0*[2-7][0-9a-fA-F]|\#0*(?:1[01][0-9]|12[0-6]|[3-9][0-9])"  # sloppy ones, of ASCII alone
                rf"|(?:{'|'.join(sorted(_ASCII_NAMES, key=len, reverse=True))});?|[A-Za-z][A-Za-z0-9]{{1,31}};)"
            ),
            rf"(?<=\x1b)\[[0-9;]*m|(?<=[{_SKIPPED}])[{_SKIPPED}]*",
            "(?<=\")\"|(?<=')'",  # in CSV, in SQL
            "(?<=[\uff01-\uff5e])",  # full width
        ]
    )
    + ")"
)
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_FULL_WIDTH: Final = 0xFEE0


def unescape(text: str) -> str:
    """Undo one level of percent-encoding, of the escapes of HTML and of programming languages; drop what is unseen."""
    return _ESCAPE.sub(lambda found: _plain(found[0]), text)


def spans_before(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where spans of `unescape(text)` lie in the text itself; escapes are in them whole."""
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        starts.extend(range(at, found.start()))
        ends.extend(range(at + 1, found.start() + 1))
        length = len(_plain(found[0]))
        starts += [found.start()] * length
        ends += [found.end()] * length
        at = found.end()
    starts.extend(range(at, len(text)))
    ends.extend(range(at + 1, len(text) + 1))
    return [(starts[start], ends[stop - 1]) for start, stop in spans]


@lru_cache(maxsize=4096)
def _plain(escape: str) -> str:
    """Return what one escape stands for."""
    match escape[0]:
        case "%":
            return _of_backslash(escape[1:]) if escape[1] in "uU" else _of_bytes(escape)
        case "&":
            return _of_entity(escape)
        case "\\":
            return _of_backslash(escape.lstrip("\\"))
        case '"' | "'" as quote:
            return quote
        case other:
            return chr(ord(other) - _FULL_WIDTH) if "\uff01" <= other <= "\uff5e" else ""


def _of_entity(escape: str) -> str:
    name = escape[1:].removesuffix(";")
    return _ASCII_NAMES.get(name) or unescape_html(f"&{name};")


def _of_backslash(escape: str) -> str:
    """Return what follows backslashes, however many: texts are escaped in escaped texts."""
    match escape[:1]:
        case "x":
            return _of_bytes(escape)
        case "u" | "U":
            units = [int(number, 16) for number in _HEX.findall(escape)]
            if len(units) == 2:  # noqa: PLR2004  the halves of a surrogate pair
                return bytes.fromhex("".join(f"{unit:04x}" for unit in units)).decode("utf-16-be")
            return chr(units[0]) if units[0] <= 0x10FFFF else ""  # noqa: PLR2004  the last of Unicode
        case "n" | "r" | "t" | "":
            return ""
        case digit if digit.isdigit():
            return chr(int(escape, 8))
    return escape


def _of_bytes(escape: str) -> str:
    """Return the character that bytes in hex, two digits each, are in UTF-8; else one for each."""
    raw = bytes.fromhex("".join(re.findall(_BYTE, escape)))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
