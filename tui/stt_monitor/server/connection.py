"""Serves one connection: receives, recognises and sends concurrently."""

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.events import Likelihood
from stt_monitor.server.dispatcher import Dispatcher
from stt_monitor.server.receive_queue import BACKLOG_S, BacklogFullError, ReceiveQueue
from stt_monitor.server.send_queue import SendQueue, SendQueueFullError
from stt_monitor.server.thread_pool import Workers
from stt_monitor.server.turn_detection.interface import MakeDetector
from stt_monitor.services.base import Audio
from stt_monitor.services.server_side import (
    Command,
    Farewell,
    Finish,
    Parameters,
    RejectedError,
    Rejection,
    Session,
    Signal,
)
from stt_monitor.system.clock import Clock

SLICE_S: Final = 0.5
"""Most audio recognised in one go, in seconds: a client with a backlog must not hold up the others."""

LAG_INTERVAL_S: Final = 0.25
"""Between two lag reports while a slice takes long."""

LAST_EVENTS_TIMEOUT_S: Final = 60.0
"""How long a client may take to read the last events of its session."""

TOO_FAR_BEHIND: Final = Rejection(
    "Too far behind",
    f"More than {BACKLOG_S:g} s of audio wait for recognition; send in real time, or run fewer sessions.",
    HTTPStatus.TOO_MANY_REQUESTS,
)
IDLE: Final = Rejection("Idle timeout", "Nothing came for too long; reconnect to go on.", HTTPStatus.REQUEST_TIMEOUT)
INTERNAL_ERROR: Final = Rejection(
    "Internal error", "Recognition failed; reconnect to go on.", HTTPStatus.INTERNAL_SERVER_ERROR
)

_log = logging.getLogger(__name__)


class ConnectionHandler:
    """Serves one connection that has been accepted.

    Args:
        socket: the connection.
        session: reads and writes the messages of its service.
        request_id: names the connection.
        make_detector: makes its detector; called on a worker thread.
        workers: where recognition runs.
        idle_timeout: seconds without a message from the client before the connection is closed.
        trace: whether to send the likelihood to a client that did not ask.
        clock: tells how long recognition takes; the event loop has the same.
        refused: why it is to end at once, if it is.
    """

    def __init__(
        self,
        socket: ServerConnection,
        session: Session,
        request_id: str,
        *,
        make_detector: MakeDetector,
        workers: Workers,
        idle_timeout: float,
        trace: bool,
        clock: Clock = time.monotonic,
        refused: Rejection | None = None,
    ) -> None:
        self.request_id = request_id
        self._socket = socket
        self._session = session
        self._make_detector = make_detector
        self._workers = workers
        self._idle_timeout = idle_timeout
        self._trace = trace
        self._clock = clock
        self._refused = refused
        self._outgoing = SendQueue()
        self._incoming: ReceiveQueue | None = None
        self._slice_taken_at: float | None = None
        """When the current slice was taken from the queue."""

    @property
    def backlog_s(self) -> float:
        """Seconds of audio received but not yet recognised."""
        return self._incoming.backlog_s if self._incoming is not None else 0.0

    @property
    def behind_s(self) -> float | None:
        """Seconds by which recognition lags behind a real-time client; None for any other."""
        if self._incoming is None or not self._incoming.live:
            return None
        in_work = self._clock() - self._slice_taken_at if self._slice_taken_at is not None else 0.0
        return self._incoming.backlog_s + in_work

    async def run(self) -> None:
        """Serve the connection until it is closed, by either side."""
        sending = asyncio.create_task(self._outgoing.send_all(self._socket.send))
        tasks = [sending]
        try:
            farewell = self._session.close(await self._serve(sending))
            self._send(farewell.texts)
            tasks.append(asyncio.create_task(self._discard()))
            self._outgoing.end()
            async with asyncio.timeout(LAST_EVENTS_TIMEOUT_S):
                await sending
            await self._hang_up(farewell)
        except ConnectionClosed:
            pass  # the client is gone
        except (SendQueueFullError, TimeoutError):
            _log.warning("%s: closed, the client does not read", self.request_id)
            self._socket.transport.abort()
        finally:
            sending.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hang_up(self, farewell: Farewell) -> None:
        if farewell.drops:
            self._socket.transport.close()  # what was sent still goes out
            await self._socket.wait_closed()
        else:
            # Declared as a number, but None is passed on, and makes a close frame without a code.
            await self._socket.close(farewell.code, farewell.reason)  # type: ignore[arg-type]

    async def _discard(self) -> None:
        """Drop what still comes: the client's half of the closing handshake is behind it."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._socket.recv()

    async def _serve(self, sending: asyncio.Task[None]) -> Rejection | None:
        """Serve the session; return why it ends, None where the client has finished.

        Raises:
            ConnectionClosed: the client went away.
        """
        if self._refused is not None:
            return self._refused
        try:
            parameters, first = await self._open()
        except RejectedError as error:
            return error.rejection
        if parameters.idle_timeout_s is not None:
            self._idle_timeout = min(self._idle_timeout, parameters.idle_timeout_s)
        audio = _format(parameters.audio)
        self._incoming = ReceiveQueue(audio, clock=self._clock)
        receiving = asyncio.create_task(self._receive(self._incoming, first))
        recognising = asyncio.create_task(self._recognise(self._incoming, audio, parameters))
        reporting = asyncio.create_task(self._report_lag(self._incoming, parameters))
        tasks = {receiving, recognising, sending}
        try:
            # The first to end ends the session: recognition after `Finish`, an idle client, a lost one.
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if recognising in done:
                return recognising.result()
            if receiving in done:
                return receiving.result()
            sending.result()
            raise AssertionError("sending ends only when told to, or fails")
        finally:
            receiving.cancel()
            recognising.cancel()
            reporting.cancel()
            await asyncio.gather(receiving, recognising, reporting, return_exceptions=True)

    async def _open(self) -> tuple[Parameters, bytes | Command]:
        """Return what the client asks for, in its request or its first messages, and what comes with it.

        Raises:
            RejectedError: it cannot have that.
        """
        opening = self._session.open()
        self._send(opening.texts)
        while opening.parameters is None:
            try:
                async with asyncio.timeout(self._idle_timeout):
                    message = await self._socket.recv()
            except TimeoutError:
                raise RejectedError(IDLE) from None
            opening = self._session.open(message)
            self._send(opening.texts)
        return opening.parameters, opening.first

    def _send(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._outgoing.put(text)

    def _send_signals(self, signals: Iterable[Signal]) -> None:
        for signal in signals:
            self._send(self._session.write(signal))

    async def _receive(self, incoming: ReceiveQueue, first: bytes | Command) -> Rejection:
        """Read as long as the connection lives, at any load: unread pings would end it."""
        loop = asyncio.get_running_loop()
        try:
            finishing = _put(incoming, first)
            async with asyncio.timeout(None if finishing else self._idle_timeout) as idle:
                while True:
                    message = await self._socket.recv()
                    if finishing:
                        continue  # nothing counts after `Finish`
                    idle.reschedule(loop.time() + self._idle_timeout)
                    try:
                        read = self._session.read(message)
                    except RejectedError as error:
                        if error.rejection.fatal:
                            return error.rejection
                        self._send(self._session.report(error.rejection))
                        continue
                    if finishing := _put(incoming, read):
                        idle.reschedule(None)
        except TimeoutError:
            return IDLE
        except BacklogFullError:
            return TOO_FAR_BEHIND

    async def _recognise(self, incoming: ReceiveQueue, audio: AudioFormat, parameters: Parameters) -> Rejection | None:
        """Recognise slice by slice, in order, until the client has finished and all events are queued."""
        try:
            dispatcher = await self._workers.run(functools.partial(self._dispatcher, audio, parameters))
            while not dispatcher.finished:
                items = await incoming.get(SLICE_S)
                self._slice_taken_at = self._clock()
                self._send_signals(await self._workers.run(functools.partial(dispatcher.feed, items, _lag(incoming))))
                self._slice_taken_at = None
        except SendQueueFullError:
            raise
        except Exception:  # noqa: BLE001  tell this client, and keep serving the others
            _log.exception("%s: recognition failed", self.request_id)
            return INTERNAL_ERROR
        return None

    async def _report_lag(self, incoming: ReceiveQueue, parameters: Parameters) -> None:
        """Report the lag to a client that wants the likelihood, while a slice takes long."""
        while self._traced(parameters):
            await asyncio.sleep(LAG_INTERVAL_S)
            late = self._slice_taken_at is not None and self._clock() - self._slice_taken_at > LAG_INTERVAL_S
            if late and (lag := _lag(incoming)) is not None:
                self._send_signals([Likelihood(lag=lag)])

    def _traced(self, parameters: Parameters) -> bool:
        return self._trace or parameters.trace

    def _dispatcher(self, audio: AudioFormat, parameters: Parameters) -> Dispatcher:
        detector = self._make_detector(parameters.thresholds, parameters.keyterms)
        return Dispatcher(detector, audio, trace=self._traced(parameters), progress_s=parameters.progress_s)


def _format(audio: Audio) -> AudioFormat:
    return AudioFormat(Encoding(audio.encoding), audio.sample_rate)


def _put(incoming: ReceiveQueue, read: bytes | Command) -> bool:
    """Queue what a client sent; return whether it has finished. Raises BacklogFullError."""
    if isinstance(read, bytes):
        incoming.put_audio(read)
        return False
    incoming.put_command(read)
    return isinstance(read, Finish)


def _lag(incoming: ReceiveQueue) -> float | None:
    """Return how far recognition was behind, in seconds; None for a client faster than real time."""
    lag = incoming.pop_lag()
    return round(lag, 4) if incoming.live else None
