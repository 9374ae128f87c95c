"""A stretch of speech that is recognised as one, again and again while it grows."""

import re
from typing import Final, cast

import numpy as np

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.server.asr.completeness import UNKNOWN, carries_on, completeness
from stt_monitor.server.asr.local_agreement import Agreement
from stt_monitor.server.asr.recogniser import MIN_SAMPLES, Hypothesis, Recogniser
from stt_monitor.server.asr.tokenizer import Tokenizer, Tokens

LONGEST_S: Final = 16.0
"""A segment never gets longer; the recogniser was trained on little that is."""

_FAINT: Final = 10 ** (-38 / 20)
_AUDIBLE: Final = 10 ** (-26 / 20)
"""Root mean square (of full scale 1) below which audio is amplified, and to which it is."""
_MOST_GAIN: Final = 30.0

_HOLLOW: Final = frozenset(("You", "The", "I", "So", "Oh"))
"""What the recogniser makes of a cough or a beep. Of a word it would make more: the mark that belongs after it."""
_CLOSING: Final = frozenset(".?!")
_REPEATED: Final = re.compile(",{2,}")
"""The recogniser stutters in a long pause."""
_CAPITALISED: Final = re.compile(r"[A-Z][a-z]*\b(?!')")


class Segment:
    """The audio of a segment and what is made of it so far.

    Args:
        recogniser: shared.
        tokenizer: shared.
        lead: the samples that the segment begins with, 16 kHz; those before the last LONGEST_S are left out.
        continues: whether the segment goes on with a sentence that an earlier one began, after `joint`, a mark.
    """

    def __init__(
        self, recogniser: Recogniser, tokenizer: Tokenizer, lead: Samples, *, continues: bool, joint: str
    ) -> None:
        self._recogniser = recogniser
        self._tokenizer = tokenizer
        self._audio = np.zeros(int(LONGEST_S * SPEECH_RATE), np.float32)
        self._length = 0
        self._agreement = Agreement(tokenizer)
        self._hypothesis: Hypothesis | None = None
        self._closed = False  # whether the mark after the last committed word was given out
        self._continues = continues
        self._joint = joint
        self._first = True  # whether no word of the segment is committed yet
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

    @property
    def open(self) -> bool:
        """Whether the last hypothesis has words that are not committed."""
        return bool(self._agreement.open)

    def recognise(self, doubt: float = 0.0, *, stillness: float = 0.0) -> str:
        """Recognise all audio once more; return the text that this commits, empty as a rule.

        Args:
            doubt: the hypothesis ends before the first new token less likely than this (0..1).
            stillness: silence to imagine after the audio (s).
        """
        if self._length < MIN_SAMPLES:
            return ""
        audio = _amplified(self._audio[: self._length])
        audio = np.pad(audio, (0, int(stillness * SPEECH_RATE)))
        found = self._recogniser.recognise(audio, self._agreement.prefix, self._agreement.draft, doubt=doubt)
        self._hypothesis = found
        if not self._agreement.prefix and self._tokenizer.text(found.tokens).strip() in _HOLLOW:
            self._agreement.forget()
            self._hypothesis = None
            return ""
        return self._said(self._agreement.weigh(found.tokens, found.log_probabilities))

    def settle(self) -> str:
        """Commit all words of the last hypothesis and return their text, without the punctuation at its end."""
        return self._said(self._agreement.settle())

    def close(self) -> str:
        """Return the full stop, question or exclamation mark that the last hypothesis ends with, if any; now it stands.

        All words must have been settled. Another mark would promise more to come.
        """
        mark = self._tokenizer.text(self._agreement.marks).strip()
        if self._closed or mark not in _CLOSING:
            return ""
        self._closed = True
        return mark

    def completeness(self, before: str) -> float:
        """Return how complete the words are, with `before` in front: the turn's text that is committed (0..1)."""
        if self._hypothesis is None:
            return UNKNOWN
        marks = len(self._agreement.marks)
        outlook = self._hypothesis.outlooks[len(self._hypothesis.tokens) - marks]
        return completeness(before + self._text(self._agreement.open), outlook)

    def _said(self, units: list[Tokens]) -> str:
        if not units:
            return ""
        if self._closed or self._joint:  # the marks before the first of them are said by what was given out instead
            units = [self._tokenizer.without_marks(units[0]), *units[1:]]
            self._closed = False
        text = self._text(units)
        if self._first:
            self._first = False
            text = self._joint + (_CAPITALISED.sub(_small, text, count=1) if self._continues else text)
            self._joint = ""
        return text

    def _text(self, units: list[Tokens]) -> str:
        return _REPEATED.sub(",", "".join(self._tokenizer.text(unit) for unit in units))


def _small(word: re.Match[str]) -> str:
    """Take the capital from a word that only has it because the recogniser took it for the first of a sentence."""
    return word[0].lower() if carries_on(word[0].lower()) else word[0]


def _amplified(audio: Samples) -> Samples:
    """Return faint audio louder, and other audio as it is."""
    level = float(np.sqrt(np.mean(np.square(audio))))
    if level >= _FAINT or level == 0:
        return audio
    gain = min(_AUDIBLE / level, _MOST_GAIN)
    return cast("Samples", np.clip(audio * np.float32(gain), -1, 1))
