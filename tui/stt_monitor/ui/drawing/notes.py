"""Draws notes: marks on the timeline, lines between the turns of a list."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.notes import Note, NoteKind, changed_settings, note_words
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import beginning
from stt_monitor.services.registry import schema_of
from stt_monitor.ui.drawing.lanes import EMPTY, Lane, Window, is_free, write

GLYPHS: Final = {
    NoteKind.SETTINGS: "≡",
    NoteKind.REFUSED: "≡",
    NoteKind.PAUSED: "‖",
    NoteKind.MUTED: "‖",
    NoteKind.LOST: "◈",
    NoteKind.RECONNECTED: "◆",
}
_STYLES: Final = {NoteKind.REFUSED: ".warn", NoteKind.LOST: ".warn", NoteKind.RECONNECTED: ".good"}
_STYLE: Final = ".label"
_NEAR: Final = 3
"""Cells in which a mark may stand where another one has its place."""


def draw_notes(snapshot: Snapshot, lane: Lane, window: Window) -> Lane:
    """Draw the marks into a lane, the newest first, with as many words as there is room for."""
    schema = schema_of(snapshot.session)
    for note in reversed(snapshot.notes):
        if note.at < window.start:
            break
        column, style = window.column(note.at), _STYLES.get(note.kind, _STYLE)
        if note.at in window:
            words = next((text for text in _wordings(note, schema) if is_free(lane, column, text)), None)
            if words is not None:
                write(lane, column, words, style)
                continue
            near = range(column, min(column + _NEAR, window.columns))
            write(lane, next((at for at in near if lane[at] == EMPTY), -1), GLYPHS[note.kind], style)
    return lane


def draw_glyphs(snapshot: Snapshot, lane: Lane, window: Window, over: str) -> Lane:
    """Draw the marks alone into a lane that holds more, the newest first: where it is blank or has those characters."""
    for note in reversed(snapshot.notes):
        if note.at < window.start:
            break
        if note.at in window:
            column = window.column(note.at)
            near = range(column, min(column + _NEAR, window.columns))
            place = next((at for at in near if lane[at] == EMPTY or lane[at][0] in over), -1)
            write(lane, place, GLYPHS[note.kind], _STYLES.get(note.kind, _STYLE))
    return lane


def _wordings(note: Note, schema: Schema) -> Iterator[str]:
    """Yield a mark with its words, the most first."""
    glyph = GLYPHS[note.kind]
    if note.kind is NoteKind.SETTINGS:
        yield f"{glyph} {beginning(changed_settings(note, schema))}"
    else:
        yield f"{glyph} {beginning(note_words(note, schema))}"
        yield f"{glyph} {beginning(note_words(note, schema).partition(':')[0])}"


def note_line(note: Note, schema: Schema) -> str:
    """Return a note as a line of a list."""
    return f"{GLYPHS[note.kind]} {beginning(note_words(note, schema))}"


def signs(snapshot: Snapshot) -> dict[int, str]:
    """Return the sign of the last note before a turn, by the index of the turn."""
    noted = Noted(snapshot.finished, snapshot.notes)
    return {place: GLYPHS[note.kind] for place, note in zip(noted.places, noted.notes, strict=True)}


class Noted:
    """Finished turns and notes in the order of time: a note stands after the turn in which it happened."""

    def __init__(self, finished: Sequence[FinishedTurn] = (), notes: Sequence[Note] = ()) -> None:
        """Take the turns, and those notes that stand before the last one."""
        places = [bisect_right(finished, note.at, key=_start) for note in notes]
        self.inside: Final = bisect_left(places, len(finished))
        """How many of the notes these are."""
        self.notes: Final = tuple(notes[: self.inside])
        self.places: Final = places[: self.inside]
        """Index of the turn that each note stands before."""
        self.items: Final = [place + number for number, place in enumerate(self.places)]
        self._turns: Final = len(finished)

    def __len__(self) -> int:
        """Return how many turns and notes there are."""
        return self._turns + len(self.notes)

    def item(self, turn: int) -> int:
        """Return the place of a turn, by its index, or of the end."""
        return turn + bisect_right(self.places, turn)

    def at(self, item: int) -> int | Note:
        """Return what is in a place: the index of a turn, or a note."""
        before = bisect_left(self.items, item)
        return self.notes[before] if before < len(self.items) and self.items[before] == item else item - before

    def same_until(self, other: "Noted") -> int:
        """Return the place of the first note that differs; very large without one."""
        for number, (one, two) in enumerate(zip(self.notes, other.notes, strict=False)):
            if one != two or self.places[number] != other.places[number]:
                return min(self.items[number], other.items[number])
        same = min(len(self.notes), len(other.notes))
        more = (*self.items[same:], *other.items[same:])
        return min(more, default=len(self) + len(other))


def _start(finished: FinishedTurn) -> float:
    return finished.turn.started_at
