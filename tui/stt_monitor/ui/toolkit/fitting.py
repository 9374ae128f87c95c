"""Fits texts and columns into a line: the richest wording, left and right, by priority; and highlights them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def lit(text: str, style: str) -> Content:
    """Return highlighted text: reversed, which shows without colours too.

    (A `reverse` in the style sheet would not reach a part of a line.)
    """
    return Content.assemble((text, style)).stylize("reverse")


def richest(candidates: Iterable[Content], width: int) -> Content:
    """Return the first wording that fits, else the last one cut off; later ones are not composed."""
    candidate = Content("")
    for candidate in candidates:
        if candidate.cell_length <= width:
            return candidate
    return candidate.truncate(max(0, width), ellipsis=True)


def columns_that_fit(cells: Mapping[str, int], wanted: Iterable[str], room: int) -> list[str]:
    """Return the names of the columns that fit, in the order of the table.

    Args:
        cells: width of each column, in the order of the table.
        wanted: their names by priority; from the first that does not fit on, all are left out.
        room: cells for all of them.
    """
    chosen: set[str] = set()
    for name in wanted:
        room -= cells[name]
        if room < 0:
            break
        chosen.add(name)
    return [name for name in cells if name in chosen]


def justify(left: Content, right: Content, width: int) -> Content:
    """Align one text to the left and one to the right; without room for both, only the left one is shown."""
    gap = width - left.cell_length - right.cell_length
    if gap < 1:
        return left.truncate(max(0, width), ellipsis=True)
    return Content.assemble(left, " " * gap, right)
