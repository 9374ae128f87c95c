"""The two clocks (architecture.md 3): when a sample was spoken, and when it was handed to the socket."""

from collections import deque
from typing import Annotated, Final

import msgspec

_KEPT: Final = 6000
"""Chunks to keep: ten minutes at 100 ms. Reference speech needs the last second or two."""

Seconds = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
"""Seconds of session or of audio; the limit of thirty years keeps arithmetic safe."""


class SentChunk(msgspec.Struct, frozen=True, omit_defaults=True):
    """One chunk on both clocks. Positions are seconds of audio, times seconds of session."""

    position: Seconds
    length: Seconds
    spoken_at: Seconds
    sent_at: Seconds
    quiet: bool = False
    """Silence that stands in for a paused file."""
    skipped: Seconds = 0.0
    """Audio of the file before it that was dropped, after it had waited for too long."""
    delayed: Seconds = 0.0
    """How late it was to be sent: a jitter arm asked for it."""
    ahead: Seconds = 0.0
    """How much sooner it came than anybody can have spoken it: a client sends faster than real time."""

    @property
    def send_lag(self) -> float:
        """Seconds from its last sample to its handover to the socket, less the delay that was asked for."""
        return self.sent_at - (self.spoken_at + self.length + self.delayed)


class AudioClock:
    """Maps audio positions to session time, from the chunks that were sent."""

    def __init__(self, *, of_file: bool = False) -> None:
        """Start without audio; `of_file`: the audio comes from a file, which has positions of its own."""
        self._of_file = of_file
        self._chunks: deque[SentChunk] = deque(maxlen=_KEPT)
        self._played: deque[float] = deque(maxlen=_KEPT)  # seconds of the file that came before each of them
        self.send_lag_max = 0.0

    @property
    def send_lag(self) -> float:
        """The same for the newest chunk, never negative."""
        return max(self._chunks[-1].send_lag, 0.0) if self._chunks else 0.0

    @property
    def position(self) -> float:
        """Seconds of audio sent so far."""
        return self._chunks[-1].position + self._chunks[-1].length if self._chunks else 0.0

    def add(self, chunk: SentChunk, played: float = 0.0) -> None:
        """Add a chunk, which begins at `played` seconds of the file; chunks come in the order of their positions."""
        self._chunks.append(chunk)
        self._played.append(played)
        self.send_lag_max = max(self.send_lag_max, chunk.send_lag)

    def spoken_at(self, position: float, *, end: bool = False) -> float | None:
        """Return when the sample at `position` was spoken, for an `end` the one before it; None before the first audio.

        Extrapolates from the nearest chunk where `position` lies outside those kept.
        """
        if not self._chunks:
            return None
        for chunk in reversed(self._chunks):  # queries are about the newest
            if chunk.position < position or (not end and chunk.position == position):
                break
        return chunk.spoken_at + (position - chunk.position)

    def longest_send_lag(self, since: float, until: float) -> float | None:
        """Return the longest `send_lag` within a range of session time, never negative; None where nothing was sent."""
        longest: float | None = None
        for chunk in reversed(self._chunks):
            if chunk.sent_at < since:
                break
            if chunk.sent_at <= until:
                longest = max(longest or 0.0, chunk.send_lag)
        return longest

    def in_file(self, position: float, *, end: bool = False) -> float | None:
        """Return the position in the file of the audio sent at `position`; None without a file.

        Audio sent again has its old position, the silence of a pause that of the pause. An `end` belongs to the sample
        before it.
        """
        if not self._of_file or not self._chunks:
            return None
        newest_first = zip(reversed(self._chunks), reversed(self._played), strict=True)
        chunk, played = next(
            (
                each
                for each in newest_first
                if each[0].position < position or (not end and each[0].position == position)
            ),
            (self._chunks[0], self._played[0]),
        )
        return played if chunk.quiet else played + min(max(position - chunk.position, 0.0), chunk.length)

    def position_at(self, at: float) -> float:
        """Return the audio position spoken at the session time `at`: the inverse of `spoken_at`.

        Stands still where audio was held or lost; runs on past the newest chunk, because events may follow the last
        audio. 0 before the first chunk.
        """
        if not self._chunks:
            return 0.0
        for chunk in reversed(self._chunks):
            if chunk.spoken_at <= at:
                break
        passed = at - chunk.spoken_at
        if chunk is not self._chunks[-1]:
            passed = min(passed, chunk.length)
        return max(0.0, chunk.position + passed)
