"""One connection of a session: audio out, events in, then `close` and the last events."""

import asyncio
from contextlib import suppress
from typing import Final

from stt_monitor.core.events import Connected, Event, Finished, ServiceError, SettingsApplied, Violation
from stt_monitor.core.journal import CloseSent, ConnectionLost
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings.state import difference
from stt_monitor.session.audio_sender import AudioSender
from stt_monitor.session.journal_writer import JournalWriter
from stt_monitor.session.outcome import Outcome, incomplete
from stt_monitor.session.stop_signal import StopSignal
from stt_monitor.session.tuning import Tuning
from stt_monitor.transport.connection import HANG_UP_S, ServiceConnection
from stt_monitor.transport.failures import Failure

HELLO_WAIT_S: Final = 2.0
"""Longest wait for `connected` before audio is sent anyway (protocol.md 3)."""

DRAIN_S: Final = 10.0
"""Longest wait for the last events after `close` (protocol.md 9)."""

QUIT_S: Final = 2.0
"""Longest time from the user's stop to the end of the session, whatever the service does."""

ANSWER_S: Final = 10.0
"""Longest wait for the answer to a change of the settings before the next one is sent."""

CHANGE_S: Final = 2.0
"""Longest wait for the last events of a connection before another one, where other settings need it."""

FLUSH_S: Final = 0.5
"""Part of it in which the last audio may still be sent."""


class Exchange:
    """Uses a connection until it closes. For use inside the event loop."""

    def __init__(
        self,
        connection: ServiceConnection,
        sender: AudioSender,
        log: JournalWriter,
        stop: StopSignal,
        tuning: Tuning,
    ) -> None:
        """Prepare.

        Args:
            connection: an open one.
            sender: sends the session's audio.
            log: journals what happens.
            stop: ends the exchange in order.
            tuning: changes the turn settings.
        """
        self.audio_taken_back = False
        """The end of the audio must be sent again, over the next connection."""
        self.accepted = False
        """The service took part: its first event was no error, or it said nothing for a while."""
        self._connection = connection
        self._sender = sender
        self._log = log
        self._stop = stop
        self._tuning = tuning
        self._answered = asyncio.Event()
        """The service answered the last change of the settings."""
        self._greeted = asyncio.Event()
        self._last_error: ServiceError | None = None
        self._finished = False
        """The service said its last word."""
        self._refused = False
        """The connection's first event was an error (protocol.md 10.3)."""

    async def run(self, sending: asyncio.Task[None]) -> Outcome | Failure | None:
        """Exchange audio and events until the connection, the audio or the user ends it, or other settings do.

        Args:
            sending: the sender's task; it ends with the audio.

        Returns:
            How the session ended, or why the connection did; None: other settings need another one.

        Raises:
            UserError: the source failed in mid-session.
        """
        reader = asyncio.create_task(self._read())
        tuning = asyncio.create_task(self._keep_tuned())
        try:
            return await self._exchange(reader, sending, tuning)
        finally:
            tuning.cancel()
            if not self._ended_well:
                self._sender.disconnect()
            reader.cancel()
            self._log.append(ConnectionLost(self._log.now()))
            await self._connection.hang_up(self._stop.left(HANG_UP_S, within=QUIT_S))

    async def _exchange(
        self, reader: asyncio.Task[None], sending: asyncio.Task[None], tuning: asyncio.Task[None]
    ) -> Outcome | Failure | None:
        await self._stop.wait(self._greeted.wait(), reader, limit=HELLO_WAIT_S)  # audio is accepted before hello, too
        if not reader.done():
            self._accept()
            self._sender.connect(self._connection)
            await self._stop.wait(reader, sending, tuning, grace=FLUSH_S)
        if reader.done() and not sending.done():
            reader.result()
            return self._connection.why_closed(self._last_error, refused=self._refused)
        if tuning.done() and not sending.done() and not self._stop.requested:
            tuning.result()
            await self._change_over(reader)
            return None
        return await self._drain(reader, sending)

    @property
    def _ended_well(self) -> bool:
        return self._finished or (self._connection.closed_normally and not self._fatal)

    @property
    def _fatal(self) -> bool:
        """Whether the service said that it ends the session, however it closes the connection then."""
        return self._last_error is not None and self._last_error.ends_session

    def _accept(self, difference: str = "") -> None:
        """Journal the connection as open, once, and where the service deviates from the requested settings."""
        if not self.accepted:
            self.accepted = True
            self._log.tell(Connection.CONNECTED, difference, local=self._connection.is_local_server)

    async def _change_over(self, reader: asyncio.Task[None]) -> None:
        """Let the service finish what it has; later audio goes over a new connection."""
        self._sender.leave()
        self._log.append(CloseSent(self._log.now(), goes_on=True))
        self._log.tell(Connection.CONNECTING, "other settings need another connection")
        closing = asyncio.create_task(self._connection.send_close(in_turn=self._log.monitor.in_turn))
        await self._stop.wait(reader, limit=CHANGE_S, grace=QUIT_S)
        closing.cancel()

    async def _drain(self, reader: asyncio.Task[None], sending: asyncio.Task[None]) -> Outcome | Failure:
        """Send `close` and wait for the last events (protocol.md 9)."""
        connection = self._connection
        sending.cancel()
        await asyncio.wait({sending}, timeout=FLUSH_S)
        self._log.append(CloseSent(self._log.now()))
        closing = asyncio.create_task(connection.send_close(in_turn=self._log.monitor.in_turn))
        await self._stop.wait(reader, limit=DRAIN_S, grace=QUIT_S)
        closing.cancel()
        if not sending.cancelled():
            sending.result()  # the source may have failed in mid-session; what was heard has been drained all the same
        if self._stop.requested:
            return Outcome()
        if not reader.done() and connection.unconfirmed:
            connection.give_up()  # it has answered no ping either since the end of the audio
        if connection.silent and self._sender.disconnect():
            self.audio_taken_back = True
            return connection.why_closed(None)
        return self._drained(finished=reader.done())

    def _drained(self, *, finished: bool) -> Outcome:
        """Judge how the service ended after `close`, which it may answer with an error if nothing was said."""
        connection = self._connection
        if not finished:
            return incomplete(f"the service did not finish within {DRAIN_S:.0f} s of the end of the audio")
        if self._ended_well or not (self._fatal or connection.lost or self._log.monitor.turns):
            return Outcome()
        return incomplete(f"{connection.why_closed(self._last_error).what} before the service had finished")

    async def _read(self) -> None:
        """Journal incoming messages until the last of them; after a fatal error the close is not waited for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as patience:
                await self._read_to_end(patience)

    async def _read_to_end(self, patience: asyncio.Timeout) -> None:
        """Journal incoming messages until the connection closes, or the first of them is a refusal."""
        monitor = self._log.monitor
        async for frame in self._connection.frames():
            settings = monitor.settings
            self._sender.report(frame.received_at)  # a turn that this frame ends must know what held it up
            self._log.received(frame)
            if monitor.settings is not settings:  # the service has refused the last change
                self._tuning.refused()
            message = monitor.message
            error = next((event for event in message.events if isinstance(event, ServiceError)), None)
            if not self._fatal:
                self._last_error = error
            self._note(message.events)
            if not message.streams:  # ten a second, and the next tick is soon enough for them
                self._log.show_event()
            if error is not None and error.fatal and not self.accepted:
                self._refused = True
                return
            if self._fatal and patience.when() is None:
                patience.reschedule(asyncio.get_running_loop().time() + HANG_UP_S)
            if any(isinstance(event, Finished) for event in message.events):
                self._finished = True
                return

    def _note(self, events: tuple[Event, ...]) -> None:
        """Note what others wait for."""
        if any(not isinstance(event, ServiceError | Violation) for event in events):
            asked = self._log.monitor.settings
            self._accept(next(filter(None, (difference(event, asked) for event in events)), ""))
        if any(map(_answers_change, events)):
            self._answered.set()
        if any(isinstance(event, Connected) for event in events):
            self._greeted.set()

    async def _keep_tuned(self) -> None:
        """Send the turn settings whenever the user changes them, only the last of several changes.

        Returns when they are changed and the service takes no change on an open connection.
        """
        while True:
            await self._tuning.changed.wait()
            if not self._tuning.takes_changes:
                if self._tuning.changed.is_set():  # else it was taken back
                    return
                continue
            self._tuning.changed.clear()
            self._answered.clear()
            await self._connection.send_config(self._log.monitor.settings)
            if self._tuning.acknowledged:
                with suppress(TimeoutError):
                    async with asyncio.timeout(ANSWER_S):
                        await self._answered.wait()


def _answers_change(event: Event) -> bool:
    return isinstance(event, SettingsApplied) or (isinstance(event, ServiceError) and event.refuses_settings)
