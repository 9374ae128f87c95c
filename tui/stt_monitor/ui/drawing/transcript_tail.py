"""The end of a transcript: the open turn, which grows, with the notes before and after it."""

from collections.abc import Mapping

from stt_monitor.core.notes import Note
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.turn import Turn
from stt_monitor.ui.drawing.line_index import LineIndex
from stt_monitor.ui.drawing.turn_text import StyleSpans, joined, note_parts, open_parts, style_spans


class TranscriptTail:
    """Lines of the open turn and of the notes that came after the last finished one."""

    def __init__(self) -> None:
        self.lines = LineIndex()
        self.open_turn: Turn | None = None
        self.notes: tuple[Note, ...] = ()
        self._state = State.IDLE
        self._known = 0
        """Characters of the open turn that were there before its last update."""
        self._items: list[Turn | Note] = []
        self._style_spans: list[StyleSpans] = []

    def follow(self, turn: Turn | None, state: State) -> bool:
        """Take the open turn; return whether it changed."""
        old = self.open_turn
        if turn is old and state is self._state:
            return False
        if turn is None or old is None or turn.number != old.number:
            self._known = 0
        elif turn.transcript != old.transcript:
            self._known = len(clean(old.transcript))
        self.open_turn, self._state = turn, state
        return True

    def compose(self, texts: Mapping[Note, str]) -> None:
        """Set the lines; `texts` has those of the notes."""
        opened = self.open_turn
        self._items = sorted([*self.notes, *([opened] if opened is not None else [])], key=_time)
        parts = [
            note_parts(texts[item]) if isinstance(item, Note) else open_parts(item, self._state, self._known)
            for item in self._items
        ]
        self.lines.replace(0, [joined(each) for each in parts])
        self._style_spans = [style_spans(each) for each in parts]

    def at(self, line: int) -> tuple[Turn | Note, StyleSpans]:
        """Return whose text is at a line, and the styles of that text."""
        index = self.lines.at(line)
        return self._items[index], self._style_spans[index]


def _time(item: Turn | Note) -> float:
    return item.at if isinstance(item, Note) else item.started_at
