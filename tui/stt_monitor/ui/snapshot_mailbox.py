"""Snapshots from the sessions' thread to the screen's loop: the newest only, and never a wait for the screen."""

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Final

from stt_monitor.core.snapshot import Snapshot

PAUSE_S: Final = 0.015
"""A flood of snapshots costs the screen one picture in so many seconds. One that comes alone is never held back, nor is
the next one: an event soon after a tick of the clock."""


class SnapshotMailbox:
    """A slot for the newest snapshot, and at most one wake-up of the loop under way."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[Snapshot], object]) -> None:
        """Hand snapshots to `deliver`, on `loop`."""
        self._loop = loop
        self._deliver = deliver
        self._lock = Lock()
        self._latest: Snapshot | None = None
        self._awake = False
        self._open = True
        self._paid_until = 0.0

    def put(self, snapshot: Snapshot) -> None:
        """Take a snapshot, on any thread; one that was not delivered yet is forgotten."""
        with self._lock:
            self._latest = snapshot
            if self._awake or not self._open:
                return
            self._awake = True
        try:
            self._loop.call_soon_threadsafe(self._hand_over)
        except RuntimeError:  # the loop was closed between the two: nobody is there to see the snapshot
            self.close()

    def close(self) -> None:
        """Deliver nothing any more."""
        with self._lock:
            self._open = False
            self._latest = None

    def _hand_over(self) -> None:
        with self._lock:
            snapshot, self._latest = self._latest, None
            if snapshot is None or not self._open:
                self._awake = False
                return
        self._deliver(snapshot)
        now = self._loop.time()
        self._paid_until = max(now, self._paid_until) + PAUSE_S
        self._loop.call_later(self._paid_until - PAUSE_S - now, self._hand_over)
