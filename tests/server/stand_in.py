"""A simple detector, sounds for it, and a client by hand: what the tests of the server share."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from stt_monitor.audio.formats import Samples
from stt_monitor.core.events import EagerEnd, Trigger, TurnEnd, TurnEvent, TurnResume, TurnStart, TurnUpdate
from stt_monitor.server.server import LocalServer
from stt_monitor.services.cartesia.server_side.turn_settings import completed, thresholds
from stt_monitor.services.server_side import Thresholds

PATH = "/stt/turns/websocket"
QUERY = "model=ink-2&encoding=pcm_s16le&sample_rate=16000"
STEP = 320
EAGER_STEPS, END_STEPS, WORD_STEPS = 10, 20, 25

DEFAULTS = thresholds(completed({}))


class LoudnessDetector:
    """Hears a word in every half second of anything loud; decides every 20 ms of audio, and on nothing else."""

    def __init__(self, thresholds: Thresholds, _keyterms: tuple[str, ...] = ()) -> None:
        self.thresholds = thresholds
        self._likelihood = 0.0
        self._trace: list[tuple[float, float]] = []
        self._pending = np.zeros(0, np.float32)
        self._steps = self._loud = self._quiet = self._words = self._turn = 0
        self._open = self._eager = False

    def feed(self, samples: Samples) -> list[TurnEvent]:
        self._pending = np.concatenate([self._pending, samples])
        events: list[TurnEvent] = []
        while len(self._pending) >= STEP:
            step, self._pending = self._pending[:STEP], self._pending[STEP:]
            self._steps += 1
            kinds = self._on_loud() if np.abs(step).max() > 0.05 else self._on_quiet()
            self._trace.append((self._steps * STEP / 16_000, self._likelihood))
            events += self._events(kinds)
        return events

    def trace(self) -> list[tuple[float, float]]:
        points, self._trace = self._trace, []
        return points

    def end_turn(self) -> list[TurnEvent]:
        return self._events(self._end(), Trigger.MANUAL)

    def finish(self) -> list[TurnEvent]:
        return self._events(self._end(), Trigger.CLOSED)

    def _events(self, kinds: list[type[TurnEvent]], trigger: Trigger = Trigger.MODEL) -> list[TurnEvent]:
        text = " ".join(f"word{n}" for n in range(1, self._words + 1))
        told: list[TurnEvent] = [
            kind(text, str(self._turn), self._steps * STEP / 16_000, confidence=1 - self._likelihood) for kind in kinds
        ]
        return [
            TurnEnd(text, e.key, e.at, confidence=e.confidence, trigger=trigger) if isinstance(e, TurnEnd) else e
            for e in told
        ]

    def _end(self) -> list[type[TurnEvent]]:
        if not self._open:
            return []
        self._open = self._eager = False
        self._likelihood = 0.0
        return [TurnEnd]

    def _on_loud(self) -> list[type[TurnEvent]]:
        kinds: list[type[TurnEvent]] = []
        self._quiet = 0
        self._likelihood = 1.0
        if not self._open:
            self._open, self._loud, self._words, self._turn = True, 0, 0, self._turn + 1
            kinds.append(TurnStart)
        elif self._eager:
            self._eager = False
            kinds.append(TurnResume)
        self._loud += 1
        if self._loud % WORD_STEPS == 0:
            self._words += 1
            kinds.append(TurnUpdate)
        return kinds

    def _on_quiet(self) -> list[type[TurnEvent]]:
        self._quiet += 1
        self._likelihood *= 0.9
        if self._open and self._quiet * 20 >= self.thresholds.end_timeout_ms:
            return self._end()
        if self._open and self._quiet == EAGER_STEPS:
            self._eager = True
            return [EagerEnd]
        return self._end() if self._quiet == END_STEPS else []


def tone(seconds: float, rate: int = 16_000) -> Samples:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def silence(seconds: float, rate: int = 16_000) -> Samples:
    return np.zeros(round(seconds * rate), np.float32)


def s16(*parts: Samples) -> bytes:
    return (np.concatenate(parts) * 32767).astype("<i2").tobytes()


TWO_TURNS = s16(silence(0.3), tone(1.1), silence(0.24), tone(0.6), silence(1), tone(0.6), silence(0.1))
"""A turn with a hesitation in it, and one that only `close` ends."""

TWO_TURNS_TRANSCRIPT = "word1 word2 word3 word1"


class Caller:
    """A client by hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []

    async def send(self, message: bytes | dict[str, Any] | str) -> None:
        await self.socket.send(message if isinstance(message, bytes | str) else json.dumps(message))

    async def next(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(await self.socket.recv())
        self.events.append(event)
        return event

    async def until_closed(self) -> int | None:
        try:
            while True:
                await self.next()
        except ConnectionClosed:
            return self.socket.close_code

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def transcript(self) -> str:
        return "".join(event["transcript"] for event in self.events if event["type"] == "turn.end")


@asynccontextmanager
async def call(
    server: LocalServer,
    query: str = QUERY,
    *,
    path: str = PATH,
    prefix: str = "",
    headers: dict[str, str] | None = None,
) -> AsyncIterator[Caller]:
    url = server.base_url.replace("http", "ws") + f"{prefix}{path}?{query}"
    async with connect(url, additional_headers=headers) as socket:
        yield Caller(socket)


Call = Callable[..., AbstractAsyncContextManager[Caller]]
Start = Callable[..., Awaitable[LocalServer]]
