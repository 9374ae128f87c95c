"""Fits texts into a line: the richest wording, one text at the left and one at the right; and lights them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterable


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


def justify(left: Content, right: Content, width: int) -> Content:
    """Align one text to the left and one to the right; without room for both, only the left one is shown."""
    gap = width - left.cell_length - right.cell_length
    if gap < 1:
        return left.truncate(max(0, width), ellipsis=True)
    return Content.assemble(left, " " * gap, right)
