"""Keeps a session connected: opens a connection, uses it, and opens another one when it is lost (protocol.md 10.2)."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Retry
from stt_monitor.session.audio_sender import AudioSender
from stt_monitor.session.exchange import FLUSH_S, Exchange
from stt_monitor.session.journal_writer import JournalWriter
from stt_monitor.session.outcome import Outcome, given_up, incomplete
from stt_monitor.session.stop_signal import StopSignal
from stt_monitor.session.tuning import Tuning
from stt_monitor.transport import retry
from stt_monitor.transport.connection import ServiceConnection
from stt_monitor.transport.failures import ConnectionFailedError, Failure


class Reconnecting:
    """The connections of a session, one after another, and the audio that is sent over them."""

    def __init__(
        self,
        open_connection: Callable[[], Coroutine[Any, Any, ServiceConnection]],
        sender: AudioSender,
        log: JournalWriter,
        stop: StopSignal,
        tuning: Tuning,
    ) -> None:
        """Prepare.

        Args:
            open_connection: opens the next one. Raises UserError where there is no service to be found.
            sender: sends the session's audio.
            log: journals what happens.
            stop: ends the session in order.
            tuning: changes the turn settings.
        """
        self._open = open_connection
        self._sender = sender
        self._log = log
        self._stop = stop
        self._tuning = tuning
        self._hurried = asyncio.Event()
        self._was_connected = False

    async def run(self) -> Outcome:
        """Send the audio, and reconnect until it ends or the service stays unreachable (protocol.md 10.2).

        Raises:
            UserError: the source failed, or there is no service to be found.
        """
        self._sending = asyncio.create_task(self._sender.run())
        patience = retry.Patience()
        while True:
            ended = await self._connect(patience)
            if isinstance(ended, Outcome):
                return ended
            if ended is None or self._goes_back(ended):
                continue
            if not await self._back_off(ended, patience):
                return given_up(ended, patience.attempts - self._was_connected)
            if self._stop.requested:
                return Outcome()
            if self._sending.done():  # the line was lost with the last of the audio, or the source has failed
                self._sending.result()
                return incomplete(f"{ended.what} before the service had finished")

    def retry_now(self) -> None:
        """End the wait before the next attempt; without effect where there is none."""
        self._hurried.set()

    async def stop_sending(self) -> None:
        """Send no more, `FLUSH_S` later at the latest; once it has begun to run."""
        self._sending.cancel()
        await asyncio.wait({self._sending}, timeout=FLUSH_S)

    async def _connect(self, patience: retry.Patience) -> Outcome | Failure | None:
        """Open a connection and use it until it closes; returns what `_use` does."""
        try:
            connection = await self._stop.unless(self._open())
        except ConnectionFailedError as error:
            return error.failure
        if connection is None:
            return Outcome()
        began = self._log.now()
        ended = await self._use(connection)
        # One that heard nothing was no good, however long it lasted: a file would go back over it for ever.
        if self._log.now() - began >= retry.STEADY_S and (connection.useful or not connection.silent):
            patience.renew()
        return ended

    def _goes_back(self, failure: Failure) -> bool:
        """Return whether to try again at once, with the settings before those that were refused."""
        goes_back = self._tuning.goes_back()
        if goes_back:
            self._log.complain(f"{failure.what}: the settings stay as they were")
        return goes_back

    async def _back_off(self, failure: Failure, patience: retry.Patience) -> bool:
        """Wait before the next attempt, or until the user wants it now; returns False to give up."""
        retries = retry.RECONNECTS if self._was_connected else retry.FIRST_RETRIES
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
        waiting = Retry(attempt, attempts, now + pause, failure.what)
        self._log.tell(state, f"{failure.what}; attempt {count} in {pause:.1f} s", waiting)
        self._hurried.clear()
        await self._stop.wait(self._hurried.wait(), self._sending, limit=pause)
        return True

    async def _use(self, connection: ServiceConnection) -> Outcome | Failure | None:
        """Use a connection until it closes.

        Returns:
            How the session ended, or why the connection did; None: other settings need another one.
        """
        exchange = Exchange(
            connection,
            self._sender,
            self._log,
            self._stop,
            self._tuning,
        )
        try:
            return await exchange.run(self._sending)
        finally:
            self._was_connected = self._was_connected or exchange.accepted
            if exchange.audio_taken_back:
                self._sending = asyncio.create_task(self._sender.run())
