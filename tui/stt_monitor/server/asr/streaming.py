"""The text of one turn while it grows: when to recognise which piece of audio, and what of the result stands.

All decisions hang on the audio heard, never on the time that recognising takes, so that the same audio gives the same
text on any machine and at any load.
"""

from typing import Final

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.audio.vad.silero import FRAME_S
from stt_monitor.server.asr.completeness import UNKNOWN, takes_comma
from stt_monitor.server.asr.recogniser import Recogniser
from stt_monitor.server.asr.segment import LONGEST_S, Segment
from stt_monitor.server.asr.tokenizer import Tokenizer

FIRST_S: Final = 0.15
"""Audio between two hypotheses while no word of the turn stands: people want to see that they are heard,"""
EVERY_S: Final = 0.9
"""and afterwards,"""
EVERY_S_PER_S: Final = 0.05
"""with so much more for each second of the segment, for all of it is recognised again each time."""
DOUBT: Final = 0.2
"""While voice goes on, a hypothesis ends before a new token less likely than this: the next sounds change it anyhow."""
PAUSE_S: Final = 0.16
"""Silence after which the words so far are looked at."""
STILLNESS_S: Final = 0.6
"""Silence imagined after the last words when they are to stand: the recogniser takes speech that ends with its words
for speech that was cut off, and is wrong more often."""
_NEWS_S: Final = 0.06
"""Less voice than this since the last hypothesis holds no word."""

_REST_S: Final = 1.0
"""A segment ends with a rest of this length,"""
_SHORT_REST_S: Final = 0.2
"""or of this length, once it is longer than"""
_LONG_SEGMENT_S: Final = 3.5
_OVERLONG_S: Final = 11.0
"""A segment of this length ends at the next rest, however short, that is longer than a plosive:"""
_PLOSIVE_S: Final = 0.09
_CLOSED: Final = 0.4
"""Words less complete than this get no full stop: the speaker is not through, whatever the recogniser believes."""
LEAD_S: Final = 0.25
"""A segment begins this long before its voice."""


class Transcriber:
    """One turn's text.

    `text` is what stands; it only grows. `completeness` tells how complete the words recognised last are (0..1).

    Args:
        recogniser: shared.
        tokenizer: shared.
        lead: the turn's first samples, 16 kHz: LEAD_S of silence and the voice since.
    """

    def __init__(self, recogniser: Recogniser, tokenizer: Tokenizer, lead: Samples) -> None:
        self._recogniser = recogniser
        self._tokenizer = tokenizer
        self.text = ""
        self.completeness = UNKNOWN
        self._silence = 0.0
        self._begin(lead)
        self._news = len(lead) / SPEECH_RATE

    def hear(self, frame: Samples, *, voiced: bool) -> None:
        """Hear the next frame, which holds voice or does not; recognise when it is time to.

        A segment is only ever cut off at this moment: cut in the past, words at the edge would be heard twice.
        """
        if voiced and self._silence >= (_SHORT_REST_S if self._segment.seconds > _LONG_SEGMENT_S else _REST_S):
            self.settle()
            self._begin(self._segment.tail(min(LEAD_S, self._silence - _SHORT_REST_S / 2)))
        self._segment.hear(frame)
        self._since += FRAME_S
        if voiced:
            self._silence = 0.0
            self._news += FRAME_S
            if self._since >= self._interval:
                self._recognise(DOUBT)
        else:
            self._silence += FRAME_S
            if self._news > _NEWS_S and self._silence >= PAUSE_S:
                self._recognise()
        length = self._segment.seconds
        if length >= LONGEST_S or (length >= _OVERLONG_S and self._silence >= _PLOSIVE_S and self._news > 0):
            self.settle()
            self._begin(frame[:0])

    def settle(self) -> str:
        """Let all that was heard stand, with its closing punctuation; return the turn's text."""
        if self._news > _NEWS_S:
            self._recognise()
        elif self._silence >= PAUSE_S and self._segment.open:
            # How complete the words are was judged by the silence that there was, and stays.
            self.text += self._segment.recognise(stillness=STILLNESS_S)
        self.text += self._segment.settle()
        if self.completeness >= _CLOSED:
            self.text += self._segment.close()
        return self.text

    @property
    def _interval(self) -> float:
        """How much audio there is between two hypotheses now (s)."""
        if not self.text:
            return FIRST_S
        return EVERY_S + EVERY_S_PER_S * self._segment.seconds

    def _begin(self, lead: Samples) -> None:
        continues = bool(self.text) and not self.text.endswith((".", "?", "!"))
        joint = "," if continues and takes_comma(self.text) and self._silence >= _SHORT_REST_S else ""
        self._segment = Segment(self._recogniser, self._tokenizer, lead, continues=continues, joint=joint)
        self._since = 0.0
        self._news = 0.0

    def _recognise(self, doubt: float = 0.0) -> None:
        self.text += self._segment.recognise(doubt)
        self.completeness = self._segment.completeness(self.text)
        self._since = self._news = 0.0
