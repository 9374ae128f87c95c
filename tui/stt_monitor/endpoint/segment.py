"""A stretch of speech that is recognised as one, again and again while it grows."""

from typing import Final

import numpy as np

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.endpoint.agreement import Agreement
from stt_monitor.endpoint.recogniser import MIN_SAMPLES, Hypothesis, Recogniser
from stt_monitor.endpoint.tokens import Tokenizer

LONGEST_S: Final = 16.0
"""A segment never gets longer; the recogniser was trained on little that is."""

_FAINT: Final = 10 ** (-38 / 20)
_AUDIBLE: Final = 10 ** (-26 / 20)
"""Root mean square (of full scale 1) below which audio is amplified, and to which it is."""
_MOST_GAIN: Final = 30.0


class Segment:
    """The audio of a segment and what is made of it so far.

    Args:
        recogniser: shared.
        tokenizer: shared.
        lead: the samples that the segment begins with, 16 kHz; those before the last LONGEST_S are left out.
    """

    def __init__(self, recogniser: Recogniser, tokenizer: Tokenizer, lead: Samples) -> None:
        self._recogniser = recogniser
        self._tokenizer = tokenizer
        self._audio = np.zeros(int(LONGEST_S * SPEECH_RATE), np.float32)
        self._length = 0
        self._agreement = Agreement(tokenizer)
        self._closed = False
        self.hypothesis: Hypothesis | None = None
        self.hear(lead[-len(self._audio) :])

    @property
    def seconds(self) -> float:
        """How long the audio is."""
        return self._length / SPEECH_RATE

    def tail(self, seconds: float) -> Samples:
        """Return a copy of the last samples."""
        return self._audio[max(0, self._length - int(seconds * SPEECH_RATE)) : self._length].copy()

    def hear(self, samples: Samples) -> None:
        """Append samples; what exceeds LONGEST_S is dropped."""
        end = min(self._length + len(samples), len(self._audio))
        self._audio[self._length : end] = samples[: end - self._length]
        self._length = end

    def recognise(self) -> str:
        """Recognise all audio once more; return the text that this commits, empty as a rule."""
        if self._length < MIN_SAMPLES:
            return ""
        audio = _amplified(self._audio[: self._length])
        self.hypothesis = self._recogniser.recognise(audio, self._agreement.prefix, self._agreement.draft)
        return self._said(self._agreement.weigh(self.hypothesis.tokens))

    def settle(self) -> str:
        """Commit all words of the last hypothesis and return their text, without the punctuation at its end."""
        return self._said(self._agreement.settle())

    def close(self) -> str:
        """Return the punctuation at the end of the last hypothesis, once: it stands from now on."""
        if self._closed or self._agreement.open:
            return ""
        self._closed = True
        return self._tokenizer.text(self._agreement.marks)

    @property
    def pending(self) -> str:
        """The text of the last hypothesis that is not committed yet, with the punctuation at its end."""
        return self._tokenizer.text(self._agreement.draft)

    def _said(self, units: list[tuple[int, ...]]) -> str:
        if not units:
            return ""
        if self._closed:  # the marks before the first of them were given out as the marks at the end then
            units = [self._tokenizer.without_marks(units[0]), *units[1:]]
            self._closed = False
        return "".join(self._tokenizer.text(unit) for unit in units)


def _amplified(audio: Samples) -> Samples:
    """Return faint audio louder, and other audio as it is."""
    level = float(np.sqrt(np.mean(np.square(audio))))
    if level >= _FAINT or level == 0:
        return audio
    gain = min(_AUDIBLE / level, _MOST_GAIN)
    return np.clip(audio * np.float32(gain), -1, 1).astype(np.float32, copy=False)
