"""Messages waiting to be sent to a client, bounded: a client may read late, but not never."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

MAX_CHARACTERS: Final = 8 * 1024 * 1024
"""Of text that may wait: over an hour of speech, for clients that read only at the end."""


class SendQueueFullError(Exception):
    """The client has not read for too long."""


class SendQueue:
    """A queue of messages with a sending task of its own, so that a slow reader delays no other client."""

    def __init__(self, limit: int = MAX_CHARACTERS) -> None:
        self._limit = limit
        self._texts: deque[str] = deque()
        self._characters = 0
        self._ended = False
        self._changed = asyncio.Event()

    def put(self, text: str) -> None:
        """Add a text. Raises SendQueueFullError."""
        if self._characters + len(text) > self._limit:
            raise SendQueueFullError
        self._characters += len(text)
        self._texts.append(text)
        self._changed.set()

    def end(self) -> None:
        """Mark the end: nothing follows."""
        self._ended = True
        self._changed.set()

    async def send_all(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send messages until the end is marked and none is left. Raises what `send` raises."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._texts:
                text = self._texts.popleft()
                await send(text)
                self._characters -= len(text)
            if self._ended:
                return
