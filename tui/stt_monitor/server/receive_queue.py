"""Audio and commands received but not yet recognised, in order, bounded."""

import asyncio
import time
from collections import deque
from typing import Final

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.services.server_side import Command
from stt_monitor.system.clock import Clock

BACKLOG_S: Final = 300.0
"""Seconds of audio that may wait. A client faster than real time fills it, or a machine that is too slow."""

BACKLOG_BYTES: Final = 64 * 1024 * 1024
"""The same bound in bytes, for formats with large seconds."""

MAX_COMMANDS: Final = 1000
"""Commands that may wait; no real client sends so many."""

LEAD_S: Final = 2.0
"""How far ahead of real time a client may be and still count as live: some first flush a buffer."""

Item = bytes | Command
"""Audio, not necessarily whole samples, or a command."""


class BacklogFullError(Exception):
    """The client has sent more than may wait."""


class ReceiveQueue:
    """A queue between a connection's receiver and its recogniser; both use it on the event loop.

    Args:
        audio: the format of the bytes, for their length in seconds.
        backlog_s: seconds of audio that may wait.
        clock: tells whether the client sends in real time.
    """

    def __init__(self, audio: AudioFormat, backlog_s: float = BACKLOG_S, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._bytes_per_second = audio.bytes_per_second
        self._limit = min(int(backlog_s * self._bytes_per_second), BACKLOG_BYTES)
        # Successive frames are joined: a client that sends single bytes must not cost an object each.
        self._items: deque[bytearray | Command] = deque()
        self._bytes = 0
        self._in_work = 0
        self._worst = 0
        self._commands = 0
        self._filled = asyncio.Event()
        self._received = 0
        self._began: float | None = None

    @property
    def live(self) -> bool:
        """Whether the client sends in real time; any other causes its own backlog."""
        return (
            self._began is not None and self._received / self._bytes_per_second <= self._clock() - self._began + LEAD_S
        )

    @property
    def backlog_s(self) -> float:
        """Seconds of audio that wait."""
        return self._bytes / self._bytes_per_second

    def pop_lag(self) -> float:
        """Return the most seconds of audio that were waiting or in work when more came, since the last call."""
        worst, self._worst = self._worst, 0
        return worst / self._bytes_per_second

    def put_audio(self, data: bytes) -> None:
        """Add a frame of audio; an empty one is ignored. Raises BacklogFullError."""
        if not data:
            return
        if self._bytes + len(data) > self._limit:
            raise BacklogFullError
        self._worst = max(self._worst, self._bytes + self._in_work)
        self._bytes += len(data)
        self._received += len(data)
        if self._began is None:
            self._began = self._clock()
        last = self._items[-1] if self._items else None
        if isinstance(last, bytearray):
            last += data
        else:
            self._items.append(bytearray(data))
        self._filled.set()

    def put_command(self, command: Command) -> None:
        """Add a command, to take effect after the audio that was sent before it. Raises BacklogFullError."""
        if self._commands >= MAX_COMMANDS:
            raise BacklogFullError
        self._commands += 1
        self._items.append(command)
        self._filled.set()

    async def get(self, seconds: float) -> list[Item]:
        """Wait for items; remove up to `seconds` of audio with the commands in between.

        What the call before returned counts as recognised.
        """
        self._in_work = 0
        await self._filled.wait()
        room = max(1, int(seconds * self._bytes_per_second))
        taken: list[Item] = []
        while self._items and room > 0:
            item = self._items[0]
            if isinstance(item, bytearray):
                piece = bytes(item[:room])
                del item[:room]
                room -= len(piece)
                self._bytes -= len(piece)
                self._in_work += len(piece)
                taken.append(piece)
                if item:
                    break
            else:
                self._commands -= 1
                taken.append(item)
            self._items.popleft()
        if not self._items:
            self._filled.clear()
        return taken
