"""Transcript turn by turn, with the open turn at the bottom."""

from collections.abc import Sequence
from operator import is_
from typing import ClassVar, Final

from textual.content import Content, Span

from stt_monitor.core.finished_turn import FinishedTurn, index_of
from stt_monitor.core.notes import Note
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import CUT_OFF
from stt_monitor.core.turns.turn import Turn
from stt_monitor.services.registry import schema_of
from stt_monitor.ui.drawing.line_index import LineIndex
from stt_monitor.ui.drawing.notes import Noted, note_line
from stt_monitor.ui.drawing.transcript_tail import TranscriptTail
from stt_monitor.ui.drawing.turn_text import (
    Parts,
    StyleSpans,
    appearance,
    finished_parts,
    head_of,
    head_of_note,
    joined,
    note_parts,
    style_spans,
    text_width,
)
from stt_monitor.ui.keymap.bindings import meanings_of
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.search import Search
from stt_monitor.ui.toolkit.turn_list import TurnList
from stt_monitor.ui.toolkit.wrapping import wrap, wrap_piece

_BATCH_PAUSE_S: Final = 0.005
"""Pause between two batches of layout, in which keys are handled and the screen is drawn."""


class Transcript(TurnList):
    """The rolling transcript."""

    BORDER_TITLE: ClassVar[str] = "Transcript"
    DEFAULT_CLASSES = "panel scrolled"
    ABOUT: ClassVar[Section] = (
        "Transcript",
        (
            ("what it is", "the final text of every turn, and the open turn at the bottom"),
            ("◐ guess", "text at an eager end: a guess until the turn ends or resumes"),
            ("bold green", "words new in the last update"),
            ("~cut, cut", CUT_OFF),
            ("≡ ‖ ◈ ◆", "between turns: changed settings, pauses, lost connections"),
            *meanings_of("Select the previous turn", "Details", "Search", "Copy turn", "Page up"),
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._search = Search()
        self._line_index = LineIndex()
        self._layout_scheduled = False
        self._noted = Noted()
        """The finished turns with the notes between them, as they are in `_line_index`."""
        self._tail = TranscriptTail()
        """What stands beneath them: the open turn, with the notes before and after it."""
        self._note_texts: dict[Note, str] = {}
        self._style_spans: list[StyleSpans] = []
        self._hint = ""
        self._hint_lines: list[Content] = []

    def say(self, hint: str) -> None:
        """Show a sentence while there is no turn."""
        if hint != self._hint:
            self._hint = hint
            if not self._finished and self._tail.open_turn is None:
                self._update_tail_lines(0)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot; only turns that changed are drawn."""
        first, grown = self._update_finished(snapshot), self._tail.follow(snapshot.open_turn, snapshot.state)
        if first is not None or grown:
            self._tail.compose(self._note_texts)
            self._schedule_layout()
            self._update_tail_lines(self._line_index.height if first is None else first)

    def compose_line(self, y: int, width: int) -> Content:
        """Compose a line of a finished turn, of the open turn, or of the hint."""
        if y >= self._line_index.height + self._tail.lines.height:
            return self._hint_lines[y - self._line_index.height - self._tail.lines.height]
        if y >= self._line_index.height:
            y -= self._line_index.height
            return self._line(self._tail.lines, y, *self._tail.at(y), width)
        index = self._line_index.at(y)
        item = self._noted.at(index)
        about = item if isinstance(item, Note) else self._finished[item].turn
        return self._line(self._line_index, y, about, self._style_spans[index], width)

    def lines_of(self, index: int) -> range:
        """Return the lines of a finished turn."""
        item = self._noted.item(index)
        return range(self._line_index.top(item), self._line_index.top(item + 1))

    def index_at(self, line: int) -> int | None:
        """Return which finished turn a line belongs to."""
        item = self._noted.at(self._line_index.at(line)) if line in range(self._line_index.height) else None
        return item if isinstance(item, int) else None

    def look_for(self, wanted: str) -> int | None:
        """Light up what is looked for; returns the number of the newest turn that contains it."""
        texts = self._line_index.texts
        self._search.look_for(clean(wanted), [self._searched(item, text) for item, text in enumerate(texts)])
        self._update_tail_lines(self._line_index.height)
        self.redraw_all()
        self.following_changed()
        return self._number(self._search.before(None))

    def match(self, by: int) -> int | None:
        """Return the number of the next (1) or previous (-1) turn that contains what is looked for."""
        item = self._item(index_of(self._finished, self.chosen))
        return self._number(self._search.after(item) if by > 0 else self._search.before(item))

    @property
    def searching(self) -> bool:
        """Whether there is a search."""
        return bool(self._search.wanted)

    def measure(self, width: int, place: int) -> int:
        """Lay out every turn: the visible ones at once, the others in batches."""
        for places in (self._line_index, self._tail.lines):
            places.estimate(text_width(width))
        self._line_index.measure_from(place)
        self._tail.lines.measure_batch()
        self._schedule_layout()
        self._hint_lines = self._compose_hint(width)
        return self._height

    def place_after_measure(self, before: int) -> int:
        """Return the line of the piece of text that was at the top."""
        if before < self._line_index.passages:
            return self._line_index.passage_top(before)
        return self._line_index.height + self._tail.lines.passage_top(before - self._line_index.passages)

    def place_before_measure(self) -> int:
        """Return the number of the piece of text at the top."""
        top = round(self.scroll_y)
        if top < self._line_index.height:
            return self._line_index.passage_at(top)
        return self._line_index.passages + self._tail.lines.passage_at(top - self._line_index.height)

    @property
    def is_laid_out(self) -> bool:
        """Whether every turn is measured."""
        return self._line_index.is_exact and self._tail.lines.is_exact

    def following_changed(self) -> None:
        """Show in the border what was found, and that the end is not followed."""
        said = []
        if self.searching:
            rank = self._search.rank(self._item(index_of(self._finished, self.chosen)))
            found = f"{rank}/{len(self._search)}" if rank else str(len(self._search))
            said.append(f"{found} found · n N Esc" if len(self._search) else "nothing found · Esc")
        if self.chosen is not None and not said:
            said.append(f"turn {self.chosen} · Enter details · Esc")
        elif not self.following and not said:
            said.append("scrolled up · End follows again")
        self.border_title = Content(" · ".join([self.BORDER_TITLE, *said]))

    def _update_finished(self, snapshot: Snapshot) -> int | None:
        """Set the finished turns and the notes; return the first line that changed, None if none did."""
        old, finished = self._finished, snapshot.finished
        self._finished = finished
        before, self._noted = self._noted, Noted(finished, snapshot.notes)
        after = snapshot.notes[self._noted.inside :]
        stays, self._tail.notes = after == self._tail.notes, after
        if snapshot.notes != tuple(self._note_texts):
            schema = schema_of(snapshot.session)
            self._note_texts = {note: note_line(note, schema) for note in snapshot.notes}
        kept = min(self._noted.item(_same_turns(old, finished)), self._noted.same_until(before))
        if kept >= len(before) == len(self._noted):
            return None if stays else self._line_index.height
        first = self._line_index.top(kept)
        parts = [self._parts(item) for item in range(kept, len(self._noted))]
        texts = [joined(each) for each in parts]
        self._style_spans[kept:] = map(style_spans, parts)
        self._line_index.replace(kept, texts)
        self._search.replace(kept, [self._searched(item, text) for item, text in enumerate(texts, kept)])
        self._schedule_layout()
        return first

    def _parts(self, item: int) -> Parts:
        """Return the text of a finished turn, or of a note."""
        found = self._noted.at(item)
        return note_parts(self._note_texts[found]) if isinstance(found, Note) else finished_parts(self._finished[found])

    def _searched(self, item: int, text: str) -> str:
        """Return the text that is searched: turns only."""
        return "" if isinstance(self._noted.at(item), Note) else text

    def _item(self, index: int | None) -> int | None:
        return None if index is None else self._noted.item(index)

    def _schedule_layout(self) -> None:
        """Schedule the measuring of estimated turns, in batches."""
        if not self._layout_scheduled and not self.is_laid_out:
            self._layout_scheduled = True
            self.set_timer(_BATCH_PAUSE_S, self._lay_out_batch)

    def _lay_out_batch(self) -> None:
        self._layout_scheduled = False
        place = self.place_before_measure()
        within = round(self.scroll_y) - self.place_after_measure(place)
        moved = [places.measure_batch() for places in (self._line_index, self._tail.lines) if not places.is_exact]
        if any(moved):
            self.lines_moved(self._height, self.place_after_measure(place) + within)
        self._schedule_layout()

    @property
    def _height(self) -> int:
        return self._line_index.height + self._tail.lines.height + len(self._hint_lines)

    def _update_tail_lines(self, first: int) -> None:
        if self.measured_width:
            self._hint_lines = self._compose_hint(self.measured_width)
            self.lines_changed(first, self._height)

    def _compose_hint(self, width: int) -> list[Content]:
        if self._tail.open_turn is not None or self._finished or not self._hint:
            return []
        return [Content.assemble((self._hint[start:stop], ".faint")) for start, stop in wrap(self._hint, width)]

    def _line(self, places: LineIndex, y: int, about: Turn | Note, styled: StyleSpans, width: int) -> Content:
        """Return a line of the text of a turn or a note, from the one piece that contains it."""
        number = places.passage_at(y)
        passage, row = places.passage(number), y - places.passage_top(number)
        text = places.texts[passage.index]
        lines = wrap_piece(text[passage.start : passage.stop], text_width(width))
        first = not (passage.start or row)
        if isinstance(about, Note):
            head = head_of_note(about, width, first=first)
        else:
            head = head_of(about, width, chosen=about.number == self.chosen, first=first)
        if row >= len(lines):  # an estimate had more lines
            return Content("")
        start, stop = (passage.start + place for place in lines[row])
        matches = [] if isinstance(about, Note) else self._search.spans(text, passage.start, passage.stop)
        spans = [
            Span(max(begin, start) - start, min(end, stop) - start, style)
            for begin, end, style in (*styled, *((*match, "reverse") for match in matches))
            if begin < stop and end > start
        ]
        return Content.assemble(head, Content(text[start:stop], spans))

    def _number(self, item: int | None) -> int | None:
        index = None if item is None else self._noted.at(item)
        return self._finished[index].turn.number if isinstance(index, int) else None


def _same_turns(old: Sequence[FinishedTurn], finished: Sequence[FinishedTurn]) -> int:
    """Return how many of the first turns look the same."""
    shorter = min(len(old), len(finished))
    if finished is old:
        return shorter
    kept = bytes(map(is_, old, finished)).find(0)
    kept = shorter if kept < 0 else kept
    while kept < shorter and appearance(old[kept]) == appearance(finished[kept]):
        kept += 1
    return kept
