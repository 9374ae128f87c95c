"""The transcripts of services beside each other, a block for each piece of speech that all have in full."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar, Final

from textual.content import Content

from stt_monitor.core.side_by_side.rows import Row, block_start, blocks_of
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.drawing.texts_beside import GAP, Block, block_of, heading_of, lines_of
from stt_monitor.ui.keymap.bindings import meanings_of
from stt_monitor.ui.lanes import name_of, names_of
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.tail_view import SCROLL_BAR, TailView
from stt_monitor.ui.widgets.side_by_side.part import ServicesPart

MOST_ROWS: Final = 1000
"""Newest rows shown with their texts; the default view has all."""


class TextsHeader(ServicesPart):
    """The names of the services, over their texts."""

    def appearance(self, lane: Snapshot) -> object:
        """Return the name alone."""
        return name_of(lane)

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        return [heading_of(names_of(self.lanes), width - SCROLL_BAR, self.service)]


class Texts(TailView):
    """The texts of all services; only blocks that changed are drawn again."""

    DEFAULT_CLASSES = "scrolled"
    ABOUT: ClassVar[Section] = (
        "Transcripts side by side",
        (
            ("what it is", "what each service heard of the same speech, up to where all have ended the turn"),
            ("underlined", "a word that most services do not have there, apart from case, apostrophes and punctuation"),
            (GAP, "most services have a word here, and this one has none"),
            ("…", "not final: nothing is marked yet"),
            *meanings_of("Page up"),
        ),
    )

    def __init__(self, *, id: str | None = None, most_rows: int = MOST_ROWS) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._most_rows = most_rows
        self._lanes: Sequence[Snapshot] = ()
        self._names: list[str] = []
        self._starts: list[int] = []
        """The first row of each block."""
        self._blocks: list[Block] = []
        self._lines: list[list[Content]] = []
        """Of each block, for the present width."""
        self._tops: list[int] = [0]
        """The first line of each block, and the number of all lines."""
        self._open_from: int | None = None
        """The first row of the first block that is not complete."""

    def show(self, rows: Sequence[Row], first: int | None, lanes: Sequence[Snapshot]) -> None:
        """Show the texts of rows, of which those from `first` on have changed; None: none has."""
        turned = [one.open_turn for one in lanes] != [one.open_turn for one in self._lanes]
        self._lanes, self._names = lanes, names_of(lanes)
        changed = [place for place in (first, self._open_from if turned else None) if place is not None]
        if changed:
            self._rewrite(rows, min(changed))

    def reveal_row(self, rows: Sequence[Row], at: float | None) -> None:
        """Scroll the block of the row at a time into view; None follows the end again."""
        if at is None:
            self.follow()
            return
        index = next((index for index, block in enumerate(self._blocks) if self._holds(rows, index, at)), None)
        if index is not None and self.measured_width:
            self.reveal(range(self._tops[index], self._tops[index + 1]))

    def compose_line(self, y: int, width: int) -> Content:  # noqa: ARG002 - composed when it was laid out
        """Return a line of a block."""
        index = bisect_right(self._tops, y) - 1
        return self._lines[index][y - self._tops[index]] if index < len(self._lines) else Content("")

    def measure(self, width: int, place: int) -> int:  # noqa: ARG002 - all blocks are few enough
        """Lay out all blocks."""
        self._lines = [lines_of(block, self._names, width) for block in self._blocks]
        self._tops = [0, *accumulate(map(len, self._lines))]
        return self._tops[-1]

    def _rewrite(self, rows: Sequence[Row], changed: int) -> None:
        """Make the blocks again that rows from this one on can be in."""
        before = bisect_right(self._starts, changed)
        first = block_start(rows, min([changed, *self._starts[max(0, before - 1) : before]]))
        oldest = block_start(rows, max(0, len(rows) - self._most_rows))
        if not self._starts or self._starts[0] < oldest - self._most_rows // 2:
            first = oldest
            self._starts, self._blocks, self._lines = [], [], []
        kept = bisect_left(self._starts, first)
        found = list(blocks_of(rows, first))
        blocks = [block_of([rows[index] for index in block], self._lanes) for block in found]
        self._starts[kept:] = [block.start for block in found]
        growing = (block.start for block, made in zip(found, blocks, strict=True) if any(t.grows for t in made.texts))
        self._open_from = next(growing, None)
        old = self._blocks[kept:]
        same = next((i for i, pair in enumerate(zip(old, blocks, strict=False)) if pair[0] != pair[1]), None)
        same = min(len(old), len(blocks)) if same is None else same
        self._blocks[kept:] = blocks
        if self.measured_width and (same < len(blocks) or same < len(old)):
            kept += same
            self._lines[kept:] = [lines_of(block, self._names, self.measured_width) for block in blocks[same:]]
            self._tops = [0, *accumulate(map(len, self._lines))]
            self.lines_changed(self._tops[kept], self._tops[-1])

    def _holds(self, rows: Sequence[Row], index: int, at: float) -> bool:
        later = self._starts[index + 1] if index + 1 < len(self._starts) else len(rows)
        return rows[self._starts[index]].at <= at and (later >= len(rows) or at < rows[later].at)
