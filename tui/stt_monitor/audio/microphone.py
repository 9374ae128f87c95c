"""A microphone as a source of sound."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stt_monitor.audio.chunking import Assembler, Block
from stt_monitor.audio.devices import InputDevice, find_device, input_devices, probe_input_devices
from stt_monitor.audio.file_source import DEFAULT_CHUNK_MS
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.pacing import chunk_samples
from stt_monitor.audio.portaudio import (
    OPEN_TIMEOUT_S,
    REFUSED_FORMAT,
    MicrophoneError,
    close_stream,
    explain,
    load,
    within,
)
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.audio.source import Backlog, Chunk
from stt_monitor.core.session_options import SourceKind
from stt_monitor.system.clock import Clock

if TYPE_CHECKING:
    import sounddevice

BLOCK_MS: Final = 20
"""Audio that the device delivers at a time: short, so that a chunk is complete soon after its last sample."""
QUEUE_S: Final = 5.0
"""Audio that waits at most for the session; of more, the oldest is dropped and counted."""
FIRST_BLOCK_TIMEOUT_S: Final = 5.0
"""Seconds that a device may take to begin; a wireless one has to be woken."""
BLOCK_TIMEOUT_S: Final = 1.0
"""Seconds without a block after which a device is dead, though PortAudio says nothing."""
MAX_ADC_LAG_S: Final = 2.0
"""A capture time that is older than this, or younger than the block is long, is one that the sound system made up."""


class MicrophoneSource:
    """A `Source` of what a device hears, `pcm_s16le`, from when `chunks` is first asked for.

    PortAudio calls from a thread of its own; the blocks cross to the loop through a queue of bounded length.
    """

    def __init__(
        self, device: InputDevice, stream: "sounddevice.RawInputStream", captured: "_Capture", *, chunk_ms: int
    ) -> None:
        self.name: Final = device.name
        self.kind: Final = SourceKind.MICROPHONE
        self.format: Final = AudioFormat(Encoding.PCM_S16LE, captured.rate)
        self.duration: Final = None
        self.channel: Final = ""
        self._stream = stream
        self._captured = captured
        self._assembler = Assembler(self.format, chunk_samples(captured.rate, chunk_ms))
        self._stopped = False
        self._closed = False

    @property
    def backlog(self) -> Backlog:
        """What waits to be taken, and what was thrown away because it had waited for `QUEUE_S`."""
        captured, seconds = self._captured, self.format.seconds
        return Backlog(
            waiting=len(captured.blocks) * BLOCK_MS / 1000 + seconds(self._assembler.waiting),
            dropped=seconds(captured.dropped),
            overruns=captured.overruns,
        )

    @property
    def quiet(self) -> bool:
        """Whether zeros are given out in place of what is heard."""
        return self._captured.muted

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Give out what is heard, until `stop`, with the last, shorter chunk; then the device is let go.

        Raises:
            MicrophoneError: the device cannot be started, or has stopped working; what was heard before was given out.
        """
        sounddevice = load()
        self._captured.loop = asyncio.get_running_loop()
        try:
            try:
                await asyncio.to_thread(within, OPEN_TIMEOUT_S, self._stream.start)
            except (sounddevice.PortAudioError, TimeoutError) as error:
                raise explain(self.name, error) from error
            failure: Exception | None = None
            patience = FIRST_BLOCK_TIMEOUT_S
            while failure is None and not self._stopped:
                failure = await self._trouble(patience)
                while self._captured.blocks:
                    patience = BLOCK_TIMEOUT_S
                    for chunk in self._assembler.add(self._captured.blocks.popleft()):
                        yield chunk
            for chunk in self._assembler.flush():
                yield chunk
            if failure is not None and not self._stopped:
                raise failure
        finally:
            await asyncio.to_thread(self.close)

    def set_quiet(self, *, quiet: bool) -> None:
        """Give out zeros from the next block on (protocol.md 3: the service's clock is the audio), or what is heard."""
        self._captured.muted = quiet

    def hold(self) -> None:
        """Go on hearing: what nobody takes waits for `QUEUE_S` at most."""

    def release(self) -> float:
        """Nothing was put off."""
        return 0.0

    def take_back(self, pieces: Sequence[bytes]) -> bool:  # noqa: ARG002  of `Source`
        """Say no: what was said is said."""
        return False

    def stop(self) -> None:
        """Ask `chunks` to end; what has been captured is still given out. Idempotent, from the loop's thread."""
        self._stopped = True
        self._captured.wake.set()

    def close(self) -> None:
        """Let the device go; for a source whose `chunks` is never asked for. Idempotent; takes a second at most."""
        if not self._closed:
            self._closed = True
            close_stream(self._stream)

    async def _trouble(self, patience: float) -> Exception | None:
        """Wait until there is a block, or `stop`, for `patience` seconds; return what is wrong, if anything is."""
        captured = self._captured
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await captured.wake.wait()
        if not captured.wake.is_set() and not captured.blocks:
            return MicrophoneError(
                f"microphone {self.name!r} has delivered nothing for {patience:g} s; see that it is connected and not "
                "suspended, or choose another with --device"
            )
        captured.wake.clear()
        captured.woken = False
        if captured.failure is not None:
            return captured.failure
        if captured.finished and not self._stopped:
            return MicrophoneError(
                f"microphone {self.name!r} is gone; connect it again, or choose another with --device"
            )
        return None


class _Capture:
    """What PortAudio's thread writes, and the loop reads."""

    def __init__(self, rate: int, channels: int, clock: Clock) -> None:
        self.rate = rate
        self.channels = channels
        self._clock = clock
        self.blocks: deque[Block] = deque(maxlen=round(QUEUE_S * 1000 / BLOCK_MS))
        self.loop: asyncio.AbstractEventLoop | None = None
        self.wake = asyncio.Event()
        self.woken = False
        """Whether a wake-up is on its way: one is enough, however many blocks come meanwhile."""
        self.muted = False
        self.overruns = 0
        self.dropped = 0
        self.finished = False
        self.failure: Exception | None = None

    def callback(self, data: Any, frames: int, times: Any, status: Any) -> None:  # noqa: ANN401  of sounddevice
        """Take a block. An exception would end the stream without a word, so it is kept for the loop."""
        try:
            now = self._clock()
            lag = times.currentTime - times.inputBufferAdcTime
            length = frames / self.rate
            if not length <= lag < MAX_ADC_LAG_S:
                lag = length
            if status.input_overflow:
                self.overruns += 1
            if len(self.blocks) == self.blocks.maxlen:
                self.dropped += frames
            mono = bytes(2 * frames) if self.muted else _one_channel(bytes(data), self.channels)
            self.blocks.append(Block(mono, now - lag))
        except Exception as error:  # noqa: BLE001  whatever it is: it is raised by `chunks`
            self.failure = error
        self._wake()

    def on_finished(self) -> None:
        """Mark the end of the stream, closed or not."""
        self.finished = True
        self.woken = False  # this is the last: it must not be lost behind a wake-up that is just being handled
        self._wake()

    def _wake(self) -> None:
        if self.loop is not None and not self.woken:
            self.woken = True
            try:
                self.loop.call_soon_threadsafe(self.wake.set)
            except RuntimeError:
                self.loop = None  # it is closed: nobody listens any more


def open_microphone(
    wanted: str | None = None,
    *,
    chunk_ms: int = DEFAULT_CHUNK_MS,
    refresh: bool = False,
    clock: Clock = time.monotonic,
) -> MicrophoneSource:
    """Open a device, at 16 kHz with one channel or, where it refuses that, as it likes; several channels are mixed.

    Args:
        wanted: number, name or part of a name; None for the default device.
        chunk_ms: audio in a chunk, milliseconds.
        refresh: look again for devices that have come or gone; see `input_devices`.
        clock: tells when a block was captured.

    Raises:
        MicrophoneError: there is no such device, or it cannot be used.
    """
    if sys.platform == "linux" and "sounddevice" not in sys.modules:
        probe_input_devices()  # where ALSA's configuration is broken, loading PortAudio would abort this process
    sounddevice = load()
    device = find_device(wanted, input_devices(refresh=refresh))
    formats = [(rate, channels) for channels in _few(device.channels) for rate in (SPEECH_RATE, device.rate)]
    refusal: Exception | None = None
    for rate, channels in dict.fromkeys(formats):
        captured = _Capture(rate, channels, clock)
        stream = partial(
            sounddevice.RawInputStream,
            device=device.number,
            samplerate=rate,
            channels=channels,
            dtype="int16",
            blocksize=round(rate * BLOCK_MS / 1000),
            callback=captured.callback,
            finished_callback=captured.on_finished,
        )
        try:
            return MicrophoneSource(device, within(OPEN_TIMEOUT_S, stream), captured, chunk_ms=chunk_ms)
        except (sounddevice.PortAudioError, ValueError, TimeoutError) as error:
            refusal = error
            if REFUSED_FORMAT.isdisjoint(error.args):
                break
    assert refusal is not None
    raise explain(device.name, refusal)


def _few(channels: int) -> list[int]:
    """Return the numbers of channels to try: what a plain microphone has first."""
    return sorted({1, min(2, channels), channels})


def _one_channel(data: bytes, channels: int) -> bytes:
    if channels == 1:
        return data
    frames = np.frombuffer(data, np.int16).reshape(-1, channels)
    mean = frames.sum(axis=1, dtype=np.int32) // channels
    return bytes(mean.astype("<i2").tobytes())
