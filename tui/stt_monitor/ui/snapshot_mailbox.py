"""Hands the newest snapshot from the sessions' thread to the screen's event loop, without waiting for the screen."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from stt_monitor.core.snapshot import Snapshot

PAUSE_S: Final = 0.015
"""In a flood of snapshots the screen is drawn at this interval, seconds. A single one is never delayed, nor is the one
after it: an event soon after a tick of the clock."""


class SnapshotMailbox:
    """Slot for the newest snapshot; at most one wake-up of the loop is pending."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[Snapshot], object]) -> None:
        """Deliver snapshots by calling `deliver` in `loop`."""
        self._loop = loop
        self._deliver = deliver
        self._lock = Lock()
        self._latest: Snapshot | None = None
        self._awake = False
        self._open = True
        self._paid_until = 0.0

    def put(self, snapshot: Snapshot) -> None:
        """Store a snapshot, from any thread; replaces one that was not delivered yet."""
        with self._lock:
            self._latest = snapshot
            if self._awake or not self._open:
                return
            self._awake = True
        try:
            self._loop.call_soon_threadsafe(self._hand_over)
        except RuntimeError:  # the loop was closed meanwhile: nobody sees the snapshot
            self.close()

    def close(self) -> None:
        """Stop delivering."""
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
