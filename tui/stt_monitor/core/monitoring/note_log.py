"""Collects the notes of a session. Pure."""

from collections import deque
from heapq import merge
from typing import Final

import msgspec

from stt_monitor.core.notes import Note, NoteKind
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.session import QuietRecord
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Outage

_KEPT: Final = 200
"""Newest notes of each kind."""
_TOGETHER: Final = {NoteKind.REFUSED: NoteKind.SETTINGS}
"""Kinds kept with another one: a refusal means nothing without the change before it."""


class NoteLog:
    """Keeps the newest notes of a session."""

    def __init__(self, source: SourceKind) -> None:
        """Start; `source` decides whether silence in place of audio is a pause or a mute."""
        self._quiet: Final = NoteKind.PAUSED if source in (SourceKind.FILE, SourceKind.REPLAY) else NoteKind.MUTED
        self._kept: Final = {kind: deque[Note](maxlen=_KEPT) for kind in NoteKind}
        self._outages: tuple[Outage, ...] = ()
        self._view: tuple[Note, ...] | None = ()

    def add(self, note: Note) -> None:
        """Add the newest note of its kind."""
        self._kept[_TOGETHER.get(note.kind, note.kind)].append(note)
        self._view = None

    def change_settings(self, at: float, before: TurnSettings, settings: TurnSettings, *, refused: bool) -> None:
        """Note that settings changed."""
        if before != settings:
            kind = NoteKind.REFUSED if refused else NoteKind.SETTINGS
            self.add(Note(kind, at, settings=settings, before=before))

    def set_quiet(self, at: float, *, quiet: bool) -> QuietRecord | None:
        """Note that a pause begins, or is over; return its record if that is new."""
        pauses = self._kept[self._quiet]
        going_on = bool(pauses) and pauses[-1].until is None
        if quiet == going_on:
            return None
        self.add(Note(self._quiet, at) if quiet else msgspec.structs.replace(pauses.pop(), until=at))
        return QuietRecord(in_record(at), quiet, self._quiet.value)

    def all(self, outages: tuple[Outage, ...]) -> tuple[Note, ...]:
        """Return the notes in the order of time, those of outages among them."""
        if self._view is None or outages is not self._outages:
            self._outages = outages
            self._view = tuple(merge(*self._kept.values(), map(_of_outage, outages), key=_at))
        return self._view


def _of_outage(outage: Outage) -> Note:
    kind = NoteKind.RECONNECTED if outage.over else NoteKind.LOST
    return Note(kind, outage.start, outage.end if outage.over else None, reason=outage.reason)


def _at(note: Note) -> float:
    return note.at
