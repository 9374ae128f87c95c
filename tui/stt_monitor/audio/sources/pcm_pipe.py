"""Reads raw PCM, or a WAV's samples, from a pipe such as standard input."""

import asyncio
import io
import os
import re
import select
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from typing import Final

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.magic import bytes_to_tell
from stt_monitor.audio.sources.file_source import DEFAULT_CHUNK_MS
from stt_monitor.audio.sources.pacing import Pace, chunk_samples
from stt_monitor.audio.sources.pipe_header import Stream, read_fully, read_wav_header, refusal
from stt_monitor.audio.sources.source import Backlog, Chunk
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import SourceKind
from stt_monitor.system.clock import Clock

_READ_AHEAD: Final = 64
"""Most chunks to read ahead; beyond them the pipe's writer has to wait."""

_NAME: Final = "standard input"
_ANOTHER: Final = re.compile(rb"RIFF.{4}WAVE", re.DOTALL)
_MOST_BEHIND: Final = 4096
"""Bytes to look at behind a WAV: some have a chunk or two there."""
_WAIT_S: Final = 0.2

_Arrival = tuple[bytes, float]
"""Whole samples, and when the last of them arrived; no samples at the end of the stream."""


class PipeSource:
    """A `Source` of headerless samples from a stream, in real time.

    A faster stream is slowed down. A late one (a live pipe that stutters) delays the schedule: its samples count as
    spoken when they arrived.

    The stream must be unbuffered: at exit, a thread that still reads from a buffered one aborts the interpreter.
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
            stream: the source of the samples.
            audio_format: their format.
            length: their bytes; anything after them is no audio. None: up to the end of the stream.
            name: name on the screen.
            chunk_ms: audio per chunk, milliseconds.
            clock: monotonic clock.
        """
        self.name: Final = name
        self.kind: Final = SourceKind.PIPE
        self.format: Final = audio_format
        self.duration: Final = None
        self.channel: Final = ""
        self.degraded: Final = ()
        self.agent: Final = ""
        self._stream = stream
        self._length = length
        self._read_bytes = 0
        self._ahead = b""  # read early to recognise the format
        self._clock = clock
        self._chunk = chunk_samples(audio_format.sample_rate, chunk_ms)
        self._pace = Pace(audio_format.sample_rate, clock)
        self._room = threading.Semaphore(_READ_AHEAD)
        self._arrived: asyncio.Queue[_Arrival | InputError] = asyncio.Queue()
        self._read_samples = 0
        self._yielded_samples = 0
        self._quiet = False

    @property
    def backlog(self) -> Backlog:
        """Audio that was read ahead; nothing is ever dropped."""
        return Backlog(waiting=self.format.seconds(self._read_samples - self._yielded_samples))

    @property
    def quiet(self) -> bool:
        """Whether it yields silence in place of the stream."""
        return self._quiet

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield the stream in real time. Ends with the stream, or soon after `stop`.

        Drops an incomplete last sample.

        Raises:
            InputError: the stream is empty, is of a known file format, cannot be read, or is shorter than its header
                states.
        """
        loop = asyncio.get_running_loop()
        position = 0
        self._pace.start()
        # A daemon thread: a read from a silent pipe may never end, and must not delay the exit.
        threading.Thread(target=self._read, args=(loop,), name="raw-audio", daemon=True).start()
        while True:
            arrival = await self._arrived.get()
            if isinstance(arrival, InputError):
                raise arrival
            self._room.release()
            data, arrived = arrival
            samples = len(data) // self.format.encoding.bytes_per_sample
            self._pace.not_before(position + samples, arrived)
            if not samples or not await self._pace.wait_for(position + samples):
                break
            self._yielded_samples += samples
            audio = self.format.encoding.silence(samples) if self._quiet else data
            yield Chunk(audio, position, samples, self._pace.spoken_at(position))
            position += samples

    def set_quiet(self, *, quiet: bool) -> None:
        """Mute or unmute; muted, it yields silence and drops what arrives. Idempotent."""
        self._quiet = quiet

    def hold(self) -> None:
        """Yield nothing, and stop the schedule, until `release`. Idempotent."""
        self._pace.hold()

    def release(self) -> float:
        """Continue after `hold`, in real time, without a burst; return the delay in seconds. Idempotent."""
        return self._pace.release()

    def put_back(self, chunks: Sequence[Chunk]) -> bool:  # noqa: ARG002  of `Source`
        """Return False: the other end of a pipe may be live."""
        return False

    def stop(self) -> None:
        """Ask `chunks` to end. Idempotent, from the loop's thread."""
        self._pace.stop()
        self._room.release()
        self._arrived.put_nowait((b"", self._clock()))

    async def aclose(self) -> None:
        """Stop reading; standard input stays open."""
        self.stop()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        arrival: _Arrival | InputError
        while not self._pace.stopped:
            self._room.acquire()
            first = not self._read_bytes
            try:
                arrival = self._next_chunk(), self._clock()
            except OSError as error:
                arrival = InputError(f"{self.name}: cannot be read ({error.strerror}); check the program piped into it")
            else:
                arrival = self._complaint(arrival[0], first=first) or arrival
            if not isinstance(arrival, InputError):
                self._read_samples += len(arrival[0]) // self.format.encoding.bytes_per_sample
            try:
                loop.call_soon_threadsafe(self._arrived.put_nowait, arrival)
            except RuntimeError:
                return  # the loop is closed
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
        """Return what is wrong with the first samples of raw PCM, or with the end of a WAV."""
        if self._pace.stopped:
            return None
        if self._length is not None:
            return None if data else self._incomplete(self._length)
        if not first:
            return None
        self._ahead = self._read_fully(bytes_to_tell(data))
        return refusal(self.name, data + self._ahead)

    def _incomplete(self, length: int) -> InputError | None:
        """Return what of a WAV, or behind it, was not sent."""
        read, stated = (each / self.format.bytes_per_second for each in (self._read_bytes, length))
        if read < stated:
            return InputError(f"{self.name}: truncated after {read:.1f} s of {stated:.1f} s; all up to there was sent")
        if _ANOTHER.search(self._behind()) is None:
            return None
        return InputError(f"{self.name}: another WAV starts after {read:.1f} s, and was not sent: give them as files")

    def _behind(self) -> bytes:
        """Read what follows the audio, without waiting: the writer may leave the pipe open."""
        with suppress(OSError):
            if select.select([self._stream], [], [], _WAIT_S)[0]:
                return self._stream.read(_MOST_BEHIND) or b""
        return b""


def open_standard_input(
    audio_format: AudioFormat | None, *, chunk_ms: int = DEFAULT_CHUNK_MS, keyboard: bool = False
) -> Callable[[Clock], PipeSource]:
    """Open standard input; return a factory that makes its source, once, with the session's clock.

    Args:
        audio_format: format of raw PCM. None: it is a WAV; waits for its header.
        chunk_ms: audio per chunk, milliseconds.
        keyboard: free descriptor 0 for a terminal, to read keys from.

    Raises:
        InputError: standard input is a terminal, is closed, or is no WAV.
    """
    try:
        stream = io.FileIO(0, "rb", closefd=False)
    except OSError as error:
        raise InputError("standard input is closed; pipe audio into it, or give a file") from error
    if stream.isatty():
        raise InputError("standard input is the terminal; pipe audio into it (arecord -t wav ... | stt-monitor -)")
    if keyboard:
        stream = io.FileIO(os.dup(stream.fileno()), "rb")
    if audio_format is not None:
        return lambda clock: PipeSource(stream, audio_format, chunk_ms=chunk_ms, clock=clock)
    wav = read_wav_header(stream, _NAME)
    return lambda clock: PipeSource(stream, wav.format, length=wav.length, chunk_ms=chunk_ms, clock=clock)
