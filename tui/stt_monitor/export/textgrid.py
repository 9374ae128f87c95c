"""A TextGrid for Praat: speech, turns, states and events in a tier each, above the sound.

The form is the long text form of https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.export.tiers import Point, Stretch, event_lane, length, speech_lane, state_lane, turn_lane


def textgrid(snapshot: Snapshot) -> Iterator[str]:
    """Give the lanes of a session as tiers."""
    return (f"{line}\n" for line in _lines(snapshot))


def _lines(snapshot: Snapshot) -> Iterator[str]:
    turns, end = snapshot.finished, max(length(snapshot), 1)
    interval_tiers = {"speech": speech_lane, "turns": turn_lane, "state": state_lane}
    yield from ('File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_s(end)}")
    yield from ("tiers? <exists>", f"size = {len(interval_tiers) + 1}", "item []:")
    for number, (name, lane) in enumerate(interval_tiers.items(), 1):
        yield from _tier(number, "IntervalTier", name, end)
        yield f"        intervals: size = {_count(_filled(lane(turns), end))}"  # before them: so they are made twice
        for place, stretch in enumerate(_filled(lane(turns), end), 1):
            yield f"        intervals [{place}]:"
            yield f"            xmin = {_s(stretch.start)}"
            yield f"            xmax = {_s(stretch.end)}"
            yield f"            text = {_quoted(stretch.text)}"
    yield from _tier(len(interval_tiers) + 1, "TextTier", "events", end)
    yield f"        points: size = {_count(_merged(event_lane(turns)))}"
    for place, point in enumerate(_merged(event_lane(turns)), 1):
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


def _filled(stretches: Iterable[Stretch], end: int) -> Iterator[Stretch]:
    """An interval tier has no holes: what lies between stretches is an interval without text."""
    at = 0
    for stretch in stretches:
        if at < stretch.start:
            yield Stretch(at, stretch.start, "")
        yield stretch
        at = stretch.end
    if at < end:
        yield Stretch(at, end, "")


def _merged(points: Iterable[Point]) -> Iterator[Point]:
    """Two points of a tier cannot be at the same instant."""
    for at, together in groupby(points, key=lambda point: point.at):
        yield Point(at, " + ".join(point.text for point in together))


def _s(position: int) -> str:
    return f"{position / 1000:.3f}"


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
