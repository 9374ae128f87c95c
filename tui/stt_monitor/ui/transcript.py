"""What was said, turn by turn, with the growing turn at the bottom."""

from collections.abc import Sequence
from operator import is_
from typing import ClassVar, Final

from textual.content import Content

from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.text import clean
from stt_monitor.core.turns import EndReason, State, Turn
from stt_monitor.ui.looks import Section
from stt_monitor.ui.search import Search
from stt_monitor.ui.turn_places import TurnPlaces
from stt_monitor.ui.turns_view import TurnsView, index_of
from stt_monitor.ui.wording import clock, lit
from stt_monitor.ui.wrapping import wrap

_WIDE_GUTTER: Final = 15
"""Cells for number and time before a text."""
_NARROW_GUTTER: Final = 5
"""Cells for the number alone."""
_NARROW: Final = 48
"""Cells below which a view has no room for times."""

_CHOSEN: Final = "▌"
"""Stands before every further line of the chosen turn."""

_BATCH_PAUSE_S: Final = 0.005
"""Between two batches of turns being laid out, keys are answered and the screen is drawn."""

Parts = list[tuple[str, str]]
"""Pieces of text, each with its style."""


class Transcript(TurnsView):
    """The rolling transcript."""

    BORDER_TITLE: ClassVar[str] = "Transcript"
    ABOUT: ClassVar[Section] = (
        "Transcript",
        (
            ("what it is", "the text of every turn as the service ended it, the growing one at the bottom"),
            ("◐ guess", "said up to an eager end: not certain until the turn ends, and taken back when it is resumed"),
            ("bold green", "words that the last update brought"),
            ("~cut", "the turn ended while, or less than 1 s before, somebody went on speaking"),
            ("↑ ↓ Enter", "choose a turn; open it"),
            ("/ n N", "search; the next match, the previous one"),
            ("y Y", "copy the turn, or everything"),
            ("PgUp End", "scroll up, and it stays where you are; follow the newest again"),
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._search = Search()
        self._places = TurnPlaces()
        self._settling = False
        self._open: Turn | None = None
        self._state = State.IDLE
        self._known = 0
        self._tail: list[Content] = []
        self._hint = ""

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
            self._relay_tail(self._places.height if first is None else first)

    def compose_line(self, y: int, width: int) -> Content:
        """Compose a line of a finished turn, or of what is beneath them."""
        if y >= self._places.height:
            return self._tail[y - self._places.height]
        index = self._places.at(y)
        finished, number = self._finished[index], y - self._places.top(index)
        text = self._with_matches(Content.assemble(*finished_parts(finished)))
        lines = _turn_lines(finished.turn, text, width, chosen=finished.turn.number == self.chosen)
        return lines[number] if number < len(lines) else Content("")

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
        self._places.reflow(_text_width(width))
        self._places.settle(place)
        self._settle_rest()
        self._tail = self._compose_tail(width)
        return self._places.height + len(self._tail)

    def place_after_measure(self, before: int) -> int:
        """Keep the turn at the top that was there."""
        return self._places.top(before)

    def place_before_measure(self) -> int:
        """Return the index of the turn at the top."""
        return self._places.at(round(self.scroll_y))

    @property
    def settled(self) -> bool:
        """Whether every turn has its place for good."""
        return self._places.settled

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
        while kept < shorter and _looks(old[kept]) == _looks(finished[kept]):
            kept += 1
        if kept == len(old) == len(finished):
            return None
        first = self._places.top(kept)
        texts = ["".join(text for text, _ in finished_parts(one)) for one in finished[kept:]]
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
        if not self._settling and not self._places.settled:
            self._settling = True
            self.set_timer(_BATCH_PAUSE_S, self._settle_more)

    def _settle_more(self) -> None:
        self._settling = False
        if self._places.settled:
            return
        index = self._places.at(round(self.scroll_y))
        within = round(self.scroll_y) - self._places.top(index)
        if self._places.settle_more():
            self.lines_moved(self._places.height + len(self._tail), self._places.top(index) + within)
        self._settle_rest()

    def _relay_tail(self, first: int) -> None:
        if self.measured_width:
            self._tail = self._compose_tail(self.measured_width)
            self.lines_changed(first, self._places.height + len(self._tail))

    def _compose_tail(self, width: int) -> list[Content]:
        if self._open is not None:
            text = Content.assemble(*open_parts(self._open, self._state, self._known))
            return _turn_lines(self._open, self._with_matches(text), width)
        if self._finished or not self._hint:
            return []
        return [Content.assemble((self._hint[start:stop], ".faint")) for start, stop in wrap(self._hint, width)]

    def _with_matches(self, text: Content) -> Content:
        for start, stop in self._search.spans(text.plain):
            text = text.stylize("reverse", start, stop)
        return text

    def _number(self, index: int | None) -> int | None:
        return None if index is None else self._finished[index].turn.number


def finished_parts(finished: FinishedTurn) -> Parts:
    """Return the text of a finished turn, and a word on what is wrong with it."""
    text = clean(finished.turn.transcript)
    parts: Parts = [(text, "")] if text else [("(no words)", ".faint")]
    if finished.turn.end_reason is EndReason.DANGLING:
        parts.append((" ✗ never ended", ".bad"))
    if finished.figures.false_cutoff:
        parts.append((" ~cut", ".warn"))
    return parts


def open_parts(turn: Turn, state: State, known: int) -> Parts:
    """Return the text of the growing turn, of which `known` characters are not new; a guess is called one."""
    text = clean(turn.transcript)
    if state is State.EAGER_END:
        return [("◐ guess ", ".eager"), (text or "(no words)", ".guess")]
    return [(text[:known], ".growing"), (text[known:], ".new"), ("▏" if text else "…", ".speaking")]


def _looks(finished: FinishedTurn) -> tuple[Parts, float]:
    return finished_parts(finished), finished.turn.started_at


def _text_width(width: int) -> int:
    return max(1, width - _gutter(width))


def _gutter(width: int) -> int:
    return _WIDE_GUTTER if width >= _NARROW else _NARROW_GUTTER


def _turn_lines(turn: Turn, text: Content, width: int, *, chosen: bool = False) -> list[Content]:
    """Return a turn's lines: number and time before the first, blanks before the others; a chosen one is marked."""
    gutter = _gutter(width)
    number_style = ".speaking" if turn.end_reason is None else ".number"
    number = f"{turn.number:>{_NARROW_GUTTER - 1}} "
    head = lit(number, number_style) if chosen else Content.assemble((number, number_style))
    if gutter == _WIDE_GUTTER:
        head = Content.assemble(head, (f"{clock(turn.started_at, tenths=True):>8}  ", ".faint"))
    beneath = Content.assemble((_CHOSEN if chosen else "", number_style), " " * (gutter - len(_CHOSEN) * chosen))
    lines = [text[start:stop] for start, stop in wrap(text.plain, _text_width(width))]
    return [Content.assemble(beneath if row else head, line) for row, line in enumerate(lines)]
