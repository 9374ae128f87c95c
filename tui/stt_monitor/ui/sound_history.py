"""What the sound was like, a tenth of a second at a time, for as long as the timeline can look back."""

from collections.abc import Sequence
from typing import Final

from stt_monitor.core.snapshot import FinishedTurn, Snapshot

BUCKET_S: Final = 0.1
"""Seconds in a bucket."""

KEPT_S: Final = 3600
"""Seconds that are remembered."""

LOUDEST: Final = 16
"""The level of full scale; 0 is silence."""

_FLOOR_DB: Final = -60.0
_BUCKETS: Final = round(KEPT_S / BUCKET_S)
_VOICE: Final = 0x80
_LEVEL: Final = 0x7F


class SoundHistory:
    """Level and reference speech by session time, in a ring of bytes."""

    def __init__(self) -> None:
        self._ring = bytearray(_BUCKETS)
        self._last = -1
        self._session = ""
        self._corrected = 0

    def note(self, snapshot: Snapshot) -> None:
        """Remember what a snapshot says; another session, or an earlier time of a recorded one, begins anew."""
        now = max(0, int(snapshot.at / BUCKET_S))
        if snapshot.session.started_at != self._session:
            self._session, self._last, self._corrected = snapshot.session.started_at, -1, 0
        elif now < self._last:
            self._ring, self._last, self._corrected = bytearray(_BUCKETS), now - 1, 0
        value = _loudness(snapshot.audio.level_db) | (_VOICE if snapshot.audio.speaking else 0)
        for bucket in range(max(self._last + 1, now - _BUCKETS + 1), now):
            self._ring[bucket % _BUCKETS] = value
        old = self._ring[now % _BUCKETS] if now == self._last else 0
        self._ring[now % _BUCKETS] = max(old & _LEVEL, value & _LEVEL) | (value & _VOICE)
        self._last = max(self._last, now)
        self._correct(snapshot.finished)

    def loudest(self, start: float, stop: float) -> int:
        """Return the highest level between two session times, 0 to `LOUDEST`."""
        return max((self._ring[b % _BUCKETS] & _LEVEL for b in self._buckets(start, stop)), default=0)

    def voice(self, start: float, stop: float) -> bool:
        """Return whether reference speech was heard between two session times."""
        return any(self._ring[b % _BUCKETS] & _VOICE for b in self._buckets(start, stop))

    def _buckets(self, start: float, stop: float) -> range:
        first, last = int(start / BUCKET_S), max(int(start / BUCKET_S) + 1, int(stop / BUCKET_S))
        return range(max(first, self._last - _BUCKETS + 1, 0), min(last, self._last + 1))

    def _correct(self, finished: Sequence[FinishedTurn]) -> None:
        """The detector speaks up late at both edges; a turn's final figures say when the voice really came and went."""
        while self._corrected < len(finished) and not finished[self._corrected].figures.pending:
            anchors = voice_anchors(finished[self._corrected])
            self._corrected += 1
            if anchors is None:
                continue
            onset, end, until = anchors
            for bucket in self._buckets(onset, end):
                if self._ring[bucket % _BUCKETS] & _VOICE:
                    break
                self._ring[bucket % _BUCKETS] |= _VOICE
            for bucket in self._buckets(end + BUCKET_S, until):
                self._ring[bucket % _BUCKETS] &= _LEVEL


def voice_anchors(finished: FinishedTurn) -> tuple[float, float, float] | None:
    """Return when a turn's voice began and ended, and when the turn ended; seconds of session."""
    turn, figures = finished.turn, finished.figures
    if figures.onset_latency is None or figures.eot_latency is None or turn.ended_at is None:
        return None
    return turn.started_at - figures.onset_latency, turn.ended_at - figures.eot_latency, turn.ended_at


def _loudness(level_db: float | None) -> int:
    if level_db is None:
        return 0
    return round(min(1.0, max(0.0, 1 - level_db / _FLOOR_DB)) * LOUDEST)
