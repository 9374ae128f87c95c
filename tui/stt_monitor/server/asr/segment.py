"""A segment of speech, recognised as a whole again and again while it grows."""

import re
from typing import Final, cast

import numpy as np

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.server.asr.completeness import UNKNOWN, carries_on, completeness
from stt_monitor.server.asr.local_agreement import Agreement
from stt_monitor.server.asr.pieces import Piece
from stt_monitor.server.asr.recogniser import MIN_SAMPLES, Hypothesis, Recogniser
from stt_monitor.server.asr.tokenizer import Tokenizer, Tokens

LONGEST_S: Final = 16.0
"""Longest segment; the recogniser was trained on little longer audio."""

_FAINT: Final = 10 ** (-38 / 20)
"""Root mean square (of full scale 1) below which audio is amplified."""
_AUDIBLE: Final = 10 ** (-26 / 20)
"""The level that it is amplified to."""
_MOST_GAIN: Final = 30.0

_HOLLOW: Final = frozenset(("You", "The", "I", "So", "Oh"))
"""What the recogniser hears in a cough or a beep. A real word would have a mark after it."""
_CLOSING: Final = frozenset(".?!")
_REPEATED: Final = re.compile(",{2,}")
"""The recogniser stutters in a long pause."""
_CAPITALISED: Final = re.compile(r"[A-Z][a-z]*\b(?!')")


class Segment:
    """The audio of a segment and its text so far.

    Args:
        recogniser: shared.
        tokenizer: shared.
        lead: the first samples, 16 kHz; those before the last LONGEST_S are dropped.
        continues: whether it continues the sentence of an earlier segment, after the mark `joint`.
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
        self._closed = False  # whether the mark after the last committed word is committed
        self._continues = continues
        self._joint = joint
        self._first = True  # whether no word of the segment is committed yet
        self.append(lead[-len(self._audio) :])

    @property
    def seconds(self) -> float:
        """Length of the audio."""
        return self._length / SPEECH_RATE

    def tail(self, seconds: float) -> Samples:
        """Return a copy of the last samples."""
        return self._audio[max(0, self._length - int(seconds * SPEECH_RATE)) : self._length].copy()

    def append(self, samples: Samples) -> None:
        """Append samples; what exceeds LONGEST_S is dropped."""
        end = min(self._length + len(samples), len(self._audio))
        self._audio[self._length : end] = samples[: end - self._length]
        self._length = end

    @property
    def open(self) -> str:
        """The words of the last hypothesis that are not committed."""
        return self._text(self._agreement.open)

    def recognise(self, doubt: float = 0.0, *, stillness: float = 0.0) -> list[Piece]:
        """Recognise all audio again; return the newly committed text, usually none.

        Args:
            doubt: the hypothesis ends before the first new token less likely than this (0..1).
            stillness: silence to add after the audio (s).
        """
        if self._length < MIN_SAMPLES:
            return []
        audio = _amplified(self._audio[: self._length])
        audio = np.pad(audio, (0, int(stillness * SPEECH_RATE)))
        found = self._recogniser.recognise(audio, self._agreement.prefix, self._agreement.draft, doubt=doubt)
        self._hypothesis = found
        if not self._agreement.prefix and self._tokenizer.text(found.tokens).strip() in _HOLLOW:
            self._agreement.clear()
            self._hypothesis = None
            return []
        return self._pieces(self._agreement.add(found.tokens, found.log_probabilities))

    def commit_all(self) -> list[Piece]:
        """Commit all words of the last hypothesis and return their text, without the punctuation at its end."""
        return self._pieces(self._agreement.commit_all())

    def closing_mark(self) -> list[Piece]:
        """Commit and return the full stop, question or exclamation mark at the end of the last hypothesis, if any.

        All words must be committed. Other marks are left out: they promise more to come.
        """
        mark = self._tokenizer.text(self._agreement.marks).strip()
        if self._closed or mark not in _CLOSING:
            return []
        self._closed = True
        return [Piece(mark, 1.0)]

    def completeness(self, before: str) -> float:
        """Return how complete the words are (0..1) after `before`, the turn's committed text."""
        if self._hypothesis is None:
            return UNKNOWN
        marks = len(self._agreement.marks)
        outlook = self._hypothesis.outlooks[len(self._hypothesis.tokens) - marks]
        return completeness(before + self.open, outlook)

    def _pieces(self, units: list[Tokens]) -> list[Piece]:
        """Return the text of units that have just been committed."""
        if not units:
            return []
        confidences = self._agreement.confidences[-len(units) :]
        if self._closed or self._joint:  # the mark before the first is committed already, or `joint`
            units = [self._tokenizer.without_marks(units[0]), *units[1:]]
            self._closed = False
        texts = [self._text([unit]) for unit in units]
        if self._first:
            self._first = False
            texts = [self._joint + texts[0], *texts[1:]] if not self._continues else self._carried_on(texts)
            self._joint = ""
        return [Piece(*each) for each in zip(texts, confidences, strict=True)]

    def _carried_on(self, texts: list[str]) -> list[str]:
        """Continue the sentence before with the texts of words."""
        for place, text in enumerate(texts):
            lowered, found = _CAPITALISED.subn(_small, text, count=1)
            if found:
                texts = [*texts[:place], lowered, *texts[place + 1 :]]
                break
        return [self._joint + texts[0], *texts[1:]]

    def _text(self, units: list[Tokens]) -> str:
        return _REPEATED.sub(",", "".join(self._tokenizer.text(unit) for unit in units))


def _small(word: re.Match[str]) -> str:
    """Lower the capital of a word that the recogniser took for the first of a sentence."""
    return word[0].lower() if carries_on(word[0].lower()) else word[0]


def _amplified(audio: Samples) -> Samples:
    """Amplify faint audio; return other audio unchanged."""
    level = float(np.sqrt(np.mean(np.square(audio))))
    if level >= _FAINT or level == 0:
        return audio
    gain = min(_AUDIBLE / level, _MOST_GAIN)
    return cast("Samples", np.clip(audio * np.float32(gain), -1, 1))
