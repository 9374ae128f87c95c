"""Raw PCM from a pipe, such as standard input, or a WAV's, behind its header."""

import asyncio
import io
import os
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

from stt_monitor.audio.file_source import DEFAULT_CHUNK_MS
from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.pacing import Pace, chunk_samples
from stt_monitor.audio.pipe_header import Stream, bytes_to_tell, read_fully, read_wav_header, refusal
from stt_monitor.audio.source import Backlog, Chunk
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import SourceKind
from stt_monitor.system.clock import Clock

_READ_AHEAD: Final = 64
"""Chunks that wait at most; after them the pipe's writer waits."""


_NAME: Final = "standard input"

_Arrival = tuple[bytes, float]
"""Whole samples, and the time when the last of them arrived; no samples at the end of the stream."""


class RawSource:
    """A `Source` of headerless samples from a stream, in real time.

    A stream that delivers faster is slowed down. One that delivers late (a live pipe that stutters) puts the schedule
    off: its samples count as spoken when they arrived.

    The stream is unbuffered, because at exit a thread that still reads from a buffered one aborts the interpreter.
    """

    def __init__(
        self,
        stream: Stream,
        audio_format: AudioFormat,
        *,
        length: int | None = None,
        name: str = _NAME,
        chunk_ms: int = DEFAULT_CHUNK_MS,
        clock: Clock = time.monotonic,
    ) -> None:
        """Prepare to read.

        Args:
            stream: where the samples come from.
            audio_format: what they are.
            length: how many bytes they are; what follows is no sound. None: up to the end.
            name: what the screen calls it.
            chunk_ms: audio in a chunk, milliseconds.
            clock: tells the time.
        """
        self.name: Final = name
        self.kind: Final = SourceKind.PIPE
        self.format: Final = audio_format
        self.duration: Final = None
        self.channel: Final = ""
        self._stream = stream
        self._length = length
        self._read_bytes = 0
        self._ahead = b""  # read to tell the format, of chunks to come
        self._clock = clock
        self._chunk = chunk_samples(audio_format.sample_rate, chunk_ms)
        self._pace = Pace(audio_format.sample_rate, clock)
        self._room = threading.Semaphore(_READ_AHEAD)
        self._arrived: asyncio.Queue[_Arrival | InputError] = asyncio.Queue()
        self._read_samples = 0
        self._given_samples = 0
        self._quiet = False

    @property
    def backlog(self) -> Backlog:
        """What was read ahead waits; nothing is ever dropped."""
        return Backlog(waiting=self.format.seconds(self._read_samples - self._given_samples))

    @property
    def quiet(self) -> bool:
        """Whether silence is given out in place of what arrives."""
        return self._quiet

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Give out the stream in real time. Ends with the stream, or soon after `stop`.

        A last sample that is not whole is dropped.

        Raises:
            InputError: the stream is empty, begins like a file of a known format, or cannot be read; or it ended
                before the sound that its header promises.
        """
        loop = asyncio.get_running_loop()
        position = 0
        self._pace.start()
        # Of its own and a daemon: a read from a silent pipe may never end, and must not delay the exit.
        threading.Thread(target=self._read, args=(loop,), name="raw-audio", daemon=True).start()
        while True:
            arrival = await self._arrived.get()
            if isinstance(arrival, InputError):
                raise arrival
            self._room.release()
            data, arrived = arrival
            samples = len(data) // self.format.encoding.bytes_per_sample
            self._pace.not_before(position + samples, arrived)
            if not samples or not await self._pace.reached(position + samples):
                break
            self._given_samples += samples
            given = self.format.encoding.silence(samples) if self._quiet else data
            yield Chunk(given, position, samples, self._pace.spoken_at(position))
            position += samples

    def set_quiet(self, *, quiet: bool) -> None:
        """Give out silence, while what arrives goes by unheard; or what arrives. Idempotent."""
        self._quiet = quiet

    def hold(self) -> None:
        """Give out nothing, and let the schedule wait, until `release`. Idempotent."""
        self._pace.hold()

    def release(self) -> float:
        """Go on after `hold`, in real time, without a burst; returns the seconds of delay. Idempotent."""
        return self._pace.release()

    def take_back(self, pieces: Sequence[bytes]) -> bool:  # noqa: ARG002  of `Source`
        """Say no: the other end of a pipe may be live."""
        return False

    def stop(self) -> None:
        """Ask `chunks` to end. Idempotent, from the loop's thread."""
        self._pace.stop()
        self._room.release()
        self._arrived.put_nowait((b"", self._clock()))

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        arrival: _Arrival | InputError
        while not self._pace.stopped:
            self._room.acquire()
            first = not self._read_bytes
            try:
                arrival = self._next_chunk(), self._clock()
            except OSError as error:
                arrival = InputError(f"{self.name}: cannot be read ({error.strerror}); check what is piped into it")
            else:
                arrival = self._complaint(arrival[0], first=first) or arrival
            if not isinstance(arrival, InputError):
                self._read_samples += len(arrival[0]) // self.format.encoding.bytes_per_sample
            try:
                loop.call_soon_threadsafe(self._arrived.put_nowait, arrival)
            except RuntimeError:
                return  # the loop is closed: nobody listens any more
            if isinstance(arrival, InputError) or not arrival[0]:
                return

    def _next_chunk(self) -> bytes:
        width = self.format.encoding.bytes_per_sample
        wanted = self._chunk * width
        if self._length is not None:
            wanted = min(wanted, self._length - self._read_bytes)
        data, self._ahead = self._ahead[:wanted], self._ahead[wanted:]
        data += self._read_fully(wanted - len(data))
        self._read_bytes += len(data)
        return data[: len(data) // width * width]

    def _read_fully(self, size: int) -> bytes:
        return read_fully(self._stream, size, lambda: self._pace.stopped)

    def _complaint(self, data: bytes, *, first: bool) -> InputError | None:
        """Say what is wrong with the first samples of raw PCM, or with the end of a WAV."""
        if self._pace.stopped:
            return None
        if self._length is None:
            if not first:
                return None
            self._ahead = self._read_fully(bytes_to_tell(data))
            return refusal(self.name, data + self._ahead)
        if data or self._read_bytes == self._length:
            return None
        heard, promised = (each / self.format.bytes_per_second for each in (self._read_bytes, self._length))
        return InputError(f"{self.name}: breaks off after {heard:.1f} s of {promised:.1f} s; what came was heard")


def standard_input(
    audio_format: AudioFormat | None, *, chunk_ms: int = DEFAULT_CHUNK_MS, keyboard: bool = False
) -> Callable[[Clock], RawSource]:
    """Check what is piped into this program; returns what makes a source of it, once, with the session's clock.

    Args:
        audio_format: what the samples are, if they do not say so themselves. None: it is a WAV, and its header is
            awaited.
        chunk_ms: audio in a chunk, milliseconds.
        keyboard: leave the place of standard input to a terminal, for keys to be read from.

    Raises:
        InputError: nothing is: standard input is a terminal or closed.
    """
    try:
        stream = io.FileIO(0, "rb", closefd=False)
    except OSError as error:
        raise InputError("standard input is closed; pipe sound into it, or give a file") from error
    if stream.isatty():
        raise InputError("standard input is the terminal; pipe sound into it (arecord -t wav ... | stt-monitor -)")
    if keyboard:
        stream = io.FileIO(os.dup(stream.fileno()), "rb")
    if audio_format is not None:
        return lambda clock: RawSource(stream, audio_format, chunk_ms=chunk_ms, clock=clock)
    wav = read_wav_header(stream, _NAME)
    return lambda clock: RawSource(stream, wav.format, length=wav.length, chunk_ms=chunk_ms, clock=clock)
