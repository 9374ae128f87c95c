"""Hears the agent of a call: its speech, found in a channel that is not sent."""

import logging
from typing import Final

import numpy as np

from stt_monitor.audio.formats import AudioFormat, Encoding, Samples, decode
from stt_monitor.audio.resampling import SPEECH_RATE, SpeechResampler
from stt_monitor.audio.vad.echo import EchoGate
from stt_monitor.audio.vad.reference import SpeechDetector, SpeechEdge, make_detector

_HEARD: Final = AudioFormat(Encoding.PCM_F32LE, SPEECH_RATE)

_log = logging.getLogger(__name__)


class AgentEar:
    """Finds what the agent says, at the positions of the caller's audio; echoes of the caller are none of it."""

    def __init__(self, audio_format: AudioFormat, detector: SpeechDetector) -> None:
        """Prepare to hear audio in a format; `detector` hears 16 kHz."""
        self._format = audio_format
        self._detector = detector
        self._gate = EchoGate()
        self._resamplers = SpeechResampler(audio_format.sample_rate), SpeechResampler(audio_format.sample_rate)

    @property
    def decided_until(self) -> float:
        """Seconds of audio before which no more edges can appear. Never decreases."""
        return self._detector.decided_until

    def feed(self, caller: bytes, agent: bytes | None) -> list[SpeechEdge]:
        """Process the next samples of both, of the same time; None: the agent is silent.

        Returns:
            The edges that have become certain, in order.
        """
        encoding = self._format.encoding
        heard = decode(caller, encoding)
        said = np.zeros(len(heard), np.float32) if agent is None else decode(agent, encoding)
        return self._detect(
            *(each.feed(samples) for each, samples in zip(self._resamplers, (heard, said), strict=True))
        )

    def finish(self) -> list[SpeechEdge]:
        """End the audio; return the last edges."""
        rests = (each.feed(np.zeros(0, np.float32), last=True) for each in self._resamplers)
        return [*self._detect(*rests, last=True), *self._detector.finish()]

    def _detect(self, caller: Samples, agent: Samples, *, last: bool = False) -> list[SpeechEdge]:
        return self._detector.feed(self._gate.feed(caller, agent, last=last).tobytes())


def make_ear(audio_format: AudioFormat) -> AgentEar | None:
    """Make what hears the agent; None, with a warning in the log, where the detector's parts are not installed."""
    detector = make_detector(_HEARD)
    return None if detector is None else AgentEar(audio_format, detector)
