"""State of the connection to the service, and its outages."""

from collections import deque
from typing import Final

import msgspec

from stt_monitor.core.journal import ConnectionChanged
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Outage, Retry

_OUTAGES_KEPT: Final = 200


class Link:
    """State of the connection. Times are seconds of session."""

    def __init__(self) -> None:
        self.state = Connection.CONNECTING
        self.detail = ""
        """One sentence for the user; may be empty."""
        self.retry: Retry | None = None
        self._lost_at: float | None = None
        self._outages: deque[Outage] = deque(maxlen=_OUTAGES_KEPT)
        self._view: tuple[Outage, ...] = ()

    @property
    def outages(self) -> tuple[Outage, ...]:
        """The newest outages, oldest first; the last one may be going on."""
        return self._view

    def change(self, entry: ConnectionChanged) -> None:
        """Change the state."""
        self.state, self.detail, self.retry = entry.state, entry.detail, entry.retry
        down = bool(self._outages) and self._outages[-1].end is None
        if entry.state is Connection.RECONNECTING:
            if not down:
                reason = entry.detail if entry.retry is None else entry.retry.reason or entry.detail
                self._outages.append(Outage(entry.at if self._lost_at is None else self._lost_at, None, reason))
        elif down:
            self._outages.append(
                msgspec.structs.replace(self._outages.pop(), end=entry.at, over=entry.state is Connection.CONNECTED)
            )
        self._lost_at = None
        self._view = tuple(self._outages)

    def lose(self, at: float) -> None:
        """Record that the socket is gone: the end of the session, or the start of an outage."""
        self._lost_at = at
