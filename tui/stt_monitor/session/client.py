"""One session: sound to the service, events back, both into the core. Knows no screen."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from stt_monitor.audio.source import Source
from stt_monitor.core import commands
from stt_monitor.core.errors import ServiceUnavailableError, UserError
from stt_monitor.core.events import Connected, Likelihood, ServiceError
from stt_monitor.core.journal import CloseSent, Configured, ConnectionLost, Failed, Listeners, Quieted
from stt_monitor.core.records import Connection, SessionRecord
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings import PUBLISHED, Settings, TurnSettings
from stt_monitor.core.snapshot import Retry
from stt_monitor.session.audio_sender import AudioSender
from stt_monitor.session.journal_writer import JournalWriter
from stt_monitor.session.sources import Reference
from stt_monitor.session.stop_signal import Stop
from stt_monitor.session.vad_task import run_vad
from stt_monitor.transport import retry as backoff
from stt_monitor.transport.address import Address
from stt_monitor.transport.connection import HANG_UP_S, ConnectionFailedError, ServiceConnection
from stt_monitor.transport.failures import Failure, may_pass

HELLO_WAIT_S: Final = 2.0
"""Audio is held back for `connected` this long, then sent all the same (protocol 3)."""

DRAIN_S: Final = 10.0
"""After `close`, events are awaited this long (protocol 9)."""

QUIT_S: Final = 2.0
"""When the user stops a session, it is over after this long, whatever the service does."""

FLUSH_S: Final = 0.5
"""Of that, what the last audio may take to be sent."""

SNAPSHOT_INTERVAL_S: Final = 0.05


class Outcome(msgspec.Struct, frozen=True):
    """How a session ended: an exit code of the contract (design 6), and a sentence when there is something to say."""

    exit_code: int = 0
    sentence: str = ""
    more: bool = False
    """Another session of the same run follows."""


class Session:
    """Source → websocket → core, once. All of it runs in one event loop, `send` included."""

    def __init__(
        self,
        source: Source,
        reference: Reference,
        find_service: Callable[[], Awaitable[Address]],
        settings: Settings,
        listeners: Listeners,
        *,
        chunk_ms: int,
    ) -> None:
        """Prepare a session; nothing happens before `run`.

        Args:
            source: the sound; it paces itself.
            reference: finds reference speech in what is sent.
            find_service: where to connect to; asked anew for every attempt, for a local server that has died is
                started again by it, at another address. Raises UserError.
            settings: what is asked of the service.
            listeners: who is told what happens.
            chunk_ms: audio per frame, milliseconds; for the record.
        """
        self._source = source
        self._finder = reference.finder
        self._find_service = find_service
        self._settings = settings
        self.wanted_turn = settings.turn
        """The turn settings that the user asked for last, unless the service refused them."""
        self._wanted_before = settings.turn
        self._stop = Stop()
        self._hurried = asyncio.Event()
        self._greeted = asyncio.Event()
        self._retuned = asyncio.Event()
        self._last_error: ServiceError | None = None
        self._refused = False
        """The connection's first event was an error that will not pass (protocol 10.3)."""
        self._was_connected = False
        self._log = JournalWriter(
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
                channel=source.channel,
            ),
            source.duration,
            listeners,
        )
        self._monitor = self._log.monitor

    def send(self, command: commands.Command) -> None:
        """Carry out a command, in the session's event loop; says so when it is none for a live session."""
        match command:
            case commands.Stop():
                self._end()
            case commands.RetryNow():
                self._hurried.set()
            case commands.Mute(on):
                self._mute(on=on)
            case commands.Tune(turn):
                self._tune(turn)
            case _:
                self.complain(commands.NOT_SAVED)

    @property
    def source_kind(self) -> SourceKind:
        """What sort of sound is heard."""
        return self._source.kind

    def _end(self) -> None:
        """Stop the audio, send `close`, await the last events for `QUIT_S` at most."""
        if self._stop.wish():
            self._source.stop()

    def _mute(self, *, on: bool) -> None:
        """Send silence in the place of the sound, or the sound again; a file waits meanwhile."""
        if on is not self._source.quiet and not self._monitor.over:
            self._source.set_quiet(quiet=on)
            if self._log.is_open:
                self._log.take(Quieted(self._log.now(), on))
                self._log.show()

    def _tune(self, turn: TurnSettings) -> None:
        """Use other turn settings from now on, over this connection and those after it (protocol 4.2).

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
            self._log.take(Configured(self._log.now(), wanted))
            self._retuned.set()
            self._log.show()

    def complain(self, sentence: str) -> None:
        """Show the user a sentence about something that could not be done."""
        if not self._monitor.over:
            self._log.take(Failed(self._log.now(), sentence))
            self._log.show()

    async def run(self) -> Outcome:
        """Run the session to its end; what goes wrong on the way is in the outcome, the records and the snapshots."""
        self._log.open()
        if self._source.quiet:
            self._log.take(Quieted(self._log.now(), quiet=True))
        try:
            outcome = await self._run()
        finally:
            if self._log.is_kept:
                await asyncio.to_thread(self._log.close)
        if lost := self._log.look_back():
            said = (outcome.sentence, f"recording stopped: {lost}")
            outcome = msgspec.structs.replace(outcome, sentence="; ".join(filter(None, said)))
        return outcome

    async def _run(self) -> Outcome:
        log = self._log
        self._uplink = AudioSender(self._source, log.take, log.sent_audio, log.began)
        ticker = asyncio.create_task(self._tick())
        self._sending = asyncio.create_task(self._uplink.run())
        hearing = asyncio.create_task(run_vad(self._uplink.sent_data, self._finder, log.take, log.now))
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
        log.finish(outcome.sentence, failed=outcome.exit_code != 0)
        if hearing.done() and not hearing.cancelled():
            hearing.result()  # the detector may have failed, which is a bug: the session went on all the same
        return outcome

    async def _stay_connected(self) -> Outcome:
        """Have one conversation after another until the audio is over, or the service cannot be had (protocol 10.2)."""
        patience = backoff.Patience()
        while True:
            try:
                connection = await self._stop.unless(self._open())
            except ConnectionFailedError as error:
                ended: Outcome | Failure = error.failure
            else:
                if connection is None:
                    return Outcome()
                began = self._log.now()
                ended = await self._converse(connection)
                # One that heard nothing was no good, however long it lasted: a file would go back over it for ever.
                steady = self._log.now() - began >= backoff.STEADY_S and (connection.useful or not connection.silent)
                if steady:
                    patience.renew()
            if isinstance(ended, Outcome):
                return ended
            if not await self._back_off(ended, patience):
                return _given_up(ended, patience.attempts - self._was_connected)
            if self._stop.wished:
                return Outcome()
            if self._sending.done():  # the line was lost with the last of the audio, or the source has failed
                self._sending.result()
                return _incomplete(f"{ended.what} before the service had finished")

    async def _back_off(self, failure: Failure, patience: backoff.Patience) -> bool:
        """Wait before the next attempt, shorter if the user wants it now; returns whether there is one."""
        retries = backoff.RECONNECTS if self._was_connected else backoff.FIRST_RETRIES
        now, chance = self._log.now(), random.random()  # noqa: S311  it keeps clients apart, not secrets
        pause = patience.pause(
            now, chance, retries=None if failure.busy else retries, told=failure.retry_after, passing=failure.passing
        )
        if pause is None:
            return False
        first = not self._was_connected  # it counts too
        state = Connection.CONNECTING if first else Connection.RECONNECTING
        attempt = first + (patience.attempts if failure.busy else patience.unreached)
        attempts = None if failure.busy else retries + first
        count = f"{attempt} of {attempts}" if attempts is not None else f"{attempt}"
        retry = Retry(attempt, attempts, now + pause, failure.what)
        self._log.tell(state, f"{failure.what}; attempt {count} in {pause:.1f} s", retry)
        self._hurried.clear()
        hurried = asyncio.create_task(self._hurried.wait())
        await self._stop.wait(hurried, self._sending, limit=pause)
        hurried.cancel()
        return True

    async def _open(self) -> ServiceConnection:
        address = await self._find_service()
        self._log.address(address.shown, local=address.local)
        fmt = self._source.format
        self._retuned.clear()
        settings = msgspec.structs.replace(self._settings, turn=self._monitor.settings)
        url = address.socket_url(settings, fmt.encoding.value, fmt.sample_rate)
        return await ServiceConnection.open(address, url, self._log.passed)

    async def _converse(self, connection: ServiceConnection) -> Outcome | Failure:
        """Use a connection for as long as it lasts; says how the session ended, or why the connection did."""
        self._was_connected = True
        self._greeted.clear()
        self._last_error = None
        self._refused = False
        self._log.tell(Connection.CONNECTED, local=connection.is_local_server)
        reader = asyncio.create_task(self._read(connection))
        tuning = asyncio.create_task(self._keep_tuned(connection))
        try:
            return await self._exchange(connection, reader)
        finally:
            tuning.cancel()
            if not connection.closed_normally:
                self._uplink.disconnect()
            reader.cancel()
            self._log.take(ConnectionLost(self._log.now()))
            await connection.hang_up(self._stop.left(HANG_UP_S, within=QUIT_S))

    async def _exchange(self, connection: ServiceConnection, reader: asyncio.Task[None]) -> Outcome | Failure:
        """Let audio and events flow; when the audio is over say so, and await the last events (protocol 9)."""
        greeted = asyncio.create_task(self._greeted.wait())
        await self._stop.wait(greeted, reader, limit=HELLO_WAIT_S)  # the service accepts audio before it says hello
        greeted.cancel()
        sending = self._sending
        if not reader.done():
            self._uplink.connect(connection)
            await self._stop.wait(reader, sending, grace=FLUSH_S)
        if reader.done() and not sending.done():
            reader.result()
            return connection.why_closed(self._last_error, refused=self._refused)
        sending.cancel()
        await asyncio.wait({sending}, timeout=FLUSH_S)
        self._log.take(CloseSent(self._log.now()))
        closing = asyncio.create_task(connection.send_close())
        await self._stop.wait(reader, limit=DRAIN_S, grace=QUIT_S)
        closing.cancel()
        if not sending.cancelled():
            sending.result()  # the source may have failed in mid-session; what was heard has been drained all the same
        if self._stop.wished:
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
        """Take what the service sends until it closes the connection, or its first word is that it refuses."""
        first = True
        async for frame in connection.frames():
            in_force = self._monitor.settings
            self._uplink.report(frame.received_at)  # a turn that this frame ends must know what held it up
            self._log.received(frame)
            if self._monitor.settings is not in_force:  # the service has refused the last change
                self.wanted_turn = self._wanted_before
            event = self._monitor.event
            self._last_error = event if isinstance(event, ServiceError) else None
            if isinstance(event, Connected):
                self._greeted.set()
            if not isinstance(event, Likelihood):  # ten a second, and the next tick is soon enough for them
                self._log.show_event()
            if first and self._last_error is not None and not may_pass(self._last_error):
                self._refused = True
                return
            first = False

    async def _keep_tuned(self, connection: ServiceConnection) -> None:
        """Tell the service when other settings are wanted than those that it was told; of several, the last."""
        while True:
            await self._retuned.wait()
            self._retuned.clear()
            await connection.send_config(self._monitor.settings)

    async def _tick(self) -> None:
        while True:
            self._uplink.report()
            self._log.look_at_observer()
            self._log.show()
            await asyncio.sleep(SNAPSHOT_INTERVAL_S)


def _incomplete(what: str) -> Outcome:
    return Outcome(ServiceUnavailableError.exit_code, f"{what}: events may be missing")


def _given_up(failure: Failure, attempts: int) -> Outcome:
    tried = f" (tried {attempts} times)" if attempts > 1 else ""
    return Outcome(ServiceUnavailableError.exit_code, f"{failure.sentence}{tried}")
