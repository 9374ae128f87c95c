"""One client's conversation: receiving, recognising and sending beside one another (protocol.md 4, 9-11)."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Iterable
from http import HTTPStatus
from time import monotonic
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.server.dispatcher import Dispatcher
from stt_monitor.server.receive_queue import BACKLOG_S, BacklogFullError, Inbox
from stt_monitor.server.send_queue import Outbox, OutboxFullError
from stt_monitor.server.thread_pool import Workers
from stt_monitor.server.turn_detection.interface import MakeDetector
from stt_monitor.services.base import Audio
from stt_monitor.services.server_side import (
    Farewell,
    Finish,
    Parameters,
    RejectedError,
    Rejection,
    Session,
    Signal,
    Trace,
)

SLICE_S: Final = 0.5
"""Seconds of audio recognised in one go at most: a client with a backlog must not keep the others waiting."""

LAG_INTERVAL_S: Final = 0.25
"""From one word about the lag to the next, while a slice takes long."""

LAST_EVENTS_TIMEOUT_S: Final = 60.0
"""How long a client may take to read what was still to be said when its session ended."""

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


class Conversation:
    """Serves one connection that has been accepted.

    Args:
        socket: the connection.
        session: reads and writes the messages of its service.
        request_id: names the connection.
        make_detector: makes its detector; called on a worker thread.
        workers: where recognition runs.
        idle_timeout: seconds without a message of the client after which the connection is closed (protocol.md 11).
        trace: whether the likelihood is told even if the client does not ask.
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
    ) -> None:
        self.request_id = request_id
        self._socket = socket
        self._session = session
        self._make_detector = make_detector
        self._workers = workers
        self._idle_timeout = idle_timeout
        self._trace = trace
        self._outbox = Outbox()
        self._inbox: Inbox | None = None
        self._taken_at: float | None = None
        """When the slice was taken that is being recognised, or waits for a thread."""

    @property
    def backlog_s(self) -> float:
        """Seconds of audio received and not yet recognised."""
        return self._inbox.backlog_s if self._inbox is not None else 0.0

    @property
    def behind_s(self) -> float | None:
        """Seconds by which recognition is behind a client that sends in real time; None for any other."""
        if self._inbox is None or not self._inbox.live:
            return None
        return self._inbox.backlog_s + (monotonic() - self._taken_at if self._taken_at is not None else 0.0)

    async def run(self) -> None:
        """Serve the connection until it is closed, by either side."""
        sending = asyncio.create_task(self._outbox.send_all(self._socket.send))
        tasks = [sending]
        try:
            farewell = await self._converse(sending)
            self._say(farewell.texts)
            tasks.append(asyncio.create_task(self._discard()))
            self._outbox.end()
            async with asyncio.timeout(LAST_EVENTS_TIMEOUT_S):
                await sending
            await self._socket.close(farewell.code, farewell.reason)
        except ConnectionClosed:
            pass  # the client is gone, and nobody is left to be told anything
        except (OutboxFullError, TimeoutError):
            _log.warning("%s: closed, the client does not read", self.request_id)
            self._socket.transport.abort()
        finally:
            sending.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _discard(self) -> None:
        """Read what still comes and forget it: the client's half of the closing handshake stands behind it."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._socket.recv()

    async def _converse(self, sending: asyncio.Task[None]) -> Farewell:
        """Return how to close. Raises ConnectionClosed when the client went away."""
        try:
            parameters = await self._open()
        except RejectedError as error:
            return self._session.close(error.rejection)
        audio = _format(parameters.audio)
        self._inbox = Inbox(audio)
        receiving = asyncio.create_task(self._receive(self._inbox))
        recognising = asyncio.create_task(self._recognise(self._inbox, audio, parameters))
        telling = asyncio.create_task(self._tell_lag(self._inbox, parameters))
        tasks = {receiving, recognising, sending}
        try:
            # Whichever ends first ends the conversation: `close` and its flush, an idle client, one that has gone.
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if recognising in done:
                return recognising.result()
            if receiving in done:
                return receiving.result()
            sending.result()
            raise AssertionError("sending ends only when it is told to, or fails")
        finally:
            receiving.cancel()
            recognising.cancel()
            telling.cancel()
            await asyncio.gather(receiving, recognising, telling, return_exceptions=True)

    async def _open(self) -> Parameters:
        """Return what the client asks for, in its request or its first messages. Raises RejectedError."""
        opening = self._session.open()
        self._say(opening.texts)
        while opening.parameters is None:
            try:
                async with asyncio.timeout(self._idle_timeout):
                    message = await self._socket.recv()
            except TimeoutError:
                raise RejectedError(IDLE) from None
            opening = self._session.open(message)
            self._say(opening.texts)
        return opening.parameters

    def _say(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._outbox.put(text)

    def _tell(self, signals: Iterable[Signal]) -> None:
        for signal in signals:
            self._say(self._session.write(signal))

    async def _receive(self, inbox: Inbox) -> Farewell:
        """Read for as long as the connection lives, whatever the load: unread pings would end it (protocol.md 11)."""
        loop = asyncio.get_running_loop()
        finishing = False
        try:
            async with asyncio.timeout(self._idle_timeout) as idle:
                while True:
                    message = await self._socket.recv()
                    if finishing:
                        continue  # a client that has finished has nothing more to say (protocol.md 9)
                    idle.reschedule(loop.time() + self._idle_timeout)
                    try:
                        read = self._session.read(message)
                    except RejectedError as error:
                        self._say(self._session.report(error.rejection))
                        continue
                    if isinstance(read, bytes):
                        inbox.put_audio(read)
                        continue
                    inbox.put_command(read)
                    if isinstance(read, Finish):
                        finishing = True
                        idle.reschedule(None)
        except TimeoutError:
            return self._session.close(IDLE)
        except BacklogFullError:
            return self._session.close(TOO_FAR_BEHIND)

    async def _recognise(self, inbox: Inbox, audio: AudioFormat, parameters: Parameters) -> Farewell:
        """Recognise slice by slice, in order, until the client has finished and everything is said."""
        try:
            dispatcher = await self._workers.run(functools.partial(self._dispatcher, audio, parameters))
            while not dispatcher.finished:
                items = await inbox.take(SLICE_S)
                self._taken_at = monotonic()
                self._tell(await self._workers.run(functools.partial(dispatcher.feed, items, _lag(inbox))))
                self._taken_at = None
        except OutboxFullError:
            raise
        except Exception:  # noqa: BLE001  whatever it was, this client is told and the others go on
            _log.exception("%s: recognition failed", self.request_id)
            return self._session.close(INTERNAL_ERROR)
        return self._session.close()

    async def _tell_lag(self, inbox: Inbox, parameters: Parameters) -> None:
        """Tell a client that wants the likelihood that it is late, while a slice takes long."""
        while self._traced(parameters):
            await asyncio.sleep(LAG_INTERVAL_S)
            late = self._taken_at is not None and monotonic() - self._taken_at > LAG_INTERVAL_S
            if late and (lag := _lag(inbox)) is not None:
                self._tell([Trace(lag=lag)])

    def _traced(self, parameters: Parameters) -> bool:
        return self._trace or parameters.trace

    def _dispatcher(self, audio: AudioFormat, parameters: Parameters) -> Dispatcher:
        detector = self._make_detector(parameters.thresholds, parameters.keyterms)
        return Dispatcher(detector, audio, trace=self._traced(parameters))


def _format(audio: Audio) -> AudioFormat:
    return AudioFormat(Encoding(audio.encoding), audio.sample_rate)


def _lag(inbox: Inbox) -> float | None:
    """Return how far judging was behind, seconds; None for a client whose haste makes the lag."""
    lag = inbox.take_lag()
    return round(lag, 4) if inbox.live else None
