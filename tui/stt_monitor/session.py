"""One session: sound to the service, events back, both into the core. Knows no screen."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from stt_monitor.audio.formats import Samples, decode
from stt_monitor.audio.reference import EdgeKind, SpeechEdge
from stt_monitor.audio.source import Chunk, Source
from stt_monitor.client.address import Address
from stt_monitor.client.connection import ServiceConnection
from stt_monitor.core.clock import SentChunk
from stt_monitor.core.errors import ServiceUnavailableError, UserError
from stt_monitor.core.events import Connected
from stt_monitor.core.monitor import Monitor
from stt_monitor.core.records import Connection, Record, SessionRecord
from stt_monitor.core.settings import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.sound import Reference

HELLO_WAIT_S: Final = 2.0
"""Audio is held back for `connected` this long, then sent all the same (protocol 3)."""

DRAIN_S: Final = 10.0
"""After `close`, events are awaited this long (protocol 9)."""

QUIT_S: Final = 2.0
"""When the user stops a session, it is over after this long, whatever the service does."""

FLUSH_S: Final = 0.5
"""Of that, what the last audio may take to be sent."""

SNAPSHOT_INTERVAL_S: Final = 0.05

DETECTOR_BACKLOG: Final = 600
"""Chunks that may wait for the speech detector (a minute at 100 ms) before audio waits for it too."""

SILENCE_DB: Final = -120.0


T = TypeVar("T")


class Outcome(msgspec.Struct, frozen=True):
    """How a session ended: an exit code of the contract (design 6), and a sentence when there is something to say."""

    exit_code: int = 0
    sentence: str = ""


class Session:
    """Source → websocket → core, once. All of it runs in one event loop, `stop` included."""

    def __init__(
        self,
        source: Source,
        reference: Reference,
        find_service: Callable[[], Awaitable[Address]],
        settings: Settings,
        *,
        chunk_ms: int,
        on_record: Callable[[Record], None],
        on_snapshot: Callable[[Snapshot], None],
    ) -> None:
        """Prepare a session; nothing happens before `run`.

        Args:
            source: the sound; it paces itself.
            reference: finds reference speech in what is sent.
            find_service: where to connect to, found (or started) when the session begins. Raises UserError.
            settings: what is asked of the service.
            chunk_ms: audio per frame, milliseconds; for the record.
            on_record: gets every record, in order.
            on_snapshot: gets a snapshot at every event, and every `SNAPSHOT_INTERVAL_S`.
        """
        self._source = source
        self._finder = reference.finder
        self._find_service = find_service
        self._settings = settings
        self._on_record = on_record
        self._on_snapshot = on_snapshot
        self._began = time.monotonic()
        self._stop_at: float | None = None
        self._stopped = asyncio.Event()
        self._greeted = asyncio.Event()
        self._to_detect: asyncio.Queue[bytes | None] = asyncio.Queue(DETECTOR_BACKLOG)
        self._monitor = Monitor(
            SessionRecord(
                started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                source=source.name,
                url="",
                model=settings.model,
                encoding=source.format.encoding.value,
                sample_rate=source.format.sample_rate,
                chunk_ms=chunk_ms,
                settings=settings,
                reference=reference.name,
            ),
            duration=source.duration,
        )

    def stop(self) -> None:
        """End the session in order: audio stops, `close` is sent, the last events are awaited for `QUIT_S` at most."""
        if self._stop_at is None:
            self._stop_at = time.monotonic()
            self._stopped.set()
            self._source.stop()

    async def run(self) -> Outcome:
        """Run the session to its end; what goes wrong on the way is in the outcome, the records and the snapshots."""
        ticker = asyncio.create_task(self._tick())
        try:
            outcome = await self._converse()
        except UserError as error:
            outcome = Outcome(error.exit_code, str(error))
        finally:
            ticker.cancel()
        if outcome.exit_code:
            self._monitor.failed(outcome.sentence)
        self._record(self._monitor.connection(Connection.CLOSED, outcome.sentence, self._now()))
        self._record(self._monitor.finish(self._now()))
        self._show(running=False)
        return outcome

    async def _converse(self) -> Outcome:
        address = await self._unless_stopped(self._locate())
        if address is None:
            return Outcome()
        fmt = self._source.format
        url = address.socket_url(self._settings, fmt.encoding.value, fmt.sample_rate)
        connection = await self._unless_stopped(ServiceConnection.open(address, url))
        if connection is None:
            return Outcome()
        self._record(self._monitor.connection(Connection.CONNECTED, "", self._now()))
        reader = asyncio.create_task(self._read(connection))
        writer = asyncio.create_task(self._write(connection))
        detecting = asyncio.create_task(self._detect())
        try:
            return await self._exchange(connection, reader, writer)
        finally:
            writer.cancel()
            await asyncio.wait({detecting}, timeout=FLUSH_S)
            await connection.hang_up()
            reader.cancel()
            detecting.cancel()
            self._record(self._monitor.connection_lost(self._now()))

    async def _locate(self) -> Address:
        try:
            address = await self._find_service()
        except UserError:
            self._record([self._monitor.session])
            raise
        self._monitor.session = msgspec.structs.replace(self._monitor.session, url=address.shown)
        self._record([self._monitor.session])
        self._record(self._monitor.connection(Connection.CONNECTING, "", self._now()))
        return address

    async def _exchange(
        self, connection: ServiceConnection, reader: asyncio.Task[None], writer: asyncio.Task[None]
    ) -> Outcome:
        """Let audio and events flow; when the audio is over say so, and await the last events (protocol 9)."""
        await self._wait(reader, writer, grace=FLUSH_S)
        if reader.done():
            self._source.stop()
            reader.result()
            return Outcome(ServiceUnavailableError.exit_code, connection.farewell)
        writer.cancel()
        await asyncio.wait({writer}, timeout=FLUSH_S)
        self._monitor.close_sent()
        closing = asyncio.create_task(connection.send_close())
        await self._wait(reader, limit=DRAIN_S, grace=QUIT_S)
        closing.cancel()
        if writer.done() and not writer.cancelled():
            writer.result()  # the source may have failed in mid-session; what was heard has been drained all the same
        if self._stop_at is None and not reader.done():
            late = f"The service did not finish within {DRAIN_S:.0f} s of the end of the audio: events may be missing"
            return Outcome(ServiceUnavailableError.exit_code, late)
        return Outcome()

    async def _read(self, connection: ServiceConnection) -> None:
        async for frame in connection.frames():
            event, records = self._monitor.received(frame.payload, frame.received_at - self._began)
            if isinstance(event, Connected):
                self._greeted.set()
            self._record(records)
            self._show(running=True)

    async def _write(self, connection: ServiceConnection) -> None:
        with suppress(TimeoutError):  # the service accepts audio before it says hello
            async with asyncio.timeout(HELLO_WAIT_S):
                await self._greeted.wait()
        try:
            async for chunk in self._source.chunks():
                await connection.send_audio(chunk.data)
                self._sent(chunk, time.monotonic())
                self._monitor.health(round_trip=connection.round_trip)
                await self._to_detect.put(chunk.data)
        finally:
            with suppress(asyncio.QueueFull):
                self._to_detect.put_nowait(None)

    def _sent(self, chunk: Chunk, sent_at: float) -> None:
        fmt = self._source.format
        self._monitor.sent(
            SentChunk(
                position=fmt.seconds(chunk.position),
                length=fmt.seconds(chunk.samples),
                spoken_at=chunk.spoken_at - self._began,
                sent_at=sent_at - self._began,
            ),
            _peak_db(decode(chunk.data, fmt.encoding)),
        )

    async def _detect(self) -> None:
        """Look for reference speech, a thread away: the detector must not delay audio or events."""
        finder = self._finder
        while (data := await self._to_detect.get()) is not None:
            if finder is not None:
                self._note_speech(await asyncio.to_thread(finder.feed, data))
                self._record(self._monitor.speech_decided(finder.decided_until, self._now()))
        if finder is not None:
            self._note_speech(await asyncio.to_thread(finder.finish))
            self._record(self._monitor.speech_finished(self._now()))

    def _note_speech(self, edges: list[SpeechEdge]) -> None:
        for edge in edges:
            if edge.kind is EdgeKind.ONSET:
                self._monitor.speech_onset(edge.position)
            else:
                self._monitor.speech_end(edge.position)

    async def _tick(self) -> None:
        while True:
            self._show(running=True)
            await asyncio.sleep(SNAPSHOT_INTERVAL_S)

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        task = asyncio.create_task(work)
        await self._wait(task)
        if not task.done():
            task.cancel()
            return None
        return task.result()

    async def _wait(self, *tasks: asyncio.Task[Any], limit: float | None = None, grace: float = 0.0) -> None:
        """Wait until one of `tasks` ends, `limit` seconds at most, and `grace` at most from when the user stopped."""
        stopped = asyncio.create_task(self._stopped.wait())
        await asyncio.wait({*tasks, stopped}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self._stop_at is not None and not any(task.done() for task in tasks):
            left = self._stop_at + grace - time.monotonic()
            await asyncio.wait(tasks, timeout=max(left, 0.0), return_when=asyncio.FIRST_COMPLETED)

    def _record(self, records: Iterable[Record]) -> None:
        for record in records:
            self._on_record(record)

    def _show(self, *, running: bool) -> None:
        self._on_snapshot(self._monitor.snapshot(self._now(), running=running))

    def _now(self) -> float:
        return time.monotonic() - self._began


def _peak_db(samples: Samples) -> float:
    peak = float(np.max(np.abs(samples), initial=0.0))
    return 20 * math.log10(peak) if peak > 0 else SILENCE_DB
