"""Pieces of Markdown that read well unrendered too: aligned tables, lines of moderate length, text without markup."""

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import TextWrapper
from typing import Final
from unicodedata import combining, east_asian_width

from stt_monitor.core.text.sanitize import clean

WIDTH: Final = 110
"""Characters of a line of text; a table may be wider."""
_WIDEST: Final = 60
"""Cells up to so wide are aligned; wider ones stick out."""

_MARKUP: Final = re.compile(
    r"[\\`*\[\]<|~$]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # inside a word it is a character like any other
    r"|#(?=[\d#]|$)|&(?=#?\w+;)|@(?=\w)"  # issues, characters by name, people
    r"|:(?=//)|(?<=www)\.|(?<!\w):(?=\w+:)"  # addresses, emoji by name
)
"""Characters where Markdown or a dialect takes them for markup or an address; elsewhere they are harmless."""

_PAIRED: Final = "~$"
"""Characters that are markup in pairs only."""
_BEGINS: Final = re.compile(r"[-+#>=:]|\d{1,9}(?=[.)])")
"""Markdown syntax at the start of a line: a list, a heading, a quote, a rule."""


def escape(text: str) -> str:
    """Return text from outside in one line, with nothing in it that Markdown takes for markup.

    All text from outside goes through here.
    """
    text = clean(text)
    alone = {character for character in _PAIRED if text.count(character) == 1}
    return _MARKUP.sub(lambda match: match[0] if match[0] in alone else f"\\{match[0]}", text)


def paragraph(text: str, before: str = "", indent: str | None = None) -> Iterator[str]:
    """Yield escaped text in lines of at most `WIDTH` characters, as far as its words allow.

    Args:
        text: escaped, in one line.
        before: what comes before the first line, such as `> `; it is not escaped.
        indent: what comes before the others; None: the same.
    """
    after = before if indent is None else indent
    wrapper = TextWrapper(WIDTH - max(len(before), len(after)), break_long_words=False, break_on_hyphens=False)
    for number, line in enumerate(wrapper.wrap(text)):
        yield (after if number else before) + _as_text(line)


def _as_text(line: str) -> str:
    """Escape what would make a line more than text."""
    found = _BEGINS.match(line)
    if found is None:
        return line
    place = found.end() if line[0].isdecimal() else 0
    return f"{line[:place]}\\{line[place:]}"


def table(names: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield a table of escaped cells whose columns are aligned."""
    body = [list(row) for row in rows]
    columns = zip(names, *body, strict=True)
    widths = [max([3, *(width for width in map(_width, column) if width <= _WIDEST)]) for column in columns]
    yield _row(names, widths)
    yield f"| {' | '.join('-' * width for width in widths)} |"
    yield from (_row(row, widths) for row in body)


def _row(cells: Iterable[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)
