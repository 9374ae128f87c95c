"""Sends audio from a source over the current connection and journals every chunk."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Final

import msgspec

from stt_monitor.audio.formats import decode
from stt_monitor.audio.level import peak_db
from stt_monitor.audio.sources.pacing import chunk_samples
from stt_monitor.audio.sources.source import Chunk, Source
from stt_monitor.core.journal import Append, HealthReported, Returned, Sent
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.session.vad_task import Piece
from stt_monitor.system.clock import Clock
from stt_monitor.transport.connection import ServiceConnection
from stt_monitor.transport.retry import Throttle

DETECTOR_BACKLOG: Final = 600
"""Chunks that may wait for the speech detector (a minute at 100 ms) before audio waits for it too."""

ALWAYS_UNCONFIRMED_S: Final = 0.5
"""Audio that is normally unconfirmed until the next pong; not reported."""

_STUCK_S: Final = 0.1
"""A chunk that waits longer for the socket is delayed."""


class AudioSender:
    """Sends a session's audio over one connection after another. For use inside the event loop.

    Without a connection, a file waits and a microphone's backlog grows. A chunk that the socket did not accept is sent
    first over the next connection. After a loss it is unknown whether the service received the audio sent since its
    last pong. If the connection was closed or broke, that is little, and only counted (`Health.unconfirmed_s`). If the
    service fell silent, it may be 15 s: a file then sends it again.
    """

    def __init__(
        self,
        source: Source,
        append: Append,
        on_audio: Callable[[int, bytes], None],
        began: float,
        clock: Clock,
        *,
        catch_up_speed: float,
        least_ms: int = 0,
    ) -> None:
        """Prepare to send.

        Args:
            source: of the audio; read once the first connection is open.
            append: appends an entry about what was sent.
            on_audio: called with the position of the first sample and the data of each chunk sent.
            began: when the session began, by the clock.
            clock: tells the time; the source has the same.
            catch_up_speed: how many times as fast as real time delayed audio is sent.
            least_ms: least audio in a frame, milliseconds; the last one is completed by silence.
        """
        self.sent_data: asyncio.Queue[Piece | None] = asyncio.Queue(DETECTOR_BACKLOG)
        """What was sent, before it was degraded, for the speech detectors; None after the last of it."""
        self._source = source
        self._append = append
        self._on_audio = on_audio
        self._began = began
        self._clock = clock
        self._least = chunk_samples(source.format.sample_rate, least_ms) if least_ms else 0
        self._throttle = Throttle(catch_up_speed)
        self._connection: ServiceConnection | None = None
        self._left: ServiceConnection | None = None  # the last one, if it was left before it ended
        self._connected = asyncio.Event()
        self._in_hand: Chunk | None = None
        self._unanswered: deque[Chunk] = deque()  # sent over this connection, and not confirmed by a pong yet
        self._position = 0  # of the next sample sent; audio that is sent again counts again
        self._next_recorded = 0  # sample of the file that is due next
        self._unconfirmed = 0
        self._reported = HealthReported(0.0)

    async def run(self) -> None:
        """Send until the source ends; cancelling stops at once and closes the source.

        It can be run again if the end of the audio was returned to the source.

        Raises:
            UserError: the source failed in the middle.
        """
        await self._connected.wait()
        async with aclosing(self._source.chunks()) as chunks:
            async for chunk in chunks:
                await self._deliver(chunk)

    def finish(self) -> None:
        """Mark the end of the audio for the speech detector."""
        with suppress(asyncio.QueueFull):
            self.sent_data.put_nowait(None)

    def connect(self, connection: ServiceConnection) -> None:
        """Send over a new connection."""
        put_off = self._source.release()
        if self._in_hand is not None:
            self._in_hand = msgspec.structs.replace(self._in_hand, spoken_at=self._in_hand.spoken_at + put_off)
        self._connection, self._left = connection, None
        self._unanswered.clear()
        self._connected.set()

    def leave(self) -> None:
        """Stop sending over this connection, which is about to end; the next chunk waits for another one."""
        self._connected.clear()
        self._source.hold()
        self._left, self._connection = self._connection, None

    def disconnect(self) -> bool:
        """Leave a lost connection; return unconfirmed audio to the source, or count it.

        Returns:
            Whether some of the audio has to be sent again.
        """
        self._connected.clear()
        self._source.hold()
        connection, self._connection, self._left = self._connection or self._left, None, None
        if connection is None:
            return False
        if connection.silent and self._return_unconfirmed(connection):
            return True
        self._unconfirmed += connection.unconfirmed
        return False

    def report(self, at: float | None = None) -> None:
        """Journal the health of connection and capture if it changed; all captured audio is accounted for.

        Give `at`, by the clock, to journal it before another entry of that time; the default is now.
        """
        fmt = self._source.format
        backlog = self._source.backlog
        in_hand = fmt.seconds(self._in_hand.samples) if self._in_hand is not None else 0.0
        vitals = HealthReported(
            self._reported.at,
            round_trip=self._connection.pop_round_trip() if self._connection is not None else None,
            waiting_s=backlog.waiting + in_hand,
            dropped_s=backlog.dropped,
            unconfirmed_s=fmt.seconds((self._unconfirmed + self._on_its_way) // fmt.encoding.bytes_per_sample),
            overruns=backlog.overruns,
            send_lag=self._stuck_s,
            unacknowledged_s=self._unacknowledged_s,
        )
        if vitals != self._reported:
            self._reported = msgspec.structs.replace(vitals, at=(self._clock() if at is None else at) - self._began)
            self._append(self._reported)

    @property
    def _on_its_way(self) -> int:
        """Unconfirmed bytes of this connection, if more than usual; else 0."""
        connection = self._connection
        if connection is None or connection.closed_normally:  # after a normal close the service has heard all
            return 0
        usual = ALWAYS_UNCONFIRMED_S * self._source.format.bytes_per_second
        return connection.unconfirmed if connection.unconfirmed > usual else 0

    @property
    def _unacknowledged_s(self) -> float | None:
        """Audio that the other end of the line has not acknowledged, to a tenth of a second; 0 for what is usual."""
        waiting = None if self._connection is None else self._connection.unacknowledged
        if waiting is None:
            return None
        seconds = waiting / self._source.format.bytes_per_second
        return round(seconds, 1) if seconds > ALWAYS_UNCONFIRMED_S else 0.0

    @property
    def _stuck_s(self) -> float:
        """Seconds that the current chunk has waited for the socket: its send lag so far."""
        if self._in_hand is None or self._connection is None:
            return 0.0
        due = self._in_hand.spoken_at + self._source.format.seconds(self._in_hand.samples) + self._in_hand.delayed
        waited = self._clock() - due
        return waited if waited > _STUCK_S else 0.0

    async def _deliver(self, chunk: Chunk) -> None:
        self._in_hand = chunk
        length = self._source.format.seconds(chunk.samples)
        while True:
            await self._connected.wait()
            await asyncio.sleep(self._throttle.wait(self._clock() - chunk.delayed))
            if self._was_returned():
                return
            connection = self._connection
            if connection is None:  # it was lost meanwhile
                continue
            self._throttle.sent(length, self._clock() - chunk.delayed)  # jitter is no delay to catch up on
            if await connection.send_audio(chunk.data + self._missing(chunk)):
                break
            if self._connection is connection:  # the receiving side notices the loss, and the session reconnects
                self._connected.clear()
                self._source.hold()
        if self._was_returned():  # although the lost socket accepted it in the end
            return
        self._unanswered.append(self._in_hand)
        self._forget_confirmed(connection)
        self._note(self._in_hand, self._clock())
        self._in_hand = None
        await self.sent_data.put(Piece(chunk.reference, chunk.recorded_at, chunk.agent))

    def _missing(self, chunk: Chunk) -> bytes:
        """Return the silence that makes a frame of a shorter last chunk; it counts nowhere."""
        return self._source.format.encoding.silence(max(0, self._least - chunk.samples))

    def _was_returned(self) -> bool:
        """Whether the current chunk went back to the source, which delivers it again."""
        return self._in_hand is None

    def _forget_confirmed(self, connection: ServiceConnection) -> None:
        """Drop audio that a pong has confirmed; the rest may have to be sent again."""
        kept = sum(len(chunk.data) for chunk in self._unanswered)
        while kept > connection.unconfirmed:
            kept -= len(self._unanswered.popleft().data)

    def _return_unconfirmed(self, connection: ServiceConnection) -> bool:
        """Return unconfirmed audio to the source, to be sent again; False if the source is live."""
        self._forget_confirmed(connection)
        lost = [*self._unanswered, *([] if self._in_hand is None else [self._in_hand])]
        again = [chunk for chunk in lost if chunk.recorded_at is not None]
        if not again or not self._source.put_back(again):
            return False
        seconds = self._source.format.seconds
        begin = self._position - sum(chunk.samples for chunk in self._unanswered)
        length = sum(chunk.samples for chunk in again if chunk is not self._in_hand)
        self._append(Returned(self._clock() - self._began, seconds(begin), seconds(length)))
        self._next_recorded = again[0].recorded_at or 0
        self._in_hand = None
        self._unanswered.clear()
        self.report()
        return True

    def _note(self, chunk: Chunk, sent_at: float) -> None:
        fmt = self._source.format
        sent = SentChunk(
            position=fmt.seconds(self._position),
            length=fmt.seconds(chunk.samples),
            spoken_at=chunk.spoken_at - self._began,
            sent_at=sent_at - self._began,
            quiet=chunk.quiet,
            skipped=fmt.seconds(self._skipped_before(chunk)),
            delayed=chunk.delayed,
        )
        self._append(Sent(sent, peak_db(decode(chunk.data, fmt.encoding))))
        self._on_audio(self._position, chunk.data)
        self._position += chunk.samples

    def _skipped_before(self, chunk: Chunk) -> int:
        """Return the samples of the file that were dropped just before a chunk."""
        if self._source.kind is not SourceKind.FILE or chunk.recorded_at is None:
            return 0
        skipped = chunk.recorded_at - self._next_recorded
        self._next_recorded = chunk.recorded_at + chunk.samples
        return skipped
