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

WARM_UP_S: Final = 3.0
"""Audio that a detector of its own hears first, so that it knows background and voice."""


class _Result(NamedTuple):
    """A piece of audio, and the state of the detector after it."""

    data: bytes
    edges: list[SpeechEdge]
    speaking: bool
    decided_until: float
    ends_at: float
    """Its end, seconds of audio."""


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
            detector: hears them first.
            make: makes another, for a session whose audio differs.
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

    def before(self, number: int) -> list[bytes]:
        """Return the last pieces before piece `number`, `WARM_UP_S` of them."""
        with self._lock:
            first = self._count - len(self._results)
            known = list(self._results)[: max(0, number - first)]
        begin = known[-1].ends_at - WARM_UP_S if known else 0.0
        return [each.data for each in known if each.ends_at > begin]

    def _add(self, data: bytes) -> None:
        edges = self._detector.feed(data)
        before = self._results[-1].ends_at if self._results else 0.0
        ends_at = before + len(data) / self.format.bytes_per_second
        self._results.append(_Result(data, edges, self._detector.speaking, self._detector.decided_until, ends_at))
        self._count += 1
        while ends_at - self._results[0].ends_at > KEPT_S:
            self._results.popleft()

    def _result(self, number: int) -> _Result | None:
        index = number - (self._count - len(self._results))
        return self._results[index] if 0 <= index < len(self._results) else None


class FollowedSpeech:
    """A `SpeechFinder` that asks a shared detector, and goes on with one of its own once its audio differs.

    Its audio differs where some was dropped or sent again. Its own detector first hears the audio just before.
    """

    def __init__(self, shared: SharedSpeech) -> None:
        self.speaking = False
        """Whether the last edge returned was an onset."""
        self.decided_until = 0.0
        """Seconds of audio before which no more edges can appear. Never decreases."""
        self._shared = shared
        self._number = 0
        self._heard = 0.0  # seconds of audio
        self._own: SpeechFinder | None = None
        self._own_began = 0.0

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Process the next whole samples; see `SpeechFinder`."""
        edges = self._followed(data)
        if edges is None:
            edges = [*self._diverge(), *self._from_own(self._own_detector.feed(data, recorded_at))]
        self._heard += len(data) / self._shared.format.bytes_per_second
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
        edges = None if self._own is not None else self._shared.finish(self._number)
        if edges is not None:
            self.speaking, self.decided_until = False, self._heard
            return edges
        began = self._diverge()
        return [*began, *self._from_own(self._own_detector.finish())]

    def _followed(self, data: bytes) -> list[SpeechEdge] | None:
        result = None if self._own is not None else self._shared.feed(self._number, data)
        if result is None:
            return None
        self._number += 1
        self.speaking, self.decided_until = result.speaking, result.decided_until
        return result.edges

    @property
    def _own_detector(self) -> SpeechFinder:
        assert self._own is not None
        return self._own

    def _diverge(self) -> list[SpeechEdge]:
        """Change to a detector of its own; return the edge by which it sees the audio so far in another way, if any."""
        if self._own is not None:
            return []
        pieces = self._shared.before(self._number)
        self._own = self._shared.make()
        assert self._own is not None, "there was one before"
        self._own_began = self._heard - sum(map(len, pieces)) / self._shared.format.bytes_per_second
        last = [edge for piece in pieces for edge in self._own.feed(piece)][-1:]
        if self._own.speaking is self.speaking:
            return []
        kind = EdgeKind.ONSET if self._own.speaking else EdgeKind.END
        return self._from_own(last or [SpeechEdge(kind, self._heard - self._own_began)])

    def _from_own(self, edges: list[SpeechEdge]) -> list[SpeechEdge]:
        """Return edges of its own detector at positions of the session."""
        placed = [SpeechEdge(each.kind, max(each.position + self._own_began, self.decided_until)) for each in edges]
        if placed:
            self.speaking = placed[-1].kind is EdgeKind.ONSET
        self.decided_until = max(self.decided_until, self._own_detector.decided_until + self._own_began)
        return placed
