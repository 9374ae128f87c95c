"""What was said, turn by turn, with the growing turn at the bottom."""

from collections.abc import Sequence
from operator import is_
from typing import ClassVar, Final

from textual.content import Content, Span

from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.state_machine import State, Turn
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.drawing.line_index import LineIndex
from stt_monitor.ui.drawing.turn_text import (
    Looks,
    finished_parts,
    head_of,
    joined,
    look,
    looks_of,
    open_parts,
    text_width,
)
from stt_monitor.ui.key_bindings import meanings_of
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.search import Search
from stt_monitor.ui.toolkit.turn_list import TurnList, index_of
from stt_monitor.ui.toolkit.wrapping import wrap, wrap_piece

_BATCH_PAUSE_S: Final = 0.005
"""Between two batches of turns being laid out, keys are answered and the screen is drawn."""


class Transcript(TurnList):
    """The rolling transcript."""

    BORDER_TITLE: ClassVar[str] = "Transcript"
    ABOUT: ClassVar[Section] = (
        "Transcript",
        (
            ("what it is", "the final text of every turn, and the open turn at the bottom"),
            ("◐ guess", "text at an eager end: a guess until the turn ends or resumes"),
            ("bold green", "words new in the last update"),
            ("~cut", "the turn ended while speech went on or resumed within 1 s"),
            *meanings_of("Select the previous turn", "Details", "Search", "Copy turn", "A page up"),
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._search = Search()
        self._places = LineIndex()
        self._settling = False
        self._open: Turn | None = None
        self._state = State.IDLE
        self._known = 0
        self._tail = LineIndex()
        """The growing turn, as the others stand in `_places`."""
        self._looks: list[Looks] = []
        self._tail_looks: Looks = ()
        self._hint = ""
        self._hint_lines: list[Content] = []

    def say(self, hint: str) -> None:
        """Show one sentence as long as there is no turn."""
        if hint != self._hint:
            self._hint = hint
            if not self._finished and self._open is None:
                self._relay_tail(0)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot; only turns that look different cost anything."""
        first = self._take_finished(snapshot.finished)
        grown = self._take_open(snapshot.open_turn, snapshot.state)
        if first is not None or grown:
            self._retell_tail()
            self._relay_tail(self._places.height if first is None else first)

    def compose_line(self, y: int, width: int) -> Content:
        """Compose a line of a finished turn, or of what is beneath them."""
        if y >= self._places.height + self._tail.height:
            return self._hint_lines[y - self._places.height - self._tail.height]
        if y >= self._places.height:
            assert self._open is not None
            return self._line(self._tail, y - self._places.height, self._open, self._tail_looks, width)
        index = self._places.at(y)
        return self._line(self._places, y, self._finished[index].turn, self._looks[index], width)

    def lines_of(self, index: int) -> range:
        """Return the lines of a finished turn."""
        return range(self._places.top(index), self._places.top(index + 1))

    def index_at(self, line: int) -> int | None:
        """Return which finished turn a line belongs to."""
        return self._places.at(line) if line in range(self._places.height) else None

    def look_for(self, wanted: str) -> int | None:
        """Light up what is looked for; returns the number of the newest turn that contains it."""
        self._search.look_for(clean(wanted), self._places.texts)
        self._relay_tail(self._places.height)
        self.redraw_all()
        self.following_changed()
        return self._number(self._search.before(None))

    def match(self, by: int) -> int | None:
        """Return the number of the next (1) or previous (-1) turn that contains what is looked for."""
        index = index_of(self._finished, self.chosen)
        return self._number(self._search.after(index) if by > 0 else self._search.before(index))

    @property
    def searching(self) -> bool:
        """Whether something is looked for."""
        return bool(self._search.wanted)

    def measure(self, width: int, place: int) -> int:
        """Lay every turn out anew: those that are seen at once, the others bit by bit."""
        for places in (self._places, self._tail):
            places.reflow(text_width(width))
        self._places.settle(place)
        self._tail.settle_more()
        self._settle_rest()
        self._hint_lines = self._compose_hint(width)
        return self._height

    def place_after_measure(self, before: int) -> int:
        """Keep the piece of text at the top that was there."""
        if before < self._places.passages:
            return self._places.passage_top(before)
        return self._places.height + self._tail.passage_top(before - self._places.passages)

    def place_before_measure(self) -> int:
        """Return the number of the piece of text at the top."""
        top = round(self.scroll_y)
        if top < self._places.height:
            return self._places.passage_at(top)
        return self._places.passages + self._tail.passage_at(top - self._places.height)

    @property
    def settled(self) -> bool:
        """Whether every turn has its place for good."""
        return self._places.settled and self._tail.settled

    def following_changed(self) -> None:
        """Say in the border what was found, and when the end is not followed."""
        said = []
        if self.searching:
            rank = self._search.rank(index_of(self._finished, self.chosen))
            found = f"{rank}/{len(self._search)}" if rank else str(len(self._search))
            said.append(f"{found} found · n N Esc" if len(self._search) else "nothing found · Esc")
        if self.chosen is not None and not said:
            said.append(f"turn {self.chosen} · Enter details · Esc")
        elif not self.following and not said:
            said.append("scrolled up · End follows again")
        self.border_title = Content(" · ".join([self.BORDER_TITLE, *said]))

    def _take_finished(self, finished: Sequence[FinishedTurn]) -> int | None:
        """Take the finished turns; returns the first line that looks different."""
        old, self._finished = self._finished, finished
        if finished is old:
            return None
        shorter = min(len(old), len(finished))
        kept = bytes(map(is_, old, finished)).find(0)
        kept = shorter if kept < 0 else kept
        while kept < shorter and look(old[kept]) == look(finished[kept]):
            kept += 1
        if kept == len(old) == len(finished):
            return None
        first = self._places.top(kept)
        parts = [finished_parts(one) for one in finished[kept:]]
        texts = [joined(each) for each in parts]
        self._looks[kept:] = map(looks_of, parts)
        self._places.replace(kept, texts)
        self._search.replace(kept, texts)
        self._settle_rest()
        return first

    def _take_open(self, turn: Turn | None, state: State) -> bool:
        old = self._open
        if turn is old and state is self._state:
            return False
        if turn is None or old is None or turn.number != old.number:
            self._known = 0
        elif turn.transcript != old.transcript:
            self._known = len(clean(old.transcript))
        self._open, self._state = turn, state
        return True

    def _settle_rest(self) -> None:
        """Lay out what has only been guessed, without keeping anybody waiting."""
        if not self._settling and not self.settled:
            self._settling = True
            self.set_timer(_BATCH_PAUSE_S, self._settle_more)

    def _settle_more(self) -> None:
        self._settling = False
        place = self.place_before_measure()
        within = round(self.scroll_y) - self.place_after_measure(place)
        moved = [places.settle_more() for places in (self._places, self._tail) if not places.settled]
        if any(moved):
            self.lines_moved(self._height, self.place_after_measure(place) + within)
        self._settle_rest()

    @property
    def _height(self) -> int:
        return self._places.height + self._tail.height + len(self._hint_lines)

    def _retell_tail(self) -> None:
        """Take the text of the growing turn."""
        parts = [open_parts(self._open, self._state, self._known)] if self._open is not None else []
        self._tail.replace(0, [joined(each) for each in parts])
        self._tail_looks = looks_of(parts[0]) if parts else ()
        self._settle_rest()

    def _relay_tail(self, first: int) -> None:
        if self.measured_width:
            self._hint_lines = self._compose_hint(self.measured_width)
            self.lines_changed(first, self._height)

    def _compose_hint(self, width: int) -> list[Content]:
        if self._open is not None or self._finished or not self._hint:
            return []
        return [Content.assemble((self._hint[start:stop], ".faint")) for start, stop in wrap(self._hint, width)]

    def _line(self, places: LineIndex, y: int, turn: Turn, looks: Looks, width: int) -> Content:
        """Return a line of a turn's text; only the piece that it is in is looked at."""
        number = places.passage_at(y)
        passage, row = places.passage(number), y - places.passage_top(number)
        text = places.texts[passage.index]
        lines = wrap_piece(text[passage.start : passage.stop], text_width(width))
        head = head_of(turn, width, chosen=turn.number == self.chosen, first=not (passage.start or row))
        if row >= len(lines):  # it was guessed that there are more
            return Content("")
        start, stop = (passage.start + place for place in lines[row])
        matches = self._search.spans(text, passage.start, passage.stop)
        spans = [
            Span(max(begin, start) - start, min(end, stop) - start, style)
            for begin, end, style in (*looks, *((*match, "reverse") for match in matches))
            if begin < stop and end > start
        ]
        return Content.assemble(head, Content(text[start:stop], spans))

    def _number(self, index: int | None) -> int | None:
        return None if index is None else self._finished[index].turn.number
