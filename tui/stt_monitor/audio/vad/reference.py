"""Reference speech: detected in the very samples that were sent (metrics.md 1)."""

import asyncio
import logging
from typing import Final, Protocol

import numpy as np

from stt_monitor.audio.formats import AudioFormat, Samples, decode
from stt_monitor.audio.resampling import SpeechResampler
from stt_monitor.audio.vad.segmentation import BLOCKS, QUIETEST_DB, EdgeKind, Segmenter, SpeechEdge
from stt_monitor.audio.vad.silero import FRAME, Silero
from stt_monitor.audio.weights import MissingPartError

__all__ = ["EdgeKind", "SpeechDetector", "SpeechEdge", "SpeechFinder", "make_detector"]

_SMALLEST_POWER: Final = 10 ** (QUIETEST_DB / 10)

_log = logging.getLogger(__name__)


class SpeechFinder(Protocol):
    """Finds speech in a stream of audio: the detector, or labels."""

    @property
    def speaking(self) -> bool:
        """Whether the last edge returned was an onset."""

    @property
    def decided_until(self) -> float:
        """Seconds of audio before which no more edges can appear. Never decreases."""

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Process the next whole samples.

        Args:
            data: the samples.
            recorded_at: index of the first one in a recording; None if they are from none.

        Returns:
            The edges that have become certain, in order.
        """

    async def detect(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Do what `feed` does, on a thread where it takes a while."""

    def finish(self) -> list[SpeechEdge]:
        """End the audio; return the last edges."""


class SpeechDetector:
    """Silero's voice activity detector over a stream of samples.

    The same audio gives the same edges, however it is cut into pieces. Stateful: one detector per stream.
    """

    def __init__(self, audio_format: AudioFormat) -> None:
        """Prepare for audio in `audio_format`.

        Raises:
            MissingPartError: the detector's weights are not installed.
        """
        self._format = audio_format
        self._resampler = SpeechResampler(audio_format.sample_rate)
        self._silero = Silero()
        self._segmenter = Segmenter()
        self._rest = np.zeros(0, np.float32)
        self._samples = 0

    @property
    def speaking(self) -> bool:
        """Whether the last edge returned was an onset."""
        return self._segmenter.speaking

    @property
    def decided_until(self) -> float:
        """Seconds of audio before which no more edges can appear. Never decreases."""
        return self._segmenter.decided_until

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:  # noqa: ARG002  of the protocol
        """Process the next whole samples, in the stream's format.

        Returns:
            The edges that have become certain, onsets and ends in turn: an onset about 0.1 s after the voice began,
            an end 0.35 s after it stopped, each with its own position.

        Raises:
            ValueError: `data` holds no whole number of samples.
        """
        samples = decode(data, self._format.encoding)
        self._samples += len(samples)
        return self._detect(self._resampler.feed(samples))

    async def detect(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Do what `feed` does, on a thread."""
        return await asyncio.to_thread(self.feed, data, recorded_at)

    def finish(self) -> list[SpeechEdge]:
        """End the stream.

        Returns:
            The last edges, with an end where speech went on up to the end of the audio. All is decided now.
        """
        edges = self._detect(self._resampler.feed(np.zeros(0, np.float32), last=True))
        if len(self._rest):
            edges += self._detect(np.zeros(FRAME - len(self._rest), np.float32))
        last = self._segmenter.finish()
        duration = self._format.seconds(self._samples)
        if last is not None:
            edges.append(last)
        return [SpeechEdge(edge.kind, min(edge.position, duration)) for edge in edges]

    def _detect(self, samples: Samples) -> list[SpeechEdge]:
        waiting = np.concatenate([self._rest, samples])
        whole = len(waiting) // FRAME * FRAME
        self._rest = waiting[whole:]
        frames = waiting[:whole]
        loudness = _loudness(frames)
        edges = (
            self._segmenter.add(probability, loudness[frame])
            for frame, probability in enumerate(self._silero.probabilities(frames))
        )
        return [edge for edge in edges if edge is not None]


def make_detector(audio_format: AudioFormat) -> SpeechDetector | None:
    """Make a detector; None, with a warning in the log, where its weights or the resampler are not installed."""
    try:
        return SpeechDetector(audio_format)
    except (MissingPartError, ImportError) as error:
        _log.warning("%s", error)
        return None


def _loudness(frames: Samples) -> list[list[float]]:
    """Return the loudness of each block of each frame, in decibels below full scale."""
    power = np.mean(np.square(frames.reshape(-1, BLOCKS, FRAME // BLOCKS)), axis=2)
    decibels: list[list[float]] = (10 * np.log10(np.maximum(power, _SMALLEST_POWER))).tolist()
    return decibels
