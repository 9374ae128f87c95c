"""The two clocks (architecture.md 3): when a sample came into being, and when it had been handed to the socket."""

from collections import deque
from typing import Annotated, Final

import msgspec

_KEPT: Final = 6000
"""Chunks remembered: ten minutes at 100 ms. Reference speech asks about the last second or two."""


Seconds = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
"""Of session or of audio, as they are kept: thirty years, with which can be reckoned."""


class SentChunk(msgspec.Struct, frozen=True, omit_defaults=True):
    """One chunk on both clocks. Positions are seconds of audio, times are seconds of session."""

    position: Seconds
    length: Seconds
    spoken_at: Seconds
    sent_at: Seconds
    quiet: bool = False
    """Silence in the place of a file that is paused."""

    @property
    def send_lag(self) -> float:
        """Seconds from its last sample coming into being to its having been sent."""
        return self.sent_at - (self.spoken_at + self.length)


class AudioClock:
    """Maps audio positions to session time, from the chunks that were sent."""

    def __init__(self, *, of_file: bool = False) -> None:
        """Begin with nothing sent; `of_file`: the audio is that of a file, which has positions of its own."""
        self._of_file = of_file
        self._chunks: deque[SentChunk] = deque(maxlen=_KEPT)
        self._played: deque[float] = deque(maxlen=_KEPT)  # seconds of the file that came before each of them
        self.send_lag_max = 0.0

    @property
    def send_lag(self) -> float:
        """Seconds from the last sample of the newest chunk coming into being to its chunk having been sent."""
        return max(self._chunks[-1].send_lag, 0.0) if self._chunks else 0.0

    @property
    def position(self) -> float:
        """Seconds of audio sent so far."""
        return self._chunks[-1].position + self._chunks[-1].length if self._chunks else 0.0

    def sent(self, chunk: SentChunk, played: float = 0.0) -> None:
        """Note a chunk, which begins at `played` seconds of the file; chunks come in the order of their positions."""
        self._chunks.append(chunk)
        self._played.append(played)
        self.send_lag_max = max(self.send_lag_max, chunk.send_lag)

    def spoken_at(self, position: float) -> float | None:
        """Return when the sample at `position` came into being; None when no audio was sent yet.

        Positions outside what is remembered are extrapolated from the nearest chunk.
        """
        if not self._chunks:
            return None
        for chunk in reversed(self._chunks):  # it is the newest that are asked for
            if chunk.position <= position:
                break
        return chunk.spoken_at + (position - chunk.position)

    def in_file(self, position: float, *, end: bool = False) -> float | None:
        """Return where in the file lies what was sent at `position`; None where there is no file.

        What was sent again lies where it lay before, and the silence of a pause at the point of the pause. An `end` is
        that of the sample before it.
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
        """Return the audio position that was being spoken at the session time `at`: `spoken_at` the other way round.

        Where audio was held or lost, it stands still; past the newest chunk it runs on, for events are awaited longer
        than there is audio. 0 before the first.
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
