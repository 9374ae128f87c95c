"""A TextGrid for Praat: speech, turns, states and events in a tier each, below the waveform.

It is the long text format of https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.export.tiers import Interval, Point, event_tier, length, speech_tier, state_tier, turn_tier


def textgrid(snapshot: Snapshot) -> Iterator[str]:
    """Yield the tiers of a session."""
    return (f"{line}\n" for line in _lines(snapshot))


def _lines(snapshot: Snapshot) -> Iterator[str]:
    turns, end = snapshot.finished, max(length(snapshot), 1)
    interval_tiers = {"speech": speech_tier, "turns": turn_tier, "state": state_tier}
    yield from ('File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_s(end)}")
    yield from ("tiers? <exists>", f"size = {len(interval_tiers) + 1}", "item []:")
    for number, (name, tier) in enumerate(interval_tiers.items(), 1):
        yield from _tier(number, "IntervalTier", name, end)
        # The count comes first, so each tier is made twice.
        yield f"        intervals: size = {_count(_without_gaps(tier(turns), end))}"
        for place, interval in enumerate(_without_gaps(tier(turns), end), 1):
            yield f"        intervals [{place}]:"
            yield f"            xmin = {_s(interval.start)}"
            yield f"            xmax = {_s(interval.end)}"
            yield f"            text = {_quoted(interval.text)}"
    yield from _tier(len(interval_tiers) + 1, "TextTier", "events", end)
    yield f"        points: size = {_count(_merged(event_tier(snapshot)))}"
    for place, point in enumerate(_merged(event_tier(snapshot)), 1):
        yield f"        points [{place}]:"
        yield f"            number = {_s(point.at)}"
        yield f"            mark = {_quoted(point.text)}"


def _tier(number: int, kind: str, name: str, end: int) -> Iterator[str]:
    yield f"    item [{number}]:"
    yield f'        class = "{kind}"'
    yield f"        name = {_quoted(name)}"
    yield "        xmin = 0"
    yield f"        xmax = {_s(end)}"


def _count(things: Iterable[object]) -> int:
    return sum(1 for _ in things)


def _without_gaps(intervals: Iterable[Interval], end: int) -> Iterator[Interval]:
    """Fill gaps with empty intervals: an interval tier must have none."""
    at = 0
    for interval in intervals:
        if at < interval.start:
            yield Interval(at, interval.start, "")
        yield interval
        at = interval.end
    if at < end:
        yield Interval(at, end, "")


def _merged(points: Iterable[Point]) -> Iterator[Point]:
    """Merge points at the same time: a tier allows only one."""
    for at, group in groupby(points, key=lambda point: point.at):
        yield Point(at, " + ".join(point.text for point in group))


def _s(position: int) -> str:
    return f"{position / 1000:.3f}"


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
