"""Draws the texts of several services beside each other, with the words that differ marked.

Without room they stand one beneath the other.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

import msgspec
from textual.content import Content, Span

from stt_monitor.core.side_by_side.differences import Differences, differences
from stt_monitor.core.side_by_side.rows import Answer, Row
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.services.registry import dialect_of
from stt_monitor.ui.formatting import clock
from stt_monitor.ui.toolkit.wrapping import wrap

GAP: Final = "__"
"""Where most services have a word, and this one has none."""
DIFFERENT: Final = "bold underline"
_TIME: Final = 8
_LONGEST_NAME: Final = 10
_NO_WORDS: Final = "(no words)"
_UNCOMPARED: Final = "these texts are too long to compare"
_MOST_CHARACTERS: Final = 10_000
"""Of a longer text its end is shown, so that no text holds up the screen: the view of one service has all of it."""
_NARROWEST: Final = 16
"""Cells of a column of text; narrower ones stand beneath each other."""


class Text(msgspec.Struct, frozen=True):
    """The result of one service for a stretch of speech."""

    text: str
    """Sanitized, with its gaps marked; empty without a turn."""
    marks: tuple[tuple[int, int], ...] = ()
    """Start and stop of what differs."""
    grows: bool = False
    """It is not complete."""
    cut: bool = False
    """Only its end is here."""
    missed: bool = False


class Block(msgspec.Struct, frozen=True):
    """Rows of speech common to all services, with the turn of each."""

    at: float
    texts: tuple[Text, ...]
    uncompared: bool = False
    """The texts are too long to compare."""


def block_of(rows: Sequence[Row], lanes: Sequence[Snapshot]) -> Block:
    """Return the texts of the rows of a block; differences only once every service has its text."""
    heard = [_heard([row.answers[index] for row in rows], lane) for index, lane in enumerate(lanes)]
    if any(one.grows for one in heard):
        return Block(rows[0].at, tuple(heard))
    spoken = [one.text for one in heard if one.text]
    found = None if any(one.cut for one in heard) else differences(spoken)
    marked = iter(found if found is not None else [Differences()] * len(spoken))
    texts = tuple(_marked(one, next(marked)) if one.text else one for one in heard)
    return Block(rows[0].at, texts, uncompared=found is None)


def _heard(answers: Sequence[Answer], lane: Snapshot) -> Text:
    """Return the results of one service in the rows of a block."""
    turns = {part.finished.turn.number: part.finished.turn for each in answers for part in each.parts}
    grows = lane.open_turn is not None and any(each.open for each in answers)
    if grows and lane.open_turn is not None:
        turns[lane.open_turn.number] = lane.open_turn
    joiner = dialect_of(lane.session).joiner
    said = "".join(turn.text_after(joiner) for turn in turns.values() if turn.transcript)
    cut = len(said) > _MOST_CHARACTERS
    text = f"… {clean(said[-_MOST_CHARACTERS:])}" if cut else clean(said) or (_NO_WORDS if turns and not grows else "")
    return Text(text, grows=grows, cut=cut, missed=any(each.missed for each in answers) and not turns)


def _marked(heard: Text, found: Differences) -> Text:
    """Return a text with its gaps and what differs."""
    text, marks = heard.text, list(found.words)
    for place in reversed(found.gaps):
        mark = f" {GAP}" if place == len(heard.text) else f"{GAP} "
        text = text[:place] + mark + text[place:]
        start = place + mark.index(GAP)
        later = [(begin + len(mark), stop + len(mark)) for begin, stop in marks if begin >= place]
        marks = [*(each for each in marks if each[0] < place), (start, start + len(GAP)), *later]
    return msgspec.structs.replace(heard, text=text, marks=tuple(marks))


def lines_of(block: Block, names: Sequence[str], width: int) -> list[Content]:
    """Return a block in lines of a width: a column for each service, or one beneath the other."""
    head = (f"{clock(block.at, tenths=True):>{_TIME - 1}} ", ".faint")
    cells = (width - _TIME) // max(1, len(names))
    if cells < _NARROWEST:
        return list(_beneath(block, names, head, width))
    columns = [_wrapped(text, cells - 2) for text in block.texts]
    lines = [
        Content.assemble(*((line or Content("")).pad_right(cells - (line or Content("")).cell_length) for line in each))
        for each in zip_longest(*columns)
    ]
    blank = (" " * _TIME, "")
    drawn = [Content.assemble(blank if number else head, line) for number, line in enumerate(lines)]
    if block.uncompared:
        drawn.append(Content.assemble(blank, (_UNCOMPARED, ".faint")).truncate(width))
    return drawn


def heading_of(names: Sequence[str], width: int, chosen: str) -> Content:
    """Return the column headings, or if columns are too narrow the legend of the marks."""
    cells = (width - _TIME) // max(1, len(names))
    if cells < _NARROWEST:
        return Content.assemble((f" underlined: different · {GAP}: a word missing", ".faint")).truncate(width)
    shown = ((f"{'▸' if name == chosen else ''}{name}"[: cells - 2].ljust(cells), name == chosen) for name in names)
    return Content.assemble(" " * _TIME, *((text, ".headline" if lit else "bold") for text, lit in shown))


def _beneath(block: Block, names: Sequence[str], head: tuple[str, str], width: int) -> Iterator[Content]:
    """Yield the texts one beneath the other, each after the name of its service."""
    cells = min(_LONGEST_NAME, max(map(len, names), default=0)) + 1
    for number, (name, text) in enumerate(zip(names, block.texts, strict=True)):
        for row, line in enumerate(_wrapped(text, width - _TIME - cells)):
            time = head if not number and not row else (" " * _TIME, "")
            yield Content.assemble(time, ("" if row else name[: cells - 1], ".label"), _gap(row, name, cells), line)
    if block.uncompared:
        yield Content.assemble((" " * _TIME, ""), (_UNCOMPARED, ".faint")).truncate(width)


def _gap(row: int, name: str, cells: int) -> str:
    return " " * (cells if row else cells - min(len(name), cells - 1))


def _wrapped(heard: Text, width: int) -> list[Content]:
    """Return a text in lines, marked."""
    if not heard.text and not heard.grows:
        return [Content.assemble(("✗ missed", ".bad") if heard.missed else (NO_VALUE, ".faint"))]
    text, base = (f"{heard.text}…", ".label") if heard.grows else (heard.text, "")
    lines = []
    for start, stop in wrap(text, max(1, width)):
        spans = [
            Span(max(begin, start) - start, min(end, stop) - start, DIFFERENT)
            for begin, end in heard.marks
            if begin < stop and end > start
        ]
        base_spans = [Span(0, stop - start, base)] if base else []
        lines.append(Content(text[start:stop], [*base_spans, *spans]))
    return lines
