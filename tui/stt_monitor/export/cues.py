"""Turns as subtitle cues: a text, and when it was spoken."""

from collections.abc import Iterable, Iterator

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.text.sanitize import clean
from stt_monitor.export.merge import in_order


class Cue(msgspec.Struct, frozen=True):
    """A text and its time, in whole milliseconds of audio."""

    start: int
    end: int
    text: str


def cues(turns: Iterable[FinishedTurn]) -> Iterator[Cue]:
    """Yield a cue for each turn with words, in order, without overlap, each at least 1 ms long.

    A cue lasts as long as its reference speech; without that, from `turn.start` to `turn.end`.
    """
    last: Cue | None = None
    for start, end, text in in_order((*when_spoken(each), clean(each.turn.transcript)) for each in turns):
        if not text:
            continue
        begin = start
        if last is not None:
            if start < last.end:  # the earlier cue ends sooner
                last = msgspec.structs.replace(last, end=max(start, last.start + 1))
                begin = max(start, last.end)
            yield last
        last = Cue(begin, max(end, begin + 1), text)
    if last is not None:
        yield last


def when_spoken(each: FinishedTurn) -> tuple[int, int]:
    """Return start and end of what was spoken in a turn, in milliseconds of audio."""
    start, end = each.metrics.speech_start_position, each.metrics.speech_end_position
    start = each.start_position if start is None else start
    end = each.end_position if end is None or end <= start else end
    return in_ms(start), in_ms(end)


def in_ms(seconds: float) -> int:
    """Convert a position (s) to whole milliseconds."""
    return max(0, round(seconds * 1000))


def timestamp(position: int, point: str) -> str:
    """Format a position (ms) as `hh:mm:ss.mmm`, with `point` as the decimal point."""
    seconds, ms = divmod(position, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{ms:03}"
