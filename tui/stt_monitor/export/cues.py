"""Turns as subtitles have them: a text, and when it was spoken."""

from collections.abc import Iterable

import msgspec

from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.text import clean


class Cue(msgspec.Struct, frozen=True):
    """A text with its time, in whole milliseconds of audio."""

    start: int
    end: int
    text: str


def cues(turns: Iterable[FinishedTurn]) -> list[Cue]:
    """Return the turns that have words, in order, apart from one another, each at least a millisecond long.

    A cue lasts while it was spoken, as reference speech has it; without that, from `turn.start` to `turn.end`.
    """
    spoken = sorted((*when_spoken(each), clean(each.turn.transcript)) for each in turns)
    found: list[Cue] = []
    for start, end, text in spoken:
        if not text:
            continue
        if found and start < found[-1].end:
            found[-1] = msgspec.structs.replace(found[-1], end=max(start, found[-1].start + 1))
            start = max(start, found[-1].end)  # noqa: PLW2901  it gives way
        found.append(Cue(start, max(end, start + 1), text))
    return found


def when_spoken(each: FinishedTurn) -> tuple[int, int]:
    """Return from when to when a turn was spoken, in milliseconds of audio."""
    start, end = each.figures.speech_start_position, each.figures.speech_end_position
    start = each.start_position if start is None else start
    end = each.end_position if end is None or end <= start else end
    return in_ms(start), in_ms(end)


def in_ms(seconds: float) -> int:
    """Return a position in whole milliseconds."""
    return max(0, round(seconds * 1000))


def timestamp(position: int, point: str) -> str:
    """Write a position (ms) as `hh:mm:ss.mmm`, with `point` for the dot."""
    seconds, ms = divmod(position, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{ms:03}"
