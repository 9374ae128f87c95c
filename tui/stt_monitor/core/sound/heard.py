"""What pairs need of a session: its reference speech in the file, and what each turn made of it. Pure.

Places are seconds in the file, so that pauses and audio that was sent again change nothing. Live audio has no file:
there they are times of the session, which services side by side share.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

import msgspec

from stt_monitor.core.sound.reference_speech import Span

_TOUCHING_S: Final = 0.1
"""A pause of the file in the middle of speech leaves less than this between its halves."""

Stretch = tuple[float, float]
"""Places where speech begins and ends."""


class HeardTurn(msgspec.Struct, frozen=True, gc=False):  # no cycles, and there are very many
    """A finished turn."""

    number: int
    first: int
    """Index of the first stretch that it claims; if it claims none, of the one before it (-1: none)."""
    last: int | None
    """Index of the last one; None where it claims none."""
    at: float
    """Place where its speech begins; of its end, where it claims none."""
    counts: bool
    """Whether the service ended it, and nothing held it up."""
    onset: float | None = None
    """Place from which its latencies are measured that begin with the onset of speech."""
    end: float | None = None
    """The same for those that begin with the end of speech."""
    values: dict[str, float] = {}
    """By metric key, in the metric's unit of measurement; empty for a turn that is in no summary."""


class Interruptions(msgspec.Struct, frozen=True):
    """Where the file was paused, or sent again: what the service made of that says nothing about the same audio."""

    within: frozenset[int] = frozenset()
    """Indexes of the stretches in the middle of which it was."""
    after: frozenset[int] = frozenset()
    """Indexes of the stretches between which and the next one it was."""

    def touch(self, first: int, last: int) -> bool:
        """Return whether they are anywhere from one stretch to another."""
        return not (self.within.isdisjoint(range(first, last + 1)) and self.after.isdisjoint(range(first, last)))


class Heard(msgspec.Struct, frozen=True):
    """A session, as far as pairs need it."""

    source: str
    started_at: str
    live: bool
    """Whether there is no file: places are times."""
    audio_id: str
    """Empty in old recordings."""
    degraded: tuple[str, ...]
    reference: str
    """Source of reference speech."""
    duration: float | None
    """Length of the file, seconds."""
    until: float
    """Place up to which it was heard."""
    speech: tuple[Stretch, ...]
    missed: frozenset[int]
    """Indexes of the stretches that no turn claims."""
    interruptions: Interruptions
    turns: tuple[HeardTurn, ...]


def merged(*speech: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return speech of several together: stretches that overlap or touch are one."""
    found: list[Stretch] = []
    for onset, end in sorted(stretch for each in speech for stretch in each):
        if found and onset <= found[-1][1] + _TOUCHING_S:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((onset, end))
    return tuple(found)


class Finder:
    """Finds stretches by what is in them."""

    def __init__(self, speech: Iterable[Stretch]) -> None:
        self._onsets = [onset for onset, _ in speech]

    def __call__(self, what: Span | float) -> int:
        """Return the index of the last stretch that begins at a place, or where a span does, or before; -1: none."""
        return bisect_right(self._onsets, stretch_of(what)[0] if isinstance(what, Span) else what) - 1


def stretch_of(span: Span) -> Stretch:
    """Return the positions of a span; an open one has no length yet."""
    onset = span.onset if span.onset_in_file is None else span.onset_in_file
    end = span.end if span.onset_in_file is None else span.end_in_file
    return onset, onset if end is None else max(onset, end)
