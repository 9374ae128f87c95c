"""Reference speech: when somebody really spoke, heard in the very samples that were sent (metrics.md 1)."""

import logging
from typing import Final, Protocol

import numpy as np

from stt_monitor.audio.formats import AudioFormat, Samples, decode
from stt_monitor.audio.resampling import SpeechRateStream
from stt_monitor.audio.vad.segmentation import BLOCKS, QUIETEST_DB, EdgeKind, Segmenter, SpeechEdge
from stt_monitor.audio.vad.silero import FRAME, Silero
from stt_monitor.audio.weights import MissingPartError

__all__ = ["EdgeKind", "SpeechDetector", "SpeechEdge", "SpeechFinder", "make_detector"]

_SMALLEST_POWER: Final = 10 ** (QUIETEST_DB / 10)

_log = logging.getLogger(__name__)


class SpeechFinder(Protocol):
    """What tells where speech is, as the audio goes by: the detector, or labels."""

    @property
    def speaking(self) -> bool:
        """Whether the last edge told was an onset."""

    @property
    def decided_until(self) -> float:
        """Seconds of audio before which no edge can still turn up. Never goes back."""

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Hear the next whole samples.

        Args:
            data: the samples.
            recorded_at: which sample of a recording is the first of them; None if they are from none.

        Returns:
            The edges that have become certain, in order.
        """

    def finish(self) -> list[SpeechEdge]:
        """End the audio. Returns the last edges."""


class SpeechDetector:
    """Silero's voice activity detector over a stream of samples.

    The same audio gives the same edges, whatever pieces it comes in. It keeps state: one detector for each stream.
    """

    def __init__(self, audio_format: AudioFormat) -> None:
        """Prepare to hear audio in `audio_format`.

        Raises:
            MissingPartError: the detector's weights are not installed.
        """
        self._format = audio_format
        self._resampler = SpeechRateStream(audio_format.sample_rate)
        self._silero = Silero()
        self._segmenter = Segmenter()
        self._rest = np.zeros(0, np.float32)
        self._samples = 0

    @property
    def speaking(self) -> bool:
        """Whether the last edge told was an onset."""
        return self._segmenter.speaking

    @property
    def decided_until(self) -> float:
        """Seconds of audio before which no edge can still turn up, nor has one to be taken back. Never goes back."""
        return self._segmenter.decided_until

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:  # noqa: ARG002  of the protocol
        """Hear the next whole samples, in the stream's format.

        Returns:
            The edges that have become certain, alternately an onset and an end, in order: an onset 0.1 s after it or
            a little later, an end 0.35 s after it, each with the position where it really was.

        Raises:
            ValueError: `data` holds no whole number of samples.
        """
        samples = decode(data, self._format.encoding)
        self._samples += len(samples)
        return self._hear(self._resampler.feed(samples))

    def finish(self) -> list[SpeechEdge]:
        """End the stream.

        Returns:
            The last edges; an end among them when somebody was speaking up to the end of the audio. All is decided now.
        """
        heard = self._hear(self._resampler.feed(np.zeros(0, np.float32), last=True))
        if len(self._rest):
            heard += self._hear(np.zeros(FRAME - len(self._rest), np.float32))
        last = self._segmenter.finish()
        duration = self._format.seconds(self._samples)
        edges = heard if last is None else [*heard, last]
        return [SpeechEdge(edge.kind, min(edge.position, duration)) for edge in edges]

    def _hear(self, samples: Samples) -> list[SpeechEdge]:
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
    """Make a detector, or None (and a line in the log) where its weights, or what converts rates, are not installed."""
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
