"""A TextGrid for Praat: speech, turns, states and events in a tier each, above the sound.

The form is the long text form of https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html.
"""

from collections.abc import Iterator

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.export.lanes import Lanes, Point, Stretch, lanes


def textgrid(snapshot: Snapshot) -> str:
    """Return the lanes of a session as tiers."""
    return "\n".join(_lines(lanes(snapshot))) + "\n"


def _lines(all_lanes: Lanes) -> Iterator[str]:
    end = max(all_lanes.length, 1)
    interval_tiers = {"speech": all_lanes.speech, "turns": all_lanes.turns, "state": all_lanes.states}
    yield from ('File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_s(end)}")
    yield from ("tiers? <exists>", f"size = {len(interval_tiers) + 1}", "item []:")
    for number, (name, stretches) in enumerate(interval_tiers.items(), 1):
        yield from _tier(number, "IntervalTier", name, end)
        filled = _filled(stretches, end)
        yield f"        intervals: size = {len(filled)}"
        for place, stretch in enumerate(filled, 1):
            yield f"        intervals [{place}]:"
            yield f"            xmin = {_s(stretch.start)}"
            yield f"            xmax = {_s(stretch.end)}"
            yield f"            text = {_quoted(stretch.text)}"
    yield from _tier(len(interval_tiers) + 1, "TextTier", "events", end)
    points = _merged(all_lanes.events)
    yield f"        points: size = {len(points)}"
    for place, point in enumerate(points, 1):
        yield f"        points [{place}]:"
        yield f"            number = {_s(point.at)}"
        yield f"            mark = {_quoted(point.text)}"


def _tier(number: int, kind: str, name: str, end: int) -> Iterator[str]:
    yield f"    item [{number}]:"
    yield f'        class = "{kind}"'
    yield f"        name = {_quoted(name)}"
    yield "        xmin = 0"
    yield f"        xmax = {_s(end)}"


def _filled(stretches: list[Stretch], end: int) -> list[Stretch]:
    """An interval tier has no holes: what lies between stretches is an interval without text."""
    filled: list[Stretch] = []
    at = 0
    for stretch in stretches:
        if at < stretch.start:
            filled.append(Stretch(at, stretch.start, ""))
        filled.append(stretch)
        at = stretch.end
    return [*filled, Stretch(at, end, "")] if at < end else filled


def _merged(points: list[Point]) -> list[Point]:
    """Two points of a tier cannot be at the same instant."""
    merged: list[Point] = []
    for point in points:
        if merged and merged[-1].at == point.at:
            merged[-1] = Point(point.at, f"{merged[-1].text} + {point.text}")
        else:
            merged.append(point)
    return merged


def _s(position: int) -> str:
    return f"{position / 1000:.3f}"


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
