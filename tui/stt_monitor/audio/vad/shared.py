"""Detects reference speech once for several sessions that send the same audio."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.vad.reference import EdgeKind, SpeechEdge, SpeechFinder

KEPT_S: Final = 75.0
"""Audio for which results are kept: a session may be this far behind the first one."""


class _Result(NamedTuple):
    """A piece of audio, and the state of the detector after it."""

    data: bytes
    edges: list[SpeechEdge]
    speaking: bool
    decided_until: float
    end: int
    """Bytes of audio up to its end."""


_NOTHING: Final = _Result(b"", [], speaking=False, decided_until=0.0, end=0)


class SharedSpeech:
    """The detector that sessions share for as long as they are fed the same pieces. Thread-safe."""

    def __init__(
        self,
        audio_format: AudioFormat,
        detector: SpeechFinder,
        make: Callable[[], SpeechFinder | None],
        pieces: Callable[[], int | None],
    ) -> None:
        """Prepare to detect.

        Args:
            audio_format: of the pieces.
            detector: hears them, in order.
            make: makes another, for a session whose audio it does not know.
            pieces: returns the number of all pieces, once it is known.
        """
        self.turn: Final = asyncio.Lock()
        """Of the session that has a piece detected."""
        self.make: Final = make
        self.format: Final = audio_format
        self._detector = detector
        self._pieces = pieces
        self._lock = threading.Lock()
        self._results: deque[_Result] = deque()
        self._count = 0
        self._last_edges: list[SpeechEdge] | None = None

    def knows(self, number: int, data: bytes) -> bool:
        """Return whether a piece is number `number`, and has been detected."""
        with self._lock:
            found = self._result(number)
            return found is not None and found.data == data

    def follow(self) -> "FollowedSpeech":
        """Return what finds the speech for one session."""
        return FollowedSpeech(self)

    def feed(self, number: int, data: bytes) -> _Result | None:
        """Return the result of piece `number`, counted from 0; None if that was another one, or is no longer known."""
        with self._lock:
            if number == self._count and self._last_edges is None:
                self._add(data)
            found = self._result(number)
            return found if found is not None and found.data == data else None

    def finish(self, number: int) -> list[SpeechEdge] | None:
        """Return the last edges after `number` pieces; None if more of them follow."""
        with self._lock:
            if number != self._count or number != self._pieces():
                return None
            if self._last_edges is None:
                self._last_edges = self._detector.finish()
            return self._last_edges

    def find(self, data: bytes) -> tuple[int, _Result] | None:
        """Return the number of this very piece, and the result of the one before it; None if it is not known."""
        with self._lock:
            before: _Result | None = None
            for number, each in enumerate(self._results, self._count - len(self._results)):
                before = _NOTHING if number == 0 else before
                if each.data is data and before is not None:
                    return number, before
                before = each
        return None

    def _add(self, data: bytes) -> None:
        edges = self._detector.feed(data)
        end = (self._results[-1].end if self._results else 0) + len(data)
        self._results.append(_Result(data, edges, self._detector.speaking, self._detector.decided_until, end))
        self._count += 1
        while end - self._results[0].end > KEPT_S * self.format.bytes_per_second:
            self._results.popleft()

    def _result(self, number: int) -> _Result | None:
        index = number - (self._count - len(self._results))
        return self._results[index] if 0 <= index < len(self._results) else None


class FollowedSpeech:
    """A `SpeechFinder` that follows a shared detector.

    Where audio was dropped, or is sent again, it goes on at that place: speech that is going on ends there, and may
    begin there anew. Audio that the shared detector does not know is for a detector of its own.
    """

    def __init__(self, shared: SharedSpeech) -> None:
        self.speaking = False
        """Whether the last edge returned was an onset."""
        self.decided_until = 0.0
        """Seconds of audio before which no more edges can appear. Never decreases."""
        self._shared = shared
        self._number = 0
        self._heard = 0  # bytes
        self._offset = 0.0  # of its positions from those of the detector
        self._own: SpeechFinder | None = None

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Process the next whole samples; see `SpeechFinder`."""
        edges: list[SpeechEdge] = []
        result = self._follow(data)
        if result is None and self._own is None:
            edges = self._jump(data)
            result = self._follow(data)
        if result is not None:
            edges += self._placed(result.edges, result.decided_until)
        elif self._own is not None:
            found = self._own.feed(data, recorded_at)
            edges += self._placed(found, self._own.decided_until)
        self._heard += len(data)
        return edges

    async def detect(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Do what `feed` does, on a thread unless another session has had the piece detected, or does so now."""
        if self._own is not None:
            return await asyncio.to_thread(self.feed, data, recorded_at)
        async with self._shared.turn:
            if self._shared.knows(self._number, data):
                return self.feed(data, recorded_at)
            return await asyncio.to_thread(self.feed, data, recorded_at)

    def finish(self) -> list[SpeechEdge]:
        """End the audio; return the last edges."""
        last = self._shared.finish(self._number) if self._own is None else self._own.finish()
        if last is None:  # it ends before the others do
            last = [SpeechEdge(EdgeKind.END, self._here - self._offset)] if self.speaking else []
        return self._placed(last, self._here - self._offset)

    @property
    def _here(self) -> float:
        """Seconds of audio so far."""
        return self._heard / self._shared.format.bytes_per_second

    def _follow(self, data: bytes) -> _Result | None:
        result = self._shared.feed(self._number, data) if self._own is None else None
        self._number += result is not None
        return result

    def _jump(self, data: bytes) -> list[SpeechEdge]:
        """Go on at another place, or alone; return the edges where the two places join."""
        found = self._shared.find(data)
        if found is None:
            self._own, before = self._shared.make(), _NOTHING
        else:
            self._number, before = found
        here, was_speaking = self._here, self.speaking
        self._offset = here - before.end / self._shared.format.bytes_per_second
        self.speaking, self.decided_until = before.speaking, max(self.decided_until, here)
        ended = [SpeechEdge(EdgeKind.END, here)] if was_speaking else []
        return [*ended, *([SpeechEdge(EdgeKind.ONSET, here)] if self.speaking else [])]

    def _placed(self, edges: list[SpeechEdge], decided_until: float) -> list[SpeechEdge]:
        """Return edges of a detector at positions of the session."""
        placed = [SpeechEdge(each.kind, max(each.position + self._offset, self.decided_until)) for each in edges]
        if placed:
            self.speaking = placed[-1].kind is EdgeKind.ONSET
        self.decided_until = max(self.decided_until, decided_until + self._offset)
        return placed
