"""What a client has sent and the recogniser has not heard yet: audio and commands, in their order, bounded."""

import asyncio
from collections import deque
from time import monotonic
from typing import Final

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.services.server_side import Command

BACKLOG_S: Final = 300.0
"""Seconds of audio that may wait. A client that sends faster than real time fills it, or a machine that is too slow."""

BACKLOG_BYTES: Final = 64 * 1024 * 1024
"""The same bound for formats whose seconds are large."""

MAX_COMMANDS: Final = 1000
"""Commands that may wait; nobody in earnest sends so many."""

LEAD_S: Final = 2.0
"""How far a client may be ahead of real time and still count as live: some flush what they have buffered at first."""

Item = bytes | Command
"""Audio, not necessarily whole samples, or a command."""


class BacklogFullError(Exception):
    """More was sent than may wait."""


class Inbox:
    """A queue between the receiving side of a connection and its recogniser; both use it on the event loop.

    Args:
        audio: the format of the bytes, for their length in seconds.
        backlog_s: seconds of audio that may wait.
    """

    def __init__(self, audio: AudioFormat, backlog_s: float = BACKLOG_S) -> None:
        self._bytes_per_second = audio.bytes_per_second
        self._limit = min(int(backlog_s * self._bytes_per_second), BACKLOG_BYTES)
        # Successive frames are joined: a client that sends single bytes must not cost an object for each.
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
        """Whether the client sends in real time; a backlog of one that does not is of its own making."""
        return self._began is not None and self._received / self._bytes_per_second <= monotonic() - self._began + LEAD_S

    @property
    def backlog_s(self) -> float:
        """Seconds of audio that wait."""
        return self._bytes / self._bytes_per_second

    def take_lag(self) -> float:
        """Return how many seconds of audio were not judged yet when more came, at the worst since the last call."""
        worst, self._worst = self._worst, 0
        return worst / self._bytes_per_second

    def put_audio(self, data: bytes) -> None:
        """Add a frame of audio; an empty one is nothing. Raises BacklogFullError."""
        if not data:
            return
        if self._bytes + len(data) > self._limit:
            raise BacklogFullError
        self._worst = max(self._worst, self._bytes + self._in_work)
        self._bytes += len(data)
        self._received += len(data)
        if self._began is None:
            self._began = monotonic()
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

    async def take(self, seconds: float) -> list[Item]:
        """Wait until there is something, and remove up to `seconds` of audio with the commands in between.

        What was taken before counts as judged.
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
