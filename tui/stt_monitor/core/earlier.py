"""Earlier sessions of this run of the program, for comparison. Pure."""

from typing import Final

import msgspec

from stt_monitor.core.snapshot import EarlierSession, Snapshot
from stt_monitor.core.sound.arms import sound_of

_KEPT: Final = 200
"""Sessions to keep."""


class EarlierSessions:
    """Keeps the last state of each session; a saved one that is opened again counts once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._sessions: dict[str, EarlierSession] = {}
        self._current: Snapshot | None = None
        self._earlier: tuple[EarlierSession, ...] = ()

    def add_to(self, snapshot: Snapshot) -> Snapshot:
        """Add the earlier sessions to a snapshot."""
        key, before = snapshot.session.started_at, self._current
        if not key:  # a session that never started
            return snapshot
        if before is None or before.session.started_at != key:
            if before is not None and before.groups:
                self._store(before)
            self._numbers.setdefault(key, len(self._numbers) + 1)
            self._earlier = tuple(one for started_at, one in self._sessions.items() if started_at != key)
        self._current = snapshot
        return msgspec.structs.replace(snapshot, earlier=self._earlier, number=self._numbers[key])

    def _store(self, last: Snapshot) -> None:
        key = last.session.started_at
        self._sessions.pop(key, None)
        self._sessions[key] = EarlierSession(self._numbers[key], sound_of(last.session), last.groups)
        if len(self._sessions) > _KEPT:
            del self._sessions[next(iter(self._sessions))]
