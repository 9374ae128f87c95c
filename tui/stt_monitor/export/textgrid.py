"""A TextGrid for Praat: speech, turns, states, the agent and events in a tier each, below the waveform.

It is the long text format of https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, groupby
from typing import Final

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.export.tiers import Interval, Point, agent_tier, event_tier, length, speech_tier, state_tier, turn_tier

_Tier = Callable[[Snapshot], Iterator[Interval]]
_INTERVAL_TIERS: Final[dict[str, _Tier]] = {
    "speech": lambda snapshot: speech_tier(snapshot.finished),
    "turns": lambda snapshot: turn_tier(snapshot.finished),
    "state": lambda snapshot: state_tier(snapshot.finished),
}
_WITH_AGENT: Final[dict[str, _Tier]] = {**_INTERVAL_TIERS, "agent": agent_tier}
"""The tiers where the agent's side of the call is heard."""


def textgrid(snapshot: Snapshot) -> Iterator[str]:
    """Yield the tiers of a session."""
    return (f"{line}\n" for line in _lines({"": snapshot}))


def textgrid_side_by_side(lanes: Mapping[str, Snapshot]) -> Iterator[str]:
    """Yield the tiers of several services, each with the service's name in front."""
    return (f"{line}\n" for line in _lines(lanes))


def _lines(lanes: Mapping[str, Snapshot]) -> Iterator[str]:
    end = max(1, *map(length, lanes.values()))
    yield from ('File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_s(end)}")
    tiers = {service: _WITH_AGENT if each.session.agent else _INTERVAL_TIERS for service, each in lanes.items()}
    yield from ("tiers? <exists>", f"size = {sum(len(each) + 1 for each in tiers.values())}", "item []:")
    number = count(1)
    for service, snapshot in lanes.items():
        before = f"{service} " if service else ""
        for name, tier in tiers[service].items():
            yield from _tier(next(number), "IntervalTier", before + name, end)
            yield from _intervals(snapshot, tier, end)
        yield from _tier(next(number), "TextTier", f"{before}events", end)
        yield from _points(snapshot)


def _intervals(snapshot: Snapshot, tier: _Tier, end: int) -> Iterator[str]:
    """Yield the intervals of a tier; their count comes first, so it is made twice."""
    yield f"        intervals: size = {_count(_without_gaps(tier(snapshot), end))}"
    for place, interval in enumerate(_without_gaps(tier(snapshot), end), 1):
        yield f"        intervals [{place}]:"
        yield f"            xmin = {_s(interval.start)}"
        yield f"            xmax = {_s(interval.end)}"
        yield f"            text = {_quoted(interval.text)}"


def _points(snapshot: Snapshot) -> Iterator[str]:
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
