"""Earlier sessions of this run of the program, for comparison. Pure."""

from pathlib import PurePath
from typing import Final

import msgspec

from stt_monitor.core.pairs.hearing import heard_of
from stt_monitor.core.snapshot import EarlierSession, RowKey, Snapshot
from stt_monitor.core.sound.arms import sound_of

_KEPT: Final = 200
"""Sessions to keep; services side by side are one each."""
_TURNS_KEPT: Final = 20_000
"""Turns of all of them to keep for pairs, some megabytes; the oldest sessions lose theirs first."""

_Key = tuple[int, str]
"""Number of a session, and its service."""


class EarlierSessions:
    """Keeps the last state of each session; a saved one that is opened again counts once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # by all that a session is known by
        self._sessions: dict[_Key, EarlierSession] = {}
        self._current: Snapshot | None = None
        self._number = self._count = 0
        self._folder = ""
        self._earlier: tuple[EarlierSession, ...] = ()
        self._baseline: RowKey | None = None

    def add_to(self, snapshot: Snapshot, folder: str = "") -> Snapshot:
        """Add the earlier sessions to a snapshot, and to those of services side by side.

        Args:
            snapshot: of the session that is shown.
            folder: of the saved session that it is: two may have begun at the same time. Empty: it is a live one.
        """
        session, before = snapshot.session, self._current
        if not session.started_at:  # a session that never started
            return snapshot
        known_as = folder or f"{session.started_at} {session.source}"
        number = self._numbers.get(known_as)
        if number is None:
            self._count += 1
            number = self._numbers[known_as] = self._count
        if number != self._number:
            for lane in () if before is None else before.lanes or (before,):
                if lane.groups:
                    self._store(lane)
            self._number, self._folder = number, folder
            self._earlier = tuple(one for (other, _), one in self._sessions.items() if other != number)
        self._current = snapshot
        return self._with_earlier(snapshot)

    def saved_in(self, folder: str) -> None:
        """Say where the current session is saved: opened from there, it is the same one."""
        if self._number:
            self._numbers.setdefault(folder, self._number)

    def mark(self, row: RowKey) -> Snapshot | None:
        """Compare others with this row from now on; return the current snapshot with that, if there is one."""
        self._baseline = row
        return None if self._current is None else self._with_earlier(self._current)

    def mark_current(self) -> None:
        """Compare others with the first settings of the current session from now on."""
        current = self._current
        if current is not None and current.groups:
            self._baseline = RowKey(self._number, current.session.service or "", current.groups[0].settings)

    def _with_earlier(self, snapshot: Snapshot) -> Snapshot:
        added = {
            "earlier": self._earlier,
            "number": self._number,
            "baseline": self._baseline,
        }
        lanes = tuple(msgspec.structs.replace(lane, **added) for lane in snapshot.lanes)
        return msgspec.structs.replace(snapshot, lanes=lanes, **added)

    def _store(self, last: Snapshot) -> None:
        session = last.session
        key = self._number, session.service or ""
        self._sessions.pop(key, None)
        heard = tuple(heard_of(last, group.settings.__eq__) for group in last.groups)
        self._sessions[key] = EarlierSession(
            self._number, sound_of(session), last.groups, session, heard, PurePath(self._folder).name
        )
        if len(self._sessions) > _KEPT:
            del self._sessions[next(iter(self._sessions))]
        self._forget_turns()

    def _forget_turns(self) -> None:
        """Keep the turns of the newest sessions."""
        left = _TURNS_KEPT
        for key, one in reversed(self._sessions.items()):
            left -= sum(len(heard.turns) for heard in one.heard)
            if left < 0 and one.heard:
                self._sessions[key] = msgspec.structs.replace(one, heard=())
