"""Whether two sessions heard the same audio. Pure."""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Final, TypeVar

from stt_monitor.core.sound.heard import Heard, Stretch

T = TypeVar("T")

TOLERANCE_S: Final = 0.1
"""The detector finds the same onset or end within this, wherever a frame of its begins."""

_LENGTH_TOLERANCE_S: Final = 0.01
_SHARE: Final = 0.8
"""Share of the stretches that has to agree: around a pause the detector may find others."""
_FEWEST: Final = 3
"""Stretches that have to agree where not even the length of the audio is known."""


class Unpaired(Enum):
    """Why two sessions have no pairs; values are for display."""

    AUDIO = "other audio"
    DEGRADED = "degraded otherwise"
    REFERENCE = "other reference speech"


def why_unpaired(before: Heard, after: Heard) -> Unpaired | None:
    """Return why two sessions cannot be compared turn by turn; None if they can.

    Of old recordings only the reference speech tells whether the audio was the same.
    """
    if _run_of(before) == _run_of(after):  # side by side, or the same
        return None
    if before.live or after.live:
        return Unpaired.AUDIO
    known = before.audio_id and after.audio_id
    if known and before.audio_id != after.audio_id:
        return Unpaired.AUDIO
    if before.degraded != after.degraded:
        return Unpaired.DEGRADED
    if before.reference != after.reference:
        return Unpaired.REFERENCE
    return None if known or _agree(before, after) else Unpaired.AUDIO


def _run_of(heard: Heard) -> tuple[object, ...]:
    return heard.started_at, heard.source, heard.audio_id, heard.degraded


def _agree(before: Heard, after: Heard) -> bool:
    """Return whether the reference speech is the same, as far as both got the audio."""
    lengths = [each.duration for each in (before, after) if each.duration is not None]
    if max(lengths, default=0.0) - min(lengths, default=0.0) > _LENGTH_TOLERANCE_S:
        return False
    until = min(before.until, after.until) - TOLERANCE_S
    one, other = ([stretch for stretch in each.speech if stretch[1] < until] for each in (before, after))
    agreeing = sum(abs(mine[1] - theirs[1]) <= TOLERANCE_S for mine, theirs in close(one, other, key=_onset))
    fewest = 1 if len(lengths) > 1 else _FEWEST
    return agreeing >= max(fewest, _SHARE * max(len(one), len(other)))


def _onset(stretch: Stretch) -> float:
    return stretch[0]


def close(one: Sequence[T], other: Sequence[T], *, key: Callable[[T], float]) -> Iterator[tuple[T, T]]:
    """Yield pairs at the same position in both, each once; both are ordered by position."""
    index = 0
    for mine in one:
        while index < len(other) and key(other[index]) < key(mine) - TOLERANCE_S:
            index += 1
        if index < len(other) and key(other[index]) <= key(mine) + TOLERANCE_S:
            yield mine, other[index]
            index += 1
