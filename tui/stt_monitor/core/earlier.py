"""The sessions of one run of the program: what those before came to, for comparison. Pure, as all of the core."""

from typing import Final

import msgspec

from stt_monitor.core.snapshot import EarlierSession, Snapshot

_KEPT: Final = 200
"""Sessions remembered."""


class EarlierSessions:
    """Remembers each session as it was seen last; a recorded one that is shown again is not told twice."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._sessions: dict[str, EarlierSession] = {}
        self._present: Snapshot | None = None
        self._earlier: tuple[EarlierSession, ...] = ()

    def shown(self, snapshot: Snapshot) -> Snapshot:
        """Put a snapshot beside those of earlier sessions."""
        key, before = snapshot.session.started_at, self._present
        if not key:  # a session that did not come about
            return snapshot
        if before is None or before.session.started_at != key:
            if before is not None and before.groups:
                self._put_away(before)
            self._numbers.setdefault(key, len(self._numbers) + 1)
            self._earlier = tuple(one for started_at, one in self._sessions.items() if started_at != key)
        self._present = snapshot
        return msgspec.structs.replace(snapshot, earlier=self._earlier, number=self._numbers[key])

    def _put_away(self, last: Snapshot) -> None:
        key = last.session.started_at
        self._sessions.pop(key, None)
        self._sessions[key] = EarlierSession(self._numbers[key], last.session.source, last.groups)
        if len(self._sessions) > _KEPT:
            del self._sessions[next(iter(self._sessions))]
