"""What the screen looks like, as text that a person can read and compare.

    UPDATE_SNAPSHOTS=1 pytest tests/ui/test_snapshots.py

writes the files of `tests/ui/snapshots/` anew. Each holds the screen's text, a picture of the same size in which every
look has a letter, and what each letter means in the dark and in the light theme.
"""

import difflib
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from string import ascii_letters, digits

from rich.cells import cell_len
from rich.style import Style
from textual.pilot import Pilot

FOLDER = Path(__file__).with_name("snapshots")
UPDATE = "UPDATE_SNAPSHOTS"
THEMES = ("textual-dark", "textual-light")
LETTERS = "." + ascii_letters + digits

Looks = list[list[str]]


async def difference(pilot: Pilot[int], name: str) -> str:
    """Compare the screen, in both themes, with the one that is on file; return the lines that differ."""
    seen = await picture(pilot)
    path = FOLDER / f"{name}.txt"
    if os.environ.get(UPDATE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
        return ""
    if not path.exists():
        return f"{path} is missing: {UPDATE}=1 makes it"
    kept = path.read_text(encoding="utf-8")
    if seen == kept:
        return ""
    lines = difflib.unified_diff(kept.splitlines(), seen.splitlines(), "on file", "now", lineterm="", n=1)
    return "\n".join([f"{path.name} looks different:", *lines])


async def picture(pilot: Pilot[int]) -> str:
    """Return the screen as text, looks and legend."""
    looks: dict[str, Looks] = {}
    text: list[str] = []
    for theme in sorted(THEMES, key=lambda theme: theme != pilot.app.theme):  # another one has all styles computed anew
        if theme != pilot.app.theme:
            pilot.app.theme = theme
            await pilot.pause()
        text, looks[theme] = _drawn(pilot)
    pairs = [list(zip(*lines, strict=True)) for lines in zip(*(looks[theme] for theme in THEMES), strict=True)]
    different = dict.fromkeys(pair for line in pairs for pair in line)
    letters = dict(zip(different, LETTERS, strict=False))
    grid = ["".join(letters[pair] for pair in line) for line in pairs]
    legend = [f"{letter}  {dark:<44}  {light}".rstrip() for (dark, light), letter in letters.items()]
    return "\n".join([*text, "", *grid, "", f"   {THEMES[0]:<44}  {THEMES[1]}", *legend, ""])


def _drawn(pilot: Pilot[int]) -> tuple[list[str], Looks]:
    text: list[str] = []
    looks: Looks = []
    for strip in pilot.app.screen._compositor.render_strips():
        text.append(strip.text.rstrip())
        looks.append([_said(segment.style) for segment in strip for _ in range(cell_len(segment.text))])
    return text, looks


@lru_cache(maxsize=1024)
def _said(style: Style | None) -> str:
    """Say how a cell looks."""
    if style is None:
        return "plain"
    names = ("bold", "dim", "italic", "underline", "reverse", "strike")
    fore = [style.color.name] if style.color is not None else []
    back = [f"on {style.bgcolor.name}"] if style.bgcolor is not None else []
    return " ".join([*fore, *back, *(name for name in names if getattr(style, name))])


def left_over(names: Iterable[str]) -> set[str]:
    """Return which files there are that no test asks for."""
    return {path.stem for path in FOLDER.glob("*.txt")} - set(names)
