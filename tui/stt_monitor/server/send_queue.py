"""What is to be sent to a client, bounded: a client may read late, but not never."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

OUTBOX_CHARACTERS: Final = 8 * 1024 * 1024
"""Text that may wait: more than an hour of speech, for clients that read only at the end (protocol.md 14.1)."""


class OutboxFullError(Exception):
    """The client has not read for so long that its events cannot be kept."""


class Outbox:
    """A queue of texts, emptied by a task of its own so that a slow reader delays nobody else."""

    def __init__(self, limit: int = OUTBOX_CHARACTERS) -> None:
        self._limit = limit
        self._texts: deque[str] = deque()
        self._characters = 0
        self._ended = False
        self._changed = asyncio.Event()

    def put(self, text: str) -> None:
        """Add a text. Raises OutboxFullError."""
        if self._characters + len(text) > self._limit:
            raise OutboxFullError
        self._characters += len(text)
        self._texts.append(text)
        self._changed.set()

    def end(self) -> None:
        """Say that nothing follows."""
        self._ended = True
        self._changed.set()

    async def send_all(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send text after text until the end was said and nothing is left. Raises what `send` raises."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._texts:
                text = self._texts.popleft()
                await send(text)
                self._characters -= len(text)
            if self._ended:
                return
