"""The hand-over between forwarding and monitoring: never waits, has a limit, and fails alone."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final

import msgspec

from stt_monitor.tap.events import FRAME_HEAD_BYTES, CallBytes, TapEvent

MOST_BYTES: Final = 16 * 1024 * 1024
"""Copies buffered for the monitor: with fifty calls, some seconds of audio."""

_SMALL_BYTES: Final = 1024
"""What an event counts for besides its bytes."""

_GATHER_S: Final = 0.005
"""How long copies are gathered: they come with their times, and each of them would take the processor from a call."""

_BATCH: Final = 1024
"""Most events that are written at once."""

_LAST_WORDS_S: Final = 2.0
"""How long what waits at the end may take."""

_SPARE_BYTES: Final = 4 * 1024 * 1024
"""Room for beginnings and ends of calls once copies have none."""


class Copies:
    """Writes events of calls to a pipe, on a thread of its own: a stopped reader blocks nothing.

    Args:
        write: writes bytes, all of them; may block.
        most_bytes: limit of what waits.
    """

    def __init__(self, write: Callable[[bytes], object], most_bytes: int = MOST_BYTES) -> None:
        self._write = write
        self._most = most_bytes
        self._waiting: SimpleQueue[tuple[TapEvent, int] | None] = SimpleQueue()
        """None is the end."""
        self._given = 0  # bytes, changed by the event loop alone
        self._taken = 0  # bytes, changed by the thread alone
        self._broken = False
        self._thread = threading.Thread(target=self._run, name="copies", daemon=True)
        self._thread.start()

    def tell(self, event: TapEvent) -> bool:
        """Pass on an event; returns False if the queue is full, or its reader is gone."""
        size = _SMALL_BYTES + (len(event.data) if isinstance(event, CallBytes) else 0)
        most = self._most if isinstance(event, CallBytes) else self._most + _SPARE_BYTES
        if self._broken or self._given - self._taken + size > most:
            return False
        self._given += size
        self._waiting.put((event, size))
        return True

    def close(self) -> None:
        """Write what waits, unless it takes too long."""
        self._waiting.put(None)
        self._thread.join(_LAST_WORDS_S)

    def _run(self) -> None:
        try:
            while batch := self._batch():
                frames = [msgspec.msgpack.encode(event) for event, _ in batch]
                self._write(b"".join(len(frame).to_bytes(FRAME_HEAD_BYTES) + frame for frame in frames))
                self._taken += sum(size for _, size in batch)
        except OSError:  # the monitor is gone
            self._broken = True
        except BaseException:
            self._broken = True
            raise

    def _batch(self) -> list[tuple[TapEvent, int]]:
        """Wait for events and return those that wait, at least one; none at the end."""
        found = self._waiting.get()
        if found is not None:
            time.sleep(_GATHER_S)
        batch = []
        with suppress(Empty):
            while found is not None:
                batch.append(found)
                if len(batch) == _BATCH:
                    return batch
                found = self._waiting.get_nowait()
            self._waiting.put(None)  # for the next round
        return batch
