"""The growing text of one turn: when to recognise which audio, and which words are final.

Decisions depend on the audio alone, never on how long recognition takes: the same audio gives the same text on any
machine, at any load.
"""

from typing import Final

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.audio.vad.silero import FRAME_S
from stt_monitor.core.events import Word
from stt_monitor.server.asr.completeness import UNKNOWN, takes_comma
from stt_monitor.server.asr.pieces import Piece, spread, words_of
from stt_monitor.server.asr.recogniser import Recogniser
from stt_monitor.server.asr.segment import LONGEST_S, Segment
from stt_monitor.server.asr.tokenizer import Tokenizer

FIRST_S: Final = 0.15
"""Audio between two hypotheses until the turn has its first word: people want to see soon that they are heard."""
EVERY_S: Final = 0.9
"""The same afterwards."""
EVERY_S_PER_S: Final = 0.05
"""Added for each second of the segment, because all of it is recognised again."""
DOUBT: Final = 0.2
"""During voice a hypothesis ends before a new token less likely than this: the next sounds change it anyway."""
PAUSE_S: Final = 0.16
"""Silence after which the words so far are recognised."""
STILLNESS_S: Final = 0.6
"""Silence added after the last words of a turn: the recogniser is wrong more often where audio stops with a word."""
_NEWS_S: Final = 0.06
"""Less voice than this since the last hypothesis holds no word."""

_REST_S: Final = 1.0
"""A silence of this length ends a segment."""
_SHORT_REST_S: Final = 0.2
"""So does this one in a segment longer than `_LONG_SEGMENT_S`."""
_LONG_SEGMENT_S: Final = 3.5
_OVERLONG_S: Final = 11.0
"""A segment of this length ends at the next silence longer than a plosive's, `_PLOSIVE_S`."""
_PLOSIVE_S: Final = 0.09
_CLOSED: Final = 0.4
"""Words less complete than this get no full stop: the speaker has not finished, whatever the recogniser expects."""
LEAD_S: Final = 0.25
"""A segment begins this long before its voice."""


class Transcriber:
    """One turn's text.

    `text` is committed and only grows. `completeness` is that of the words recognised last (0..1).

    Args:
        recogniser: shared.
        tokenizer: shared.
        lead: the turn's first samples, 16 kHz: LEAD_S of silence and the voice after it.
    """

    def __init__(self, recogniser: Recogniser, tokenizer: Tokenizer, lead: Samples) -> None:
        self._recogniser = recogniser
        self._tokenizer = tokenizer
        self.text = ""
        self._pieces: list[Piece] = []
        self.completeness = UNKNOWN
        self._silence = 0.0
        self._begin(lead)
        self._news = len(lead) / SPEECH_RATE

    def feed(self, frame: Samples, *, voiced: bool) -> None:
        """Add the next frame; recognise when it is time to.

        A segment always ends now: if it ended in the past, words at the edge would be heard twice.
        """
        if voiced and self._silence >= (_SHORT_REST_S if self._segment.seconds > _LONG_SEGMENT_S else _REST_S):
            self.finalize()
            self._begin(self._segment.tail(min(LEAD_S, self._silence - _SHORT_REST_S / 2)))
        self._segment.append(frame)
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
            self.finalize()
            self._begin(frame[:0])

    def finalize(self) -> str:
        """Commit all words and the closing punctuation; return the turn's text."""
        if self._news > _NEWS_S:
            self._recognise()
        elif self._silence >= PAUSE_S and self._segment.open:
            # Completeness was judged with the real silence, and stays.
            self._add(self._segment.recognise(stillness=STILLNESS_S))
        self._add(self._segment.commit_all())
        if self.completeness >= _CLOSED:
            self._add(self._segment.closing_mark())
        return self.text

    def words(self, start: float, end: float) -> tuple[Word, ...]:
        """Return the words of `text`, each with its confidence.

        Args:
            start: where the turn's voice begins (s). Words share the time from there, longer ones more: the recogniser
                does not tell their times.
            end: where the voice ends, or is now (s).
        """
        return spread(words_of(self._pieces), start, end, more=len(self._segment.open))

    @property
    def _interval(self) -> float:
        """Audio until the next hypothesis (s)."""
        if not self.text:
            return FIRST_S
        return EVERY_S + EVERY_S_PER_S * self._segment.seconds

    def _begin(self, lead: Samples) -> None:
        continues = bool(self.text) and not self.text.endswith((".", "?", "!"))
        joint = "," if continues and takes_comma(self.text) and self._silence >= _SHORT_REST_S else ""
        self._segment = Segment(self._recogniser, self._tokenizer, lead, continues=continues, joint=joint)
        self._since = 0.0
        self._news = 0.0

    def _add(self, pieces: list[Piece]) -> None:
        """Add newly committed words."""
        self._pieces += pieces
        self.text += "".join(piece.text for piece in pieces)

    def _recognise(self, doubt: float = 0.0) -> None:
        self._add(self._segment.recognise(doubt))
        self.completeness = self._segment.completeness(self.text)
        self._since = self._news = 0.0
