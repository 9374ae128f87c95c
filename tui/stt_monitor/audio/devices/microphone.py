"""Captures a microphone."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stt_monitor.audio.chunking import Block, Chunker
from stt_monitor.audio.devices.inputs import InputDevice, find_device, input_devices, probe_input_devices
from stt_monitor.audio.devices.portaudio import (
    OPEN_TIMEOUT_S,
    REFUSED_FORMAT,
    MicrophoneError,
    close_stream,
    explain,
    load,
    run_with_timeout,
)
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.audio.sources.file_source import DEFAULT_CHUNK_MS
from stt_monitor.audio.sources.pacing import chunk_samples
from stt_monitor.audio.sources.source import Backlog, Chunk
from stt_monitor.core.session_options import SourceKind
from stt_monitor.system.clock import Clock

if TYPE_CHECKING:
    import sounddevice

BLOCK_MS: Final = 20
"""Audio per callback: short, so that a chunk is complete soon after its last sample."""
QUEUE_S: Final = 5.0
"""Most audio to queue for the session; beyond it the oldest is dropped and counted."""
FIRST_BLOCK_TIMEOUT_S: Final = 5.0
"""Seconds that a device may take to deliver; a wireless one has to wake up."""
BLOCK_TIMEOUT_S: Final = 1.0
"""Seconds without a block after which a device counts as dead, though PortAudio reports nothing."""
MAX_ADC_LAG_S: Final = 2.0
"""A capture time older than this, or more recent than the block's length, is made up by the sound system."""


class MicrophoneSource:
    """A `Source` that captures a device as `pcm_s16le` once `chunks` is iterated.

    PortAudio calls back on a thread of its own; the blocks cross to the loop through a bounded queue.
    """

    def __init__(
        self, device: InputDevice, stream: "sounddevice.RawInputStream", captured: "_Capture", *, chunk_ms: int
    ) -> None:
        self.name: Final = device.name
        self.kind: Final = SourceKind.MICROPHONE
        self.format: Final = AudioFormat(Encoding.PCM_S16LE, captured.rate)
        self.duration: Final = None
        self.channel: Final = ""
        self.degraded: Final = ()
        self.agent: Final = ""
        self._stream = stream
        self._captured = captured
        self._chunker = Chunker(self.format, chunk_samples(captured.rate, chunk_ms))
        self._stopped = False
        self._closed = False

    @property
    def backlog(self) -> Backlog:
        """Queued audio, and audio dropped after waiting for `QUEUE_S`."""
        captured, seconds = self._captured, self.format.seconds
        return Backlog(
            waiting=len(captured.blocks) * BLOCK_MS / 1000 + seconds(self._chunker.waiting),
            dropped=seconds(captured.dropped),
            overruns=captured.overruns,
        )

    @property
    def quiet(self) -> bool:
        """Whether it is muted and yields zeros."""
        return self._captured.muted

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield captured audio until `stop`, with a shorter last chunk; then close the device.

        Raises:
            MicrophoneError: the device cannot be started, or has failed; the audio before that is yielded first.
        """
        sounddevice = load()
        self._captured.loop = asyncio.get_running_loop()
        try:
            try:
                await asyncio.to_thread(run_with_timeout, OPEN_TIMEOUT_S, self._stream.start)
            except (sounddevice.PortAudioError, TimeoutError) as error:
                raise explain(self.name, error) from error
            failure: Exception | None = None
            patience = FIRST_BLOCK_TIMEOUT_S
            while failure is None and not self._stopped:
                failure = await self._wait_for_block(patience)
                while self._captured.blocks:
                    patience = BLOCK_TIMEOUT_S
                    for chunk in self._chunker.add(self._captured.blocks.popleft()):
                        yield chunk
            for chunk in self._chunker.flush():
                yield chunk
            if failure is not None and not self._stopped:
                raise failure
        finally:
            await self.aclose()

    def set_quiet(self, *, quiet: bool) -> None:
        """Mute or unmute from the next block on; muted, it yields zeros (protocol.md 3: audio is the clock)."""
        self._captured.muted = quiet

    def hold(self) -> None:
        """Keep capturing; audio waits for `QUEUE_S` at most."""

    def release(self) -> float:
        """Return 0: live audio is never delayed."""
        return 0.0

    def put_back(self, chunks: Sequence[Chunk]) -> bool:  # noqa: ARG002  of `Source`
        """Return False: live audio cannot be sent again."""
        return False

    def stop(self) -> None:
        """Ask `chunks` to end; captured audio is still yielded. Idempotent, from the loop's thread."""
        self._stopped = True
        self._captured.wake.set()

    async def aclose(self) -> None:
        """Close the device. Idempotent."""
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Close the device, as `aclose` does; blocks for a second at most."""
        if not self._closed:
            self._closed = True
            close_stream(self._stream)

    async def _wait_for_block(self, patience: float) -> Exception | None:
        """Wait for a block or `stop`, `patience` seconds at most; return what failed, if anything."""
        captured = self._captured
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await captured.wake.wait()
        if not captured.wake.is_set() and not captured.blocks:
            return MicrophoneError(
                f"microphone {self.name!r} has delivered nothing for {patience:g} s; check that it is connected and "
                "not suspended, or choose another with --device"
            )
        captured.wake.clear()
        captured.woken = False
        if captured.failure is not None:
            return captured.failure
        if captured.finished and not self._stopped:
            return MicrophoneError(f"microphone {self.name!r} is gone; reconnect it, or choose another with --device")
        return None


class _Capture:
    """State that PortAudio's thread writes and the loop reads."""

    def __init__(self, rate: int, channels: int, clock: Clock) -> None:
        self.rate = rate
        self.channels = channels
        self._clock = clock
        self.blocks: deque[Block] = deque(maxlen=round(QUEUE_S * 1000 / BLOCK_MS))
        self.loop: asyncio.AbstractEventLoop | None = None
        self.wake = asyncio.Event()
        self.woken = False
        """Whether a wake-up is pending: one is enough for any number of blocks."""
        self.muted = False
        self.overruns = 0
        self.dropped = 0
        self.finished = False
        self.failure: Exception | None = None

    def callback(self, data: Any, frames: int, times: Any, status: Any) -> None:  # noqa: ANN401  of sounddevice
        """Queue a block. An exception would end the stream silently, so it is kept for the loop."""
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
        except Exception as error:  # noqa: BLE001  `chunks` raises it
            self.failure = error
        self._wake()

    def on_finished(self) -> None:
        """Mark the end of the stream, closed or not."""
        self.finished = True
        self.woken = False  # the last wake-up must not be lost behind one that is just being handled
        self._wake()

    def _wake(self) -> None:
        if self.loop is not None and not self.woken:
            self.woken = True
            try:
                self.loop.call_soon_threadsafe(self.wake.set)
            except RuntimeError:
                self.loop = None  # closed: nobody listens any more


def open_microphone(
    wanted: str | None = None,
    *,
    chunk_ms: int = DEFAULT_CHUNK_MS,
    refresh: bool = False,
    clock: Clock = time.monotonic,
) -> MicrophoneSource:
    """Open a device at 16 kHz mono or, where it refuses that, in a format that it offers; channels are mixed.

    Args:
        wanted: number, name or part of a name; None for the default device.
        chunk_ms: audio per chunk, milliseconds.
        refresh: scan the devices again; see `input_devices`.
        clock: times the captured blocks.

    Raises:
        MicrophoneError: no such device, or it cannot be used.
    """
    if sys.platform == "linux" and "sounddevice" not in sys.modules:
        probe_input_devices()  # where ALSA's configuration is broken, loading PortAudio would abort this process
    sounddevice = load()
    device = find_device(wanted, input_devices(refresh=refresh))
    formats = [(rate, channels) for channels in _channel_counts(device.channels) for rate in (SPEECH_RATE, device.rate)]
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
            return MicrophoneSource(device, run_with_timeout(OPEN_TIMEOUT_S, stream), captured, chunk_ms=chunk_ms)
        except (sounddevice.PortAudioError, ValueError, TimeoutError) as error:
            refusal = error
            if REFUSED_FORMAT.isdisjoint(error.args):
                break
    assert refusal is not None
    raise explain(device.name, refusal)


def _channel_counts(channels: int) -> list[int]:
    """Return the channel counts to try, fewest first."""
    return sorted({1, min(2, channels), channels})


def _one_channel(data: bytes, channels: int) -> bytes:
    if channels == 1:
        return data
    frames = np.frombuffer(data, np.int16).reshape(-1, channels)
    mean = frames.sum(axis=1, dtype=np.int32) // channels
    return bytes(mean.astype("<i2").tobytes())
