"""Pings of one connection: measure the round trip, confirm sent audio, find a dead line."""

import asyncio
import functools
from collections import deque
from collections.abc import Callable

import msgspec
from websockets.asyncio.client import ClientConnection

from stt_monitor.system.clock import Clock


class _Ping(msgspec.Struct, frozen=True):
    """A ping without its pong: when it was sent, and the bytes of audio before it."""

    at: float
    ahead: int


class Pings:
    """Sends pings at an interval, answered or not: on a slow line several are on their way.

    So each quarter of a second of audio gets its answer, and nobody mistakes an old answer for the present state.
    """

    def __init__(self, socket: ClientConnection, handed: Callable[[], int], clock: Clock) -> None:
        """Begin with none.

        Args:
            socket: the open websocket.
            handed: tells how many bytes of audio the socket has taken so far.
            clock: tells the time; the event loop has the same.
        """
        self._socket = socket
        self._handed = handed
        self._clock = clock
        self._waiting: deque[_Ping] = deque()
        self._answered: float | None = None
        self._worst = 0.0
        self.confirmed = 0
        """Bytes of audio sent before an answered ping: they have arrived."""

    @property
    def round_trip(self) -> float | None:
        """Seconds from the last answered ping to its pong, or the age of an unanswered one as soon as that is more.

        None before the first ping.
        """
        if not self._waiting:
            return self._answered
        return max(self._clock() - self._waiting[0].at, self._answered or 0.0)

    def pop_round_trip(self) -> float | None:
        """Return the same, or the longest since the last call if that was more: several pongs may come at once."""
        now, worst, self._worst = self.round_trip, self._worst, 0.0
        return None if now is None else max(now, worst)

    async def keep_alive(self, interval: float, patience: float) -> None:
        """Ping every `interval` seconds, for as long as the connection lives.

        A ping that cannot even be sent, because nobody reads at the other end, counts as unanswered.

        Raises:
            TimeoutError: a ping was not answered within `patience` seconds.
            ConnectionClosed: the socket is closed.
        """
        while True:
            ping = _Ping(self._clock(), self._handed())
            self._waiting.append(ping)
            async with asyncio.timeout_at(ping.at + patience):
                pong = asyncio.ensure_future(await self._socket.ping())
            pong.add_done_callback(functools.partial(self._take_pong, ping))
            await asyncio.sleep(interval)
            if self._waiting and self._clock() - self._waiting[0].at > patience:
                raise TimeoutError

    def _take_pong(self, ping: _Ping, pong: asyncio.Future[float]) -> None:
        if pong.cancelled() or pong.exception() is not None:  # the connection was closed
            return
        while self._waiting and self._waiting[0].at <= ping.at:  # a pong answers all pings before it too
            self._waiting.popleft()
        self._answered = self._clock() - ping.at
        self._worst = max(self._worst, self._answered)
        self.confirmed = ping.ahead
