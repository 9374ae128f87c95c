"""Turns speech probabilities, one per 32 ms, into the times at which speech begins and ends."""

from collections import deque
from collections.abc import Sequence
from enum import Enum
from typing import Final

import msgspec

from stt_monitor.audio.vad.silero import FRAME_S
from stt_monitor.core.metrics.percentiles import percentile

BLOCKS: Final = 4
"""Blocks per frame; each has a loudness."""
BLOCK_S: Final = FRAME_S / BLOCKS

SPEECH: Final = 0.5
"""Probability at which a frame counts as speech."""
STILL_SPEECH: Final = 0.35
"""Probability at which a frame right after speech still does."""
MIN_SPEECH: Final = 3
"""Speech frames that make an onset; fewer are a click or a cough."""
MAX_GAP: Final = 3
"""Non-speech frames in a row that discard an onset with too few speech frames."""
MIN_SILENCE: Final = 10
"""Non-speech frames that make an end: shorter gaps are closures and breaths within speech."""

ONSET_SEARCH: Final = 25
"""Blocks before the first speech frame in which the voice may have begun: the detector lags."""
END_SEARCH: Final = 15
"""Blocks after the last speech frame in which the voice may go on: it fades."""
END_LEAD: Final = 8
"""Blocks before the end of the last speech frame in which the voice may have stopped: the detector lingers."""
CLOSURE: Final = 5
"""Blocks of quiet that the search skips: the closure of a plosive."""

LOUDNESS_MEMORY: Final = 625
"""Blocks (5 s) over which background and voice level are estimated."""
BACKGROUND_PERCENTILE: Final = 10
VOICE_PERCENTILE: Final = 95
MIN_RISE_DB: Final = 6.0
RISE_SHARE: Final = 0.2
"""A block is voiced when it exceeds the background by this share of the distance to the voice level, and by
`MIN_RISE_DB` at least."""
QUIETEST_DB: Final = -75.0
"""Below full scale; anything quieter is digital silence, not background."""


class EdgeKind(Enum):
    """Kind of a speech edge."""

    ONSET = "onset"
    END = "end"


class SpeechEdge(msgspec.Struct, frozen=True):
    """Speech begins or ends at `position`, seconds of audio."""

    kind: EdgeKind
    position: float
    continues: bool = False
    """The labelled turn began before an onset, or goes on after an end: there is a pause. A detector knows no turns."""


class Segmenter:
    """Finds the edges of speech, onsets and ends in turn.

    Returns an edge once it is certain: an onset after `MIN_SPEECH` frames, an end after `MIN_SILENCE`. Places it by the
    loudness around those frames, so that the detector's own lag does not count.
    """

    def __init__(self) -> None:
        self.speaking = False
        """Whether the last edge returned was an onset."""
        self._frames = 0
        self._loudness: deque[float] = deque(maxlen=LOUDNESS_MEMORY)
        self._candidate: int | None = None
        """First frame of a possible onset."""
        self._speech_frames = 0
        self._last_speech = 0
        self._decided = 0
        """Blocks before which no more edges can appear."""

    @property
    def decided_until(self) -> float:
        """Seconds of audio before which no more edges can appear. Never decreases."""
        return self._decided * BLOCK_S

    def add(self, probability: float, loudness: Sequence[float]) -> SpeechEdge | None:
        """Add the next frame.

        Args:
            probability: of speech, 0..1.
            loudness: of its `BLOCKS` blocks, decibels below full scale.

        Returns:
            The edge that this frame makes certain, if any. Its position is not before any earlier `decided_until`.
        """
        frame = self._frames
        self._frames += 1
        self._loudness.extend(loudness)
        edge = self._while_speaking(frame, probability) if self.speaking else self._while_silent(frame, probability)
        if self.speaking:
            self._decide((self._last_speech + 1) * BLOCKS - END_LEAD)
        else:
            first = self._frames if self._candidate is None else self._candidate
            self._decide(first * BLOCKS - ONSET_SEARCH)
        return edge

    def finish(self) -> SpeechEdge | None:
        """End the audio; return the end of speech that was going on, if any."""
        edge = self._end() if self.speaking else None
        self._decide(self._frames * BLOCKS)
        return edge

    def _while_silent(self, frame: int, probability: float) -> SpeechEdge | None:
        if probability >= SPEECH:
            if self._candidate is None:
                self._candidate = frame
                self._speech_frames = 0
            self._speech_frames += 1
            self._last_speech = frame
            if self._speech_frames >= MIN_SPEECH:
                return self._onset(self._candidate)
        elif frame - self._last_speech >= MAX_GAP:
            self._candidate = None
        return None

    def _while_speaking(self, frame: int, probability: float) -> SpeechEdge | None:
        silence = frame - self._last_speech
        if probability >= SPEECH or (probability >= STILL_SPEECH and silence == 1):
            self._last_speech = frame
        elif silence >= MIN_SILENCE:
            return self._end()
        return None

    def _onset(self, first_speech: int) -> SpeechEdge:
        """Walk back from the first speech frame while blocks are voiced."""
        threshold = self._threshold()
        onset = None
        first = first_speech * BLOCKS
        for block in range(first + BLOCKS - 1, max(first - ONSET_SEARCH, self._decided, self._oldest()) - 1, -1):
            if self._at(block) > threshold:
                onset = block
            elif block < (first if onset is None else onset) - CLOSURE:
                break
        return self._edge(EdgeKind.ONSET, first if onset is None else onset)

    def _end(self) -> SpeechEdge:
        """Walk forward from the last speech frame while blocks are voiced."""
        threshold = self._threshold()
        behind = (self._last_speech + 1) * BLOCKS
        end = None
        for block in range(max(behind - END_LEAD, self._oldest()), min(behind + END_SEARCH, self._frames * BLOCKS)):
            if self._at(block) > threshold:
                end = block + 1
            elif block >= max(behind, end or 0) + CLOSURE:
                break
        return self._edge(EdgeKind.END, behind if end is None else end)

    def _edge(self, kind: EdgeKind, block: int) -> SpeechEdge:
        self.speaking = kind is EdgeKind.ONSET
        self._candidate = None
        self._decide(block)
        return SpeechEdge(kind, block * BLOCK_S)

    def _decide(self, block: int) -> None:
        self._decided = max(self._decided, block)

    def _oldest(self) -> int:
        return self._frames * BLOCKS - len(self._loudness)

    def _at(self, block: int) -> float:
        return self._loudness[block - self._oldest()]

    def _threshold(self) -> float:
        """Return the loudness, in decibels, above which a block is voiced."""
        loudness = sorted(self._loudness)  # numpy's percentiles load its masked arrays, in the middle of a session
        background = max(percentile(loudness, BACKGROUND_PERCENTILE / 100), QUIETEST_DB)
        voice = percentile(loudness, VOICE_PERCENTILE / 100)
        return background + max(MIN_RISE_DB, RISE_SHARE * (voice - background))
