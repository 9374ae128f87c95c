"""Turns a recorded terminal (asciicast) into an animated SVG without a script, which plays wherever a picture is shown.

Every run of equal characters is drawn once, and shown for as long as it stays on the screen.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

import pyte

CELL: Final = (8.4, 18)
"""Width and height of a character, in pixels."""
_FONT_SIZE: Final = 14
_BASELINE: Final = 13.5
_PLAIN: Final = "#e0e0e0"
_BEHIND: Final = "#121212"
_BARS: Final = "▁▂▃▄▅▆▇█"
_BRAILLE: Final = re.compile("[\u2800-\u28ff]")
_LINES: Final = {"━": 0.14, "─": 0.07}
"""Heights, of a cell's, of horizontal lines."""

Look = tuple[str, str, bool, bool]
"""Colour, colour behind it, whether bold, whether underlined."""
Picture = list[list[tuple[str, Look]]]


class Item(NamedTuple):
    """Something drawn in a row: characters, or what is behind them."""

    row: int
    column: int
    cells: str
    look: Look
    """Of what is behind characters, only its colour counts."""
    behind: bool


class _Life(NamedTuple):
    """What is shown in the same pictures is shown and hidden together."""

    in_front: bool
    numbers: tuple[int, ...]
    """Of the pictures."""


def animate(cast: Path, begin: float, end: float, pictures_a_second: float) -> str:
    """Return the SVG of the seconds from `begin` to `end` of a recording, which begins again at its end."""
    pictures = list(_pictures(cast, begin, end, pictures_a_second))
    shown: dict[Item, list[int]] = defaultdict(list)
    for number, picture in enumerate(pictures):
        for item in _items(picture):
            shown[item].append(number)
    together: dict[_Life, list[Item]] = defaultdict(list)
    for item, numbers in shown.items():
        together[_Life(not item.behind, tuple(numbers))].append(item)
    return _svg(pictures[0], together, len(pictures), end - begin)


def _pictures(cast: Path, begin: float, end: float, a_second: float) -> Iterator[Picture]:
    """Play a recording, and yield what is on the screen, so often a second."""
    header, *events = map(json.loads, cast.read_text(encoding="utf-8").splitlines())
    screen = pyte.Screen(header["width"], header["height"])
    stream = pyte.Stream(screen)
    at = begin
    for when, _, output in [*events, (end, "o", "")]:
        while when > at and at < end:
            yield [[_seen(line[column]) for column in range(screen.columns)] for line in _lines(screen)]
            at += 1 / a_second
        stream.feed(output)


def _lines(screen: pyte.Screen) -> Iterator[dict[int, pyte.screens.Char]]:
    return (screen.buffer[row] for row in range(screen.lines))


def _seen(char: pyte.screens.Char) -> tuple[str, Look]:
    fore = _PLAIN if char.fg == "default" else f"#{char.fg}"
    back = _BEHIND if char.bg == "default" else f"#{char.bg}"
    if char.reverse:
        fore, back = back, fore
    return char.data, (fore, back, char.bold, char.underscore)


def _items(picture: Picture) -> Iterator[Item]:
    for row, line in enumerate(picture):
        yield from _runs(row, [(" ", ("", look[1], False, False)) for _, look in line], behind=True)
        yield from _runs(row, [(char, (look[0], "", *look[2:])) for char, look in line], behind=False)


def _runs(row: int, line: Sequence[tuple[str, Look]], *, behind: bool) -> Iterator[Item]:
    """Yield the runs of a row that are drawn in one piece."""
    begin = 0
    for column in range(1, len(line) + 1):
        if column < len(line) and _continues(line, begin, column, behind=behind):
            continue
        cells = "".join(char for char, _ in line[begin:column])
        look = line[begin][1]
        blank = look[1] == _BEHIND if behind else not cells.strip() and not look[3]
        if not blank:
            yield Item(row, begin, cells if behind or look[3] else cells.rstrip(), look, behind)
        begin = column


def _continues(line: Sequence[tuple[str, Look]], begin: int, column: int, *, behind: bool) -> bool:
    (first, look), (char, its_look) = line[begin], line[column]
    if look != its_look or behind:
        return look == its_look
    # Words two spaces apart are columns, each of which changes on its own.
    apart = char != " " and [before for before, _ in line[column - 2 : column]] == [" ", " "]
    return _kind(first) == _kind(char) and not apart and (first != " " or char == " ")


def _kind(char: str) -> str:
    """Return how a character is drawn: as bars, lines, dots, or by a font."""
    if char in _BARS:
        return "bar"
    if char in _LINES:
        return "line"
    return "dots" if _BRAILLE.match(char) else "text"


def _svg(first: Picture, together: dict[_Life, list[Item]], count: int, seconds: float) -> str:
    width, height = round(len(first[0]) * CELL[0], 1), len(first) * CELL[1]
    looks: dict[str, str] = {}
    groups = [_group(life.numbers, items, looks, count, seconds) for life, items in sorted(together.items())]
    styles = "".join(f".{name}{{{look}}}" for look, name in looks.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<style>text{{font:{_FONT_SIZE}px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}}"
        f".b{{font-weight:700}}.u{{text-decoration:underline}}{styles}</style>"
        f'<rect width="100%" height="100%" fill="{_BEHIND}" rx="6"/>{"".join(groups)}</svg>\n'
    )


def _group(numbers: tuple[int, ...], items: list[Item], looks: dict[str, str], count: int, seconds: float) -> str:
    drawn = "".join(_drawn(item, looks) for item in items)
    if len(numbers) == count:
        return drawn
    there = set(numbers)
    changes = [number for number in range(count) if number == 0 or (number in there) != (number - 1 in there)]
    values = ";".join("inline" if number in there else "none" for number in changes)
    times = ";".join(f"{number / count:.4f}".rstrip("0").rstrip(".") for number in changes)
    at_rest = "" if count - 1 in there else ' display="none"'
    return (
        f'<g{at_rest}><animate attributeName="display" calcMode="discrete" values="{values}" keyTimes="{times}" '
        f'dur="{seconds:g}s" repeatCount="indefinite"/>{drawn}</g>'
    )


def _drawn(item: Item, looks: dict[str, str]) -> str:
    x, y = _short(item.column * CELL[0]), item.row * CELL[1]
    width = len(item.cells) * CELL[0]
    if item.behind:
        return f'<path class="{_named(item.look[1], looks)}" d="M{x} {y}h{_short(width)}v{CELL[1]}h-{_short(width)}z"/>'
    colour, _, bold, underlined = item.look
    name = _named(colour, looks)
    kind = _kind(item.cells[0])
    if kind in ("bar", "line"):
        return f'<path class="{name}" d="{_bars(item, y)}"/>'
    names = " ".join([name, *(["b"] if bold else []), *(["u"] if underlined else [])])
    return (
        f'<text class="{names}" x="{x}" y="{_short(y + _BASELINE)}" textLength="{_short(width)}">'
        f"{escape(item.cells)}</text>"
    )


def _bars(item: Item, y: float) -> str:
    """Draw bars and lines: fonts differ in how they join."""
    path = []
    begin = 0
    for end in range(1, len(item.cells) + 1):
        if end < len(item.cells) and item.cells[end] == item.cells[begin]:
            continue
        char, x, width = item.cells[begin], (item.column + begin) * CELL[0], (end - begin) * CELL[0]
        if char in _LINES:
            tall = CELL[1] * _LINES[char]
            top = y + (CELL[1] - tall) / 2
        else:
            tall = CELL[1] * (_BARS.index(char) + 1) / len(_BARS)
            top = y + CELL[1] - tall
        path.append(f"M{_short(x)} {_short(top)}h{_short(width)}v{_short(tall)}h-{_short(width)}z")
        begin = end
    return "".join(path)


def _named(colour: str, looks: dict[str, str]) -> str:
    """Return the class of a colour."""
    return looks.setdefault(f"fill:{colour}", f"c{len(looks)}")


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
