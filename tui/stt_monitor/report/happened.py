"""What happened to a session beside its turns, in words: changed settings, pauses, lost connections."""

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from stt_monitor.core.notes import Note, note_words
from stt_monitor.core.text.sanitize import beginning
from stt_monitor.report.formatting import clock
from stt_monitor.report.model import LoadedSession


def happened(each: LoadedSession) -> Iterator[tuple[str, str]]:
    """Yield when (time of the session, and after which turn) and what; the newest of each kind are kept."""
    notes = each.snapshot.notes
    turns = [(turn.turn.started_at, turn.turn.over_at, turn.turn.number) for turn in each.snapshot.finished if notes]
    for note in notes:
        place = bisect_right(turns, note.at, key=itemgetter(0)) - 1
        yield f"{clock(note.at)}{_where(turns[place], note.at) if place >= 0 else ''}", _what(note, each)


def _where(turn: tuple[float, float, int], at: float) -> str:
    _, end, number = turn
    return f", {'in' if at < end else 'after'} turn {number}"


def _what(note: Note, session: LoadedSession) -> str:
    return beginning(note_words(note, session.schema))
