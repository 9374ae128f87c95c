"""Turns one connection's audio and commands into signals, on a worker thread, one call at a time."""

from collections.abc import Iterator, Sequence
from typing import Final

from stt_monitor.audio.formats import AudioFormat, Samples, decode
from stt_monitor.audio.resampling import SPEECH_RATE, SpeechResampler
from stt_monitor.core.events import Likelihood
from stt_monitor.server.receive_queue import Item
from stt_monitor.server.turn_detection.interface import TurnDetector
from stt_monitor.services.server_side import Configure, Done, EndTurn, Finish, Progress, Signal

POINT_DIGITS: Final = 4


class Dispatcher:
    """Decodes and resamples audio for a detector, and executes commands.

    Args:
        detector: the connection's own.
        audio: the format of the bytes.
        trace: whether to add the likelihood after the signals of each call.
        progress_s: seconds of audio between two progress signals; 0 for none.
    """

    def __init__(self, detector: TurnDetector, audio: AudioFormat, *, trace: bool, progress_s: float = 0.0) -> None:
        self._detector = detector
        self._encoding = audio.encoding
        self._resampler = SpeechResampler(audio.sample_rate)
        self._trace = trace
        self._step = round(progress_s * SPEECH_RATE)
        self._heard = 0  # samples that the detector got
        self._newest: list[tuple[float, float]] = []  # points of the likelihood that nobody was told yet
        self._remainder = b""
        self.finished = False

    def feed(self, items: Sequence[Item], lag: float | None = None) -> list[Signal]:
        """Process the next audio and commands; return what to send. After `Finish` the rest is ignored.

        `lag` is how far recognition was behind, in seconds, for the trace.
        """
        signals: list[Signal] = []
        for item in items:
            match item:
                case bytes():
                    signals += self._detect(item, last=False)
                case Configure(thresholds):
                    self._detector.thresholds = thresholds
                    signals.append(Done(item))
                case EndTurn():
                    signals += self._detector.end_turn()
                    signals.append(Done(item))
                case Finish():
                    signals += self._detect(b"", last=True)
                    signals += self._detector.finish()
                    self.finished = True
                    break
        if self._trace and (points := self._points()):
            signals.append(Likelihood(points, lag))
        return signals

    def _detect(self, data: bytes, *, last: bool) -> Sequence[Signal]:
        """Feed all whole samples; the bytes of a split one wait for the next frame."""
        data = self._remainder + data
        whole = len(data) - len(data) % self._encoding.bytes_per_sample
        self._remainder = data[whole:]
        samples = self._resampler.feed(decode(data[:whole], self._encoding), last=last)
        signals: list[Signal] = []
        for piece in self._pieces(samples):
            signals += self._detector.feed(piece)
            self._heard += len(piece)
            if self._step and not self._heard % self._step:
                signals += self._progress()
        return signals

    def _pieces(self, samples: Samples) -> Iterator[Samples]:
        """Cut samples where progress is due."""
        while samples.size:
            size = self._step - self._heard % self._step if self._step else samples.size
            yield samples[:size]
            samples = samples[size:]

    def _progress(self) -> list[Signal]:
        self._newest += self._detector.trace()
        if not self._trace:
            del self._newest[:-1]
        return [Progress(*self._newest[-1])] if self._newest else []

    def _points(self) -> tuple[tuple[float, float], ...]:
        points, self._newest = [*self._newest, *self._detector.trace()], []
        return tuple((round(at, POINT_DIGITS), round(value, POINT_DIGITS)) for at, value in points)
