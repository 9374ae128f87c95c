"""Looks for reference speech in the sound of a call, on a thread of a pool that calls share."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final

import msgspec

from stt_monitor.audio.vad.reference import SpeechEdge, SpeechFinder

BACKLOG_S: Final = 30.0
"""Sound that may wait for the detector; above it, the machine is too slow for reference speech."""


_END: Final = b""


class Found(msgspec.Struct, frozen=True):
    """What the detector says after some sound."""

    edges: tuple[SpeechEdge, ...] = ()
    decided_until: float = 0.0
    """Seconds of sound."""
    over: bool = False
    """Nothing follows: all of the sound was searched, or the detector has failed."""
    error: Exception | None = None


class SpeechSearch:
    """Searches the sound of one call, piece after piece.

    Args:
        finder: finds the speech; used by one thread at a time.
        bytes_per_second: of the sound.
        executor: runs the search.
        tell: gets what was found, on a thread of the pool.
    """

    def __init__(
        self, finder: SpeechFinder, bytes_per_second: int, executor: Executor, tell: Callable[[Found], object]
    ) -> None:
        self._finder = finder
        self._most_bytes = BACKLOG_S * bytes_per_second
        self._executor = executor
        self._tell = tell
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._running = False
        self._last = False
        self._abandoned = False

    def feed(self, data: bytes) -> bool:
        """Queue audio for detection; returns False, from then on, if too much waits already: detection stops."""
        with self._lock:
            if self._waiting_bytes + len(data) > self._most_bytes and self._waiting:
                self._abandoned = True
                self._waiting.clear()
            if self._abandoned:
                return False
            self._waiting.append(data)
            self._waiting_bytes += len(data)
        self._run()
        return True

    def finish(self) -> None:
        """Say that there is no more sound: something that is `over` will be told, unless it was given up."""
        with self._lock:
            self._last = True
        self._run()

    def _run(self) -> None:
        with self._lock:
            if self._running:
                return
            self._running = True
        self._executor.submit(self._search)

    def _search(self) -> None:
        try:
            while (data := self._next()) is not None:
                if data is not _END:
                    found, decided = self._finder.feed(data), self._finder.decided_until
                    self._tell(Found(tuple(found), decided))
                else:
                    self._tell(Found(tuple(self._finder.finish()), over=True))
        except Exception as error:  # noqa: BLE001  reported by the monitor of the call
            with self._lock:
                self._abandoned = True
            self._tell(Found(over=True, error=error))

    def _next(self) -> bytes | None:
        """Return all that waits; `_END` after the last of it, None where nothing does."""
        with self._lock:
            if self._abandoned:
                return None
            if not self._waiting:
                self._running = False
                ended, self._last = self._last, False
                return _END if ended else None
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._waiting_bytes = 0
            return data
