"""The two clocks (architecture.md 3): when a sample was spoken, and when it was handed to the socket."""

from array import array
from collections.abc import Iterator
from math import inf
from typing import Annotated, Final

import msgspec

KEPT_S: Final = 60.0
"""Audio whose chunks the clock keeps, seconds: a detector may be half a minute behind."""

MOST_S: Final = 600.0
"""The same where more of it is still needed: a turn that goes on for longer has lost its pauses."""

_MOST: Final = 60_000
"""Chunks at most, however short they are: ten minutes at 10 ms."""

_BATCH: Final = 100
"""Chunks are forgotten so many at once."""

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
    """Maps audio positions to session time, from the chunks that were sent.

    Keeps the newest of them, in columns of numbers: there are calls with fifty chunks a second, and many at once.
    """

    def __init__(self, *, of_file: bool = False) -> None:
        """Start without audio; `of_file`: the audio is a file, with positions of its own."""
        self._of_file = of_file
        self._positions = array("d")
        self._lengths = array("d")
        self._spoken_at = array("d")
        self._sent_at = array("d")
        self._lags = array("d")
        self._played = array("d")  # seconds of the file that came before each of them
        self._quiet = bytearray()
        self._needed_from = -inf
        self.send_lag_max = 0.0

    @property
    def send_lag(self) -> float:
        """The same for the newest chunk, never negative."""
        return max(self._lags[-1], 0.0) if self._lags else 0.0

    @property
    def position(self) -> float:
        """Seconds of audio sent so far."""
        return self._positions[-1] + self._lengths[-1] if self._positions else 0.0

    def add(self, chunk: SentChunk, played: float = 0.0) -> None:
        """Add a chunk, which begins at `played` seconds of the file; chunks come in the order of their positions."""
        lag = chunk.send_lag
        self._positions.append(chunk.position)
        self._lengths.append(chunk.length)
        self._spoken_at.append(chunk.spoken_at)
        self._sent_at.append(chunk.sent_at)
        self._lags.append(lag)
        self._played.append(played)
        self._quiet.append(chunk.quiet)
        self.send_lag_max = max(self.send_lag_max, lag)
        if len(self._positions) > _BATCH:
            self._forget()

    def forget(self, before: float) -> None:
        """Forget sound that was spoken before a session time, once it is older than `KEPT_S`."""
        self._needed_from = before

    def _forget(self) -> None:
        last = _BATCH - 1  # of those that may go
        age = self.position - self._positions[last] - self._lengths[last]
        is_old = age > MOST_S or len(self._positions) > _MOST
        if is_old or (age > KEPT_S and self._spoken_at[last] + self._lengths[last] < self._needed_from):
            for column in (
                self._positions, self._lengths, self._spoken_at, self._sent_at, self._lags, self._played, self._quiet,
            ):  # fmt: skip
                del column[:_BATCH]

    def _newest_first(self) -> Iterator[int]:
        """Yield the places of chunks: queries are about the newest."""
        return reversed(range(len(self._positions)))

    def _place_of(self, position: float, *, end: bool) -> int:
        """Return the place of the chunk with a position, an `end` being of the sample before it; else the oldest."""
        positions = self._positions
        for place in self._newest_first():
            if positions[place] < position or (not end and positions[place] == position):
                return place
        return 0

    def spoken_at(self, position: float, *, end: bool = False) -> float | None:
        """Return when the sample at `position` was spoken, for an `end` the one before it; None before the first audio.

        Extrapolates from the nearest chunk where `position` lies outside those kept.
        """
        if not self._positions:
            return None
        place = self._place_of(position, end=end)
        return self._spoken_at[place] + (position - self._positions[place])

    def longest_send_lag(self, since: float, until: float) -> float | None:
        """Return the longest `send_lag` within a range of session time, never negative; None where nothing was sent."""
        longest: float | None = None
        for place in self._newest_first():
            sent_at = self._sent_at[place]
            if sent_at < since:
                break
            if sent_at <= until:
                longest = max(longest or 0.0, self._lags[place])
        return longest

    def in_file(self, position: float, *, end: bool = False) -> float | None:
        """Return the position in the file of the audio sent at `position`; None without a file.

        Audio sent again has its old position, the silence of a pause that of the pause. An `end` belongs to the sample
        before it.
        """
        if not self._of_file or not self._positions:
            return None
        place = self._place_of(position, end=end)
        played = self._played[place]
        if self._quiet[place]:
            return played
        return played + min(max(position - self._positions[place], 0.0), self._lengths[place])

    def position_at(self, at: float) -> float:
        """Return the audio position spoken at the session time `at`: the inverse of `spoken_at`.

        Stands still where audio was held or lost; runs on past the newest chunk, because events may follow the last
        audio. 0 before the first chunk.
        """
        if not self._positions:
            return 0.0
        newest = len(self._positions) - 1
        place = next((each for each in self._newest_first() if self._spoken_at[each] <= at), 0)
        passed = at - self._spoken_at[place]
        if place != newest:
            passed = min(passed, self._lengths[place])
        return max(0.0, self._positions[place] + passed)
