"""One client's conversation: receiving, recognising and sending beside one another (protocol.md 4, 9-11)."""

import asyncio
import contextlib
import functools
import logging
import uuid
from time import monotonic
from typing import Final

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from stt_monitor.server.asr.interface import MakeHearing
from stt_monitor.server.dispatcher import Dispatcher
from stt_monitor.server.protocol.client_messages import Finish, Retune, read_command
from stt_monitor.server.protocol.errors import RefusalError
from stt_monitor.server.protocol.query import Parameters, Query, read_parameters
from stt_monitor.server.receive_queue import BACKLOG_S, BacklogFullError, Inbox
from stt_monitor.server.send_queue import Outbox, OutboxFullError
from stt_monitor.server.thread_pool import Workers
from stt_monitor.services.cartesia.codec import Connected, Likelihood, encode

SLICE_S: Final = 0.5
"""Seconds of audio recognised in one go at most: a client with a backlog must not keep the others waiting."""

LAG_INTERVAL_S: Final = 0.25
"""From one word about the lag to the next, while a slice takes long."""

LAST_EVENTS_TIMEOUT_S: Final = 60.0
"""How long a client may take to read what was still to be said when its session ended."""

TOO_FAR_BEHIND: Final = RefusalError(
    "Too far behind",
    f"More than {BACKLOG_S:g} s of audio wait for recognition; send in real time, or run fewer sessions.",
    status=429,
    error_code="concurrency_limited",
)
INTERNAL_ERROR: Final = RefusalError("Internal error", "Recognition failed; reconnect to go on.", status=500)

_log = logging.getLogger(__name__)


class Closing(msgspec.Struct, frozen=True):
    """How a connection is closed by the server."""

    code: int = CloseCode.NORMAL_CLOSURE
    reason: str = ""


class Conversation:
    """Serves one connection that has been accepted.

    Args:
        socket: the connection.
        query: its query parameters.
        make_hearing: makes the ear; called on a worker thread.
        workers: where recognition runs.
        idle_timeout: seconds without a message of the client after which the connection is closed (protocol.md 11).
        trace: whether the likelihood is told even if the client does not ask.
    """

    def __init__(
        self,
        socket: ServerConnection,
        query: Query,
        *,
        make_hearing: MakeHearing,
        workers: Workers,
        idle_timeout: float,
        trace: bool,
    ) -> None:
        self.request_id = str(uuid.uuid4())
        self._socket = socket
        self._query = query
        self._make_hearing = make_hearing
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
            closing = await self._converse(sending)
            tasks.append(asyncio.create_task(self._discard()))
            self._outbox.end()
            async with asyncio.timeout(LAST_EVENTS_TIMEOUT_S):
                await sending
            await self._socket.close(closing.code, closing.reason)
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

    async def _converse(self, sending: asyncio.Task[None]) -> Closing:
        """Return how to close. Raises ConnectionClosed when the client went away."""
        try:
            parameters = read_parameters(self._query)
        except RefusalError as refusal:
            # In place of `connected`: by it clients tell a refusal from a failure on the way (protocol.md 10.3).
            return self._refuse(refusal, CloseCode.POLICY_VIOLATION)
        self._outbox.put(encode(Connected(self.request_id)))
        self._inbox = Inbox(parameters.audio)
        receiving = asyncio.create_task(self._receive(self._inbox, parameters))
        recognising = asyncio.create_task(self._recognise(self._inbox, parameters))
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

    def _refuse(self, refusal: RefusalError, code: int) -> Closing:
        self._outbox.put(encode(refusal.event(self.request_id)))
        return Closing(code, refusal.title)

    async def _receive(self, inbox: Inbox, parameters: Parameters) -> Closing:
        """Read for as long as the connection lives, whatever the load: unread pings would end it (protocol.md 11)."""
        loop = asyncio.get_running_loop()
        thresholds = parameters.thresholds
        finishing = False
        try:
            async with asyncio.timeout(self._idle_timeout) as idle:
                while True:
                    message = await self._socket.recv()
                    if finishing:
                        continue  # after `close` nothing counts any more (protocol.md 9)
                    idle.reschedule(loop.time() + self._idle_timeout)
                    if isinstance(message, bytes):
                        inbox.put_audio(message)
                        continue
                    try:
                        command = read_command(message, thresholds)
                    except RefusalError as refusal:
                        self._outbox.put(encode(refusal.event(self.request_id)))
                        continue
                    inbox.put_command(command)
                    if isinstance(command, Retune):
                        thresholds = command.thresholds
                    elif isinstance(command, Finish):
                        finishing = True
                        idle.reschedule(None)
        except TimeoutError:
            return Closing(CloseCode.GOING_AWAY, "Idle timeout")
        except BacklogFullError:
            return self._refuse(TOO_FAR_BEHIND, CloseCode.TRY_AGAIN_LATER)

    async def _recognise(self, inbox: Inbox, parameters: Parameters) -> Closing:
        """Recognise slice by slice, in order, until the client has finished and everything is said."""
        try:
            dialogue = await self._workers.run(functools.partial(self._dialogue, parameters))
            while not dialogue.finished:
                items = await inbox.take(SLICE_S)
                self._taken_at = monotonic()
                for text in await self._workers.run(functools.partial(dialogue.hear, items, _lag(inbox))):
                    self._outbox.put(text)
                self._taken_at = None
        except OutboxFullError:
            raise
        except Exception:  # noqa: BLE001  whatever it was, this client is told and the others go on
            _log.exception("%s: recognition failed", self.request_id)
            return self._refuse(INTERNAL_ERROR, CloseCode.INTERNAL_ERROR)
        return Closing()

    async def _tell_lag(self, inbox: Inbox, parameters: Parameters) -> None:
        """Tell whoever wants the likelihood that it is late, while a slice takes long."""
        while self._traced(parameters):
            await asyncio.sleep(LAG_INTERVAL_S)
            late = self._taken_at is not None and monotonic() - self._taken_at > LAG_INTERVAL_S
            if late and (lag := _lag(inbox)) is not None:
                self._outbox.put(encode(Likelihood(request_id=self.request_id, lag=lag)))

    def _traced(self, parameters: Parameters) -> bool:
        return self._trace or parameters.trace

    def _dialogue(self, parameters: Parameters) -> Dispatcher:
        return Dispatcher(
            self._make_hearing(parameters.thresholds, parameters.keyterms),
            parameters.audio,
            self.request_id,
            trace=self._traced(parameters),
        )


def _lag(inbox: Inbox) -> float | None:
    """Return how far judging was behind, seconds; None for a client whose haste makes the lag."""
    lag = inbox.take_lag()
    return round(lag, 4) if inbox.live else None
