"""One session: sound to the service, events back, both into the core. Knows no screen."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from stt_monitor.audio.source import Source
from stt_monitor.client import backoff
from stt_monitor.client.address import Address
from stt_monitor.client.connection import HANG_UP_S, ConnectionFailedError, Frame, ServiceConnection
from stt_monitor.client.wording import Failure
from stt_monitor.core.choices import SourceKind
from stt_monitor.core.errors import ServiceUnavailableError, UserError
from stt_monitor.core.events import Connected, Likelihood, ServiceError
from stt_monitor.core.journal import (
    Addressed,
    Began,
    CloseSent,
    Configured,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Failed,
    Finished,
    Observer,
    Quieted,
    RecordingChanged,
    received,
)
from stt_monitor.core.monitor import Monitor
from stt_monitor.core.records import Connection, Record, RecordingState, SessionRecord
from stt_monitor.core.settings import PUBLISHED, Settings, TurnSettings
from stt_monitor.core.snapshot import Retry, Snapshot
from stt_monitor.core.wire import WireFrame
from stt_monitor.hearing import look_for_speech
from stt_monitor.sound import Reference
from stt_monitor.uplink import Uplink

HELLO_WAIT_S: Final = 2.0
"""Audio is held back for `connected` this long, then sent all the same (protocol 3)."""

DRAIN_S: Final = 10.0
"""After `close`, events are awaited this long (protocol 9)."""

QUIT_S: Final = 2.0
"""When the user stops a session, it is over after this long, whatever the service does."""

FLUSH_S: Final = 0.5
"""Of that, what the last audio may take to be sent."""

SNAPSHOT_INTERVAL_S: Final = 0.05

T = TypeVar("T")


class Outcome(msgspec.Struct, frozen=True):
    """How a session ended: an exit code of the contract (design 6), and a sentence when there is something to say."""

    exit_code: int = 0
    sentence: str = ""
    more: bool = False
    """Another session of the same run follows."""


class Session:
    """Source → websocket → core, once. All of it runs in one event loop, `stop` and `retry_now` included."""

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
        on_frame: Callable[[WireFrame], None] | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Prepare a session; nothing happens before `run`.

        Args:
            source: the sound; it paces itself.
            reference: finds reference speech in what is sent.
            find_service: where to connect to; asked anew for every attempt, for a local endpoint that has died is
                started again by it, at another address. Raises UserError.
            settings: what is asked of the service.
            chunk_ms: audio per frame, milliseconds; for the record.
            on_record: gets every record, in order.
            on_snapshot: gets a snapshot at every event, and every `SNAPSHOT_INTERVAL_S`.
            on_frame: gets every data frame of the websocket, in or out.
            observer: sees the session's journal and its audio.
        """
        self._source = source
        self._finder = reference.finder
        self._find_service = find_service
        self._settings = settings
        self._on_record = on_record
        self._on_snapshot = on_snapshot
        self._on_frame = on_frame
        self._began = time.monotonic()
        self.wanted_turn = settings.turn
        """The turn settings that the user asked for last, unless the service refused them."""
        self._wanted_before = settings.turn
        self._stop_at: float | None = None
        self._stopped = asyncio.Event()
        self._hurried = asyncio.Event()
        self._greeted = asyncio.Event()
        self._retuned = asyncio.Event()
        self._last_error: ServiceError | None = None
        self._was_connected = False
        self._addressed = False
        self._observer = observer
        self._kept: RecordingState | None = None
        self._start = Began(
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
                source_kind=source.kind,
            ),
            duration=source.duration,
        )
        self._monitor = Monitor.begin(self._start)

    def stop(self) -> None:
        """End the session in order: audio stops, `close` is sent, the last events are awaited for `QUIT_S` at most."""
        if self._stop_at is None:
            self._stop_at = time.monotonic()
            self._stopped.set()
            self._source.stop()

    def retry_now(self) -> None:
        """Make the next attempt to connect at once; without effect while none is waited for."""
        self._hurried.set()

    @property
    def source_kind(self) -> SourceKind:
        """What sort of sound is heard."""
        return self._source.kind

    def set_quiet(self, *, quiet: bool) -> None:
        """Send silence in the place of the sound, or the sound again; a file waits meanwhile."""
        if quiet is not self._source.quiet and not self._monitor.over:
            self._source.set_quiet(quiet=quiet)
            self._take(Quieted(self._now(), quiet))
            self._show()

    def configure(self, turn: TurnSettings) -> None:
        """Have other turn settings from now on, over this connection and those after it (protocol 4.2).

        What is not set keeps the service's default; where something else was set before, the published default is
        asked for, because there is no word for taking a setting back.
        """
        before = self._monitor.settings
        lapsed = {
            name: getattr(PUBLISHED, name)
            for name in turn.__struct_fields__
            if getattr(turn, name) is None and getattr(before, name) is not None
        }
        wanted = msgspec.structs.replace(turn, **lapsed)
        self._wanted_before, self.wanted_turn = self.wanted_turn, turn
        if wanted != before and not self._monitor.over:
            self._take(Configured(self._now(), wanted))
            self._retuned.set()
            self._show()

    def complain(self, sentence: str) -> None:
        """Show the user a sentence about something that could not be done."""
        if not self._monitor.over:
            self._take(Failed(self._now(), sentence))
            self._show()

    async def run(self) -> Outcome:
        """Run the session to its end; what goes wrong on the way is in the outcome, the records and the snapshots."""
        if self._observer is None:
            return await self._run()
        self._observer.entered(self._start)
        try:
            return await self._run()
        finally:
            await asyncio.to_thread(self._observer.close)

    async def _run(self) -> Outcome:
        self._uplink = Uplink(self._source, self._take, self._pass_audio, self._began)
        ticker = asyncio.create_task(self._tick())
        self._sending = asyncio.create_task(self._uplink.run())
        hearing = asyncio.create_task(look_for_speech(self._uplink.sent_data, self._finder, self._take, self._now))
        try:
            outcome = await self._stay_connected()
        except UserError as error:
            outcome = Outcome(error.exit_code, str(error))
        finally:
            self._sending.cancel()
            await asyncio.wait({self._sending}, timeout=FLUSH_S)
            self._uplink.finish()
            await asyncio.wait({hearing}, timeout=FLUSH_S)
            hearing.cancel()
            ticker.cancel()
        self._uplink.report()
        if outcome.exit_code:
            self._take(Failed(self._now(), outcome.sentence))
        if not self._addressed:
            self._take(Addressed(self._now(), ""))
        self._take(ConnectionChanged(self._now(), Connection.CLOSED, outcome.sentence))
        self._look_at_observer()
        end = Finished(self._now(), self._monitor.turns)
        self._take(end)
        self._on_snapshot(self._monitor.snapshot(end.at, running=False))
        if hearing.done() and not hearing.cancelled():
            hearing.result()  # the detector may have failed, which is a bug: the session went on all the same
        return outcome

    async def _stay_connected(self) -> Outcome:
        """Have one conversation after another until the audio is over, or the service cannot be had (protocol 10.2)."""
        in_vain = 0
        while True:
            try:
                connection = await self._unless_stopped(self._open())
            except ConnectionFailedError as error:
                ended: Outcome | Failure = error.failure
            else:
                if connection is None:
                    return Outcome()
                began = self._now()
                ended = await self._converse(connection)
                # One that heard nothing was no good, however long it lasted: a file would go back over it for ever.
                steady = self._now() - began >= backoff.STEADY_S and (connection.useful or not connection.silent)
                in_vain = 0 if steady else in_vain
            if isinstance(ended, Outcome):
                return ended
            retries = backoff.RECONNECTS if self._was_connected else backoff.FIRST_RETRIES
            if not ended.passing or in_vain == retries:
                return _given_up(ended, in_vain + (not self._was_connected))
            in_vain += 1
            await self._back_off(ended, in_vain, retries)
            if self._stop_at is not None:
                return Outcome()
            if self._sending.done():  # the line was lost with the last of the audio, or the source has failed
                self._sending.result()
                return _incomplete(f"{ended.what} before the service had finished")

    async def _back_off(self, failure: Failure, attempt: int, attempts: int) -> None:
        """Wait before the next attempt, shorter if the user wants it now."""
        if self._was_connected:
            state = Connection.RECONNECTING
        else:  # the first attempt counts too
            state, attempt, attempts = Connection.CONNECTING, attempt + 1, attempts + 1
        pause = backoff.delay(attempt, random.random())  # noqa: S311  it keeps clients apart, not secrets
        detail = f"{failure.what}; attempt {attempt} of {attempts} in {pause:.1f} s"
        retry = Retry(attempt, attempts, self._now() + pause)
        self._tell(state, detail, retry)
        self._hurried.clear()
        hurried = asyncio.create_task(self._hurried.wait())
        await self._wait(hurried, self._sending, limit=pause)
        hurried.cancel()

    async def _open(self) -> ServiceConnection:
        address = await self._find_service()
        self._take(Addressed(self._now(), address.shown))
        if not self._addressed:
            self._addressed = True
            self._tell(Connection.CONNECTING)
        fmt = self._source.format
        self._retuned.clear()
        settings = msgspec.structs.replace(self._settings, turn=self._monitor.settings)
        url = address.socket_url(settings, fmt.encoding.value, fmt.sample_rate)
        return await ServiceConnection.open(address, url, self._note_sent_text)

    async def _converse(self, connection: ServiceConnection) -> Outcome | Failure:
        """Use a connection for as long as it lasts; says how the session ended, or why the connection did."""
        self._was_connected = True
        self._greeted.clear()
        self._last_error = None
        self._tell(Connection.CONNECTED)
        reader = asyncio.create_task(self._read(connection))
        tuning = asyncio.create_task(self._keep_tuned(connection))
        try:
            return await self._exchange(connection, reader)
        finally:
            tuning.cancel()
            if reader.done() and not connection.closed_normally:
                self._uplink.disconnect()
            reader.cancel()
            self._take(ConnectionLost(self._now()))
            await connection.hang_up(self._left(HANG_UP_S))

    async def _exchange(self, connection: ServiceConnection, reader: asyncio.Task[None]) -> Outcome | Failure:
        """Let audio and events flow; when the audio is over say so, and await the last events (protocol 9)."""
        greeted = asyncio.create_task(self._greeted.wait())
        await self._wait(greeted, reader, limit=HELLO_WAIT_S)  # the service accepts audio before it says hello
        greeted.cancel()
        sending = self._sending
        if not reader.done():
            self._uplink.connect(connection)
            await self._wait(reader, sending, grace=FLUSH_S)
        if reader.done() and not sending.done():
            reader.result()
            return connection.why_closed(self._last_error)
        sending.cancel()
        await asyncio.wait({sending}, timeout=FLUSH_S)
        self._take(CloseSent(self._now()))
        closing = asyncio.create_task(connection.send_close())
        await self._wait(reader, limit=DRAIN_S, grace=QUIT_S)
        closing.cancel()
        if not sending.cancelled():
            sending.result()  # the source may have failed in mid-session; what was heard has been drained all the same
        if self._stop_at is not None:
            return Outcome()
        if not reader.done() and connection.unconfirmed:
            connection.give_up()  # it has answered no ping either since the end of the audio
        if connection.silent and self._uplink.disconnect():
            self._sending = asyncio.create_task(self._uplink.run())
            return connection.why_closed(None)
        return self._drained(connection, reader)

    def _drained(self, connection: ServiceConnection, reader: asyncio.Task[None]) -> Outcome:
        """Judge how the service ended after `close`, which it may answer with an error if nothing was said."""
        if not reader.done():
            return _incomplete(f"the service did not finish within {DRAIN_S:.0f} s of the end of the audio")
        if connection.closed_normally or not (connection.lost or self._monitor.turns):
            return Outcome()
        return _incomplete(f"{connection.why_closed(self._last_error).what} before the service had finished")

    async def _read(self, connection: ServiceConnection) -> None:
        async for frame in connection.frames():
            in_force = self._monitor.settings
            self._take(received(frame.received_at - self._began, frame.payload))
            if self._monitor.settings is not in_force:  # the service has refused the last change
                self.wanted_turn = self._wanted_before
            self._note_frame(frame)
            event = self._monitor.event
            self._last_error = event if isinstance(event, ServiceError) else None
            if isinstance(event, Connected):
                self._greeted.set()
            if not isinstance(event, Likelihood):  # ten a second, and the next tick is soon enough for them
                self._show()

    async def _keep_tuned(self, connection: ServiceConnection) -> None:
        """Tell the service when other settings are wanted than those that it was told; of several, the last."""
        while True:
            await self._retuned.wait()
            self._retuned.clear()
            await connection.send_config(self._monitor.settings)

    async def _tick(self) -> None:
        while True:
            self._uplink.report()
            self._look_at_observer()
            self._show()
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

    def _left(self, patience: float) -> float:
        """Return how long to be patient: less than usual when the user has stopped, and `QUIT_S` is running out."""
        if self._stop_at is None:
            return patience
        return min(patience, max(0.0, self._stop_at + QUIT_S - time.monotonic()))

    def _tell(self, state: Connection, detail: str = "", retry: Retry | None = None) -> None:
        self._take(ConnectionChanged(self._now(), state, detail, retry))
        self._show()

    def _take(self, entry: Entry) -> None:
        if self._observer is not None:
            self._observer.entered(entry)
        for record in self._monitor.take(entry):
            self._on_record(record)

    def _pass_audio(self, position: int, data: bytes) -> None:
        if self._observer is not None:
            self._observer.heard(position, data)
        if self._on_frame is not None:
            at = self._source.format.seconds(position)
            self._on_frame(WireFrame(self._now(), sent=True, size=len(data), position=at))

    def _note_sent_text(self, text: str) -> None:
        if self._on_frame is not None:
            self._on_frame(WireFrame(self._now(), sent=True, size=len(text.encode()), text=text))

    def _note_frame(self, frame: Frame) -> None:
        if self._on_frame is not None:
            text = frame.payload if isinstance(frame.payload, str) else None
            size = len(frame.payload) if text is None else len(text.encode())
            self._on_frame(WireFrame(frame.received_at - self._began, sent=False, size=size, text=text))

    def _look_at_observer(self) -> None:
        """Tell when something about the recording has changed, once the session itself is on record."""
        state = self._observer.state if self._observer is not None else None
        if self._addressed and state is not None and state != self._kept:
            self._kept = state
            self._take(RecordingChanged(self._now(), state))

    def _show(self) -> None:
        self._on_snapshot(self._monitor.snapshot(self._now(), running=True))

    def _now(self) -> float:
        return time.monotonic() - self._began


def _incomplete(what: str) -> Outcome:
    return Outcome(ServiceUnavailableError.exit_code, f"{what}: events may be missing")


def _given_up(failure: Failure, attempts: int) -> Outcome:
    tried = f" (tried {attempts} times)" if attempts > 1 else ""
    return Outcome(ServiceUnavailableError.exit_code, f"{failure.sentence}{tried}")
