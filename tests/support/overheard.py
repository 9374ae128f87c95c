"""Calls as a tap tells them, made up: bytes of websockets, and the sessions that become of them."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

from websockets.frames import Close, Frame, Opcode

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.vad.reference import SpeechEdge, SpeechFinder
from stt_monitor.core.journal import CloseSent, Entry, Received, Sent
from stt_monitor.core.kept import FOR_SCREEN, Kept
from stt_monitor.core.listeners import Observer
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.services.base import Audio
from stt_monitor.services.server_side import Head
from stt_monitor.system.clock import Instant
from stt_monitor.tap.calls import CallRecord
from stt_monitor.tap.events import CallAnswered, CallBegan, CallBytes, CallEnded, CallEvent
from stt_monitor.tap.sessions.calls import Calls, Sinks
from stt_monitor.tap.sessions.meter import Meter
from stt_monitor.tap.sessions.session import CallSession
from stt_monitor.tap.sessions.speech import Found, SpeechSearch

BEGAN = Instant(5000.0, "2026-01-02T03:04:05.000+00:00")
QUERY = "model=ink-2&encoding=pcm_s16le&sample_rate=16000"
PATH = "/stt/turns/websocket"
CLOSE = '{"type":"close"}'


class AtOnce(Executor):
    """Runs what it is given at once, on the thread that gives it."""

    def submit(self, fn: Callable[..., Any], /, *args: object, **more: object) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **more))
        return future


class Line:
    """One call, as a tap tells it. Times are seconds of the call."""

    def __init__(
        self,
        call: int = 1,
        *,
        service: str = "cartesia",
        target: str = f"{PATH}?{QUERY}",
        began: float = BEGAN.at,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self.call = call
        self._began = began
        self._request = CallBegan(
            call, began, "GET", Head(target), service, "http://127.0.0.1:9", websocket=True, secrets=secrets
        )

    def begins(self, *, status: int = 101, at: float = 0.0) -> Iterator[CallEvent]:
        yield self._request
        yield CallAnswered(self.call, self._began + at, status)

    def agent(self, at: float, message: str | bytes) -> CallEvent:
        return self._bytes(at, message, from_agent=True)

    def service(self, at: float, message: str | bytes) -> CallEvent:
        return self._bytes(at, message, from_agent=False)

    def says(self, at: float, kind: str, **fields: object) -> CallEvent:
        return self.service(at, json.dumps({"type": kind, "request_id": "r", **fields}))

    def closes(self, at: float, code: int, reason: str = "", *, from_agent: bool = False) -> CallEvent:
        frame = Frame(Opcode.CLOSE, Close(code, reason).serialize())
        return CallBytes(self.call, self._began + at, from_agent, frame.serialize(mask=from_agent))

    def pings(self, at: float, pong_at: float) -> list[CallEvent]:
        """The agent pings, and the service answers."""
        ping, pong = (Frame(opcode, b"1234") for opcode in (Opcode.PING, Opcode.PONG))
        return [
            self.raw(at, ping.serialize(mask=True), from_agent=True),
            self.raw(pong_at, pong.serialize(mask=False), from_agent=False),
        ]

    def raw(self, at: float, data: bytes, *, from_agent: bool) -> CallEvent:
        return CallBytes(self.call, self._began + at, from_agent, data)

    def ends(self, at: float, by: str = "service", problem: str = "") -> CallEvent:
        return CallEnded(self.call, self._began + at, by, problem=problem)

    def _bytes(self, at: float, message: str | bytes, *, from_agent: bool) -> CallEvent:
        text = isinstance(message, str)
        frame = Frame(Opcode.TEXT if text else Opcode.BINARY, message.encode() if isinstance(message, str) else message)
        return CallBytes(self.call, self._began + at, from_agent, frame.serialize(mask=from_agent))


def copies(line: Line, journal: Iterable[Entry], audio: bytes, width: int = 2) -> Iterator[CallEvent]:
    """Tell what a session of our own has sent and received as the call of an agent."""
    yield from line.begins()
    at = heard = 0.0
    for entry in journal:
        at = max(at, entry.at)
        match entry:
            case Sent(chunk):
                size = round(chunk.length * 16_000) * width
                yield line.agent(entry.at, audio[int(heard) : int(heard) + size])
                heard += size
            case Received(text=text):
                yield line.service(entry.at, text)
            case CloseSent():
                yield line.agent(entry.at, CLOSE)
    yield line.closes(at, 1000)
    yield line.ends(at)


class Placed:
    """A finder that is told where in the recording the sound is: at its place in the call."""

    def __init__(self, finder: SpeechFinder, audio: AudioFormat) -> None:
        self._finder = finder
        self._width = audio.encoding.bytes_per_sample
        self._heard = 0

    @property
    def speaking(self) -> bool:
        return self._finder.speaking

    @property
    def decided_until(self) -> float:
        return self._finder.decided_until

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:  # noqa: ARG002  of `SpeechFinder`
        here, self._heard = self._heard, self._heard + len(data) // self._width
        return self._finder.feed(data, here)

    async def detect(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        return self.feed(data, recorded_at)

    def finish(self) -> list[SpeechEdge]:
        return self._finder.finish()


class Overhearing:
    """The sessions of calls, and all that they told."""

    def __init__(
        self,
        make_finder: Callable[[AudioFormat], SpeechFinder | None] = lambda _: None,
        observe: Callable[[int], Observer | None] = lambda _: None,
        executor: Executor | None = None,
        meter: Meter | None = None,
        kept: Kept = FOR_SCREEN,
    ) -> None:
        self.records: list[Record] = []
        self.told: list[CallRecord] = []
        self.over: list[CallSession] = []
        self._make_finder = make_finder
        self._executor = executor or AtOnce()
        sinks = Sinks(self.records.append, self.told.append, self._close)
        self.calls = Calls(BEGAN, sinks, self._search, observe, meter, kept=kept)

    def handle(self, *events: CallEvent) -> None:
        for event in events:
            self.calls.handle(event)

    @property
    def problems(self) -> list[CallRecord]:
        """Why calls are not watched."""
        return [record for record in self.told if record.state == "unwatched"]

    def lines(self, kind: str, call: int = 1) -> list[dict[str, Any]]:
        told = [json.loads(to_json(record)) for record in self.records]
        return [line for line in told if line["kind"] == kind and line["call"] == call]

    def _close(self, _: int, session: CallSession) -> None:
        session.close()
        self.over.append(session)

    def _search(self, call: int, audio: Audio, tell: Callable[[Found], object]) -> SpeechSearch | None:
        sound = AudioFormat(Encoding(audio.encoding), audio.sample_rate)
        finder = self._make_finder(sound)
        if finder is None:
            return None
        return SpeechSearch(
            finder,
            sound.bytes_per_second,
            self._executor,
            lambda found: self.calls.run(call, lambda: tell(found)),
        )
