"""Breaks text into lines of a width in cells."""

from functools import lru_cache
from typing import Final

from rich.cells import cell_len, chop_cells

PIECE: Final = 4096
"""Characters per piece of a long text; pieces are broken into lines independently."""

_LONGEST_CLUSTER: Final = 64
"""Characters before a cut that may belong to what follows."""

_JOINER: Final = "\u200d"
_SKINS: Final = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")

Stretch = tuple[int, int]
"""Start and stop in a text."""


def pieces(text: str) -> list[Stretch]:
    """Cut a long text into pieces that are broken into lines one by one; a short one is a single piece.

    Each cut is at the last blank that fits, which belongs to no piece. A text that grows at its end keeps all pieces
    but the last.
    """
    cut: list[Stretch] = []
    start, length = 0, len(text)
    while length - start > PIECE:
        blank = text.rfind(" ", start + 1, start + PIECE + 1)
        stop = blank if blank > 0 else _between_clusters(text, start + PIECE)
        cut.append((start, stop))
        start = stop + (blank > 0)
    cut.append((start, length))
    return cut


def wrap(text: str, width: int) -> list[Stretch]:
    """Return start and stop of each line of `text`; a word longer than a line is broken.

    Args:
        text: without line breaks.
        width: cells in a line; at least one.

    Returns:
        At least one pair; the blanks at which lines were broken belong to no line.
    """
    if len(text) <= PIECE:
        return _wrap_piece(text, width)
    return [
        (start + first, start + last)
        for start, stop in pieces(text)
        for first, last in _wrap_piece(text[start:stop], width)
    ]


def line_count(text: str, width: int) -> int:
    """Return the number of lines that `wrap` makes of a text; much faster for a short one."""
    if len(text) <= width and text.isascii():
        return 1
    return len(wrap(text, width))


@lru_cache(maxsize=64)
def wrap_piece(piece: str, width: int) -> list[Stretch]:
    """Return the lines of one of the `pieces` of a text; the latest ones are cached."""
    return _wrap_piece(piece, width)


def _wrap_piece(text: str, width: int) -> list[Stretch]:
    width = max(1, width)
    return _wrap_ascii(text, width) if text.isascii() else _wrap_cells(text, width)


def _between_clusters(text: str, place: int) -> int:
    """Return the last place up to `place` that splits no grapheme cluster, if one is near."""
    for cut in range(place, place - _LONGEST_CLUSTER, -1):
        if cell_len(text[cut]) and text[cut] not in _SKINS and text[cut - 1] != _JOINER:
            return cut
    return place


def _wrap_ascii(text: str, width: int) -> list[Stretch]:
    """Find the last blank that fits, without looking at words: one character is one cell."""
    lines: list[Stretch] = []
    start, length = 0, len(text)
    while length - start > width:
        cut = text.rfind(" ", start + 1, start + width + 1)
        if cut < 0:
            lines.append((start, start + width))
            start += width
        else:
            lines.append((start, cut))
            start = cut + 1
    lines.append((start, length))
    return lines


def _wrap_cells(text: str, width: int) -> list[Stretch]:
    lines: list[Stretch] = []
    start = stop = position = used = 0
    for word in text.split(" "):
        cells = cell_len(word)
        if stop > start and used + 1 + cells > width:
            lines.append((start, stop))
            start, used = position, 0
        elif stop > start:
            used += 1
        else:
            start = position
        if cells > width:
            for piece in chop_cells(word, width)[:-1]:
                lines.append((start, start + len(piece)))
                start += len(piece)
            used, cells = 0, cell_len(text[start : position + len(word)])
        stop = position + len(word)
        used += cells
        position = stop + 1
    lines.append((start, stop))
    return lines
