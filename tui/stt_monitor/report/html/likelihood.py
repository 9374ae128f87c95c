"""The likelihood in a turn, and the thresholds in force then. `templates/likelihood.html` draws it.

Places are shares of the width, in per cent; heights shares of the lane's, from above.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.notes import settings_since
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.likelihood import LikelihoodPoint

_STATES: Final = ("speaking", "eager_end", "idle")
"""States that thresholds of the likelihood lead to, the highest first."""
_APART_S: Final = 0.3
"""Between points farther apart than this, a likelihood may have been anywhere: no line joins them."""
_MOST: Final = 600
"""Points that are drawn of a turn: more are closer together than a screen shows."""
_LABEL: Final = 26.0
"""Height of a label, as a share of the lane's."""

Place = tuple[float, float]
"""Share of the width, share of the height."""


class Threshold(msgspec.Struct, frozen=True):
    """A threshold while some settings were in force."""

    x1: float
    x2: float
    y: float


class Label(msgspec.Struct, frozen=True):
    """What a threshold is called, beside it."""

    y: float
    text: str


class Likelihood(msgspec.Struct, frozen=True):
    """The likelihood in a turn."""

    lines: tuple[str, ...]
    """Points of lines, x and y from 0 to 100."""
    thresholds: tuple[Threshold, ...]
    labels: tuple[Label, ...]
    lowest: float


def likelihood(
    each: FinishedTurn, snapshot: Snapshot, schema: Schema, x: Callable[[float], float]
) -> Likelihood | None:
    """Return the likelihood from the start of a turn to its end; None where it is not known.

    Args:
        each: the turn.
        snapshot: of its session, with the likelihood as far as it is kept.
        schema: of its service's settings.
        x: maps a position of the audio (s) to a share of the width.
    """
    points = _within(snapshot.likelihood, each.turn.started_at, each.turn.over_at)
    if len(points) <= 1:
        return None
    thresholds = list(_thresholds(each, snapshot, schema, x))
    last = {name: (y, text) for name, y, text, _ in thresholds}
    return Likelihood(
        lines=tuple(_lines(points, x)),
        thresholds=tuple(line for *_, line in thresholds),
        labels=tuple(_apart(last.values())),
        lowest=min(point.value for point in points),
    )


def _within(points: Sequence[LikelihoodPoint], since: float, until: float) -> Sequence[LikelihoodPoint]:
    return points[bisect_left(points, since, key=_time) : bisect_right(points, until, key=_time)]


def _time(point: LikelihoodPoint) -> float:
    return point.at


def _lines(points: Sequence[LikelihoodPoint], x: Callable[[float], float]) -> Iterator[str]:
    """Yield the lines between points, none over a gap."""
    step = max(len(points) // _MOST, 1)
    line: list[str] = []
    before = -inf
    for point in [*points[:-1:step], points[-1]]:
        if line and point.position - before > _APART_S * step:
            yield " ".join(line)
            line = []
        line.append(f"{x(point.position):.2f},{_y(point.value):.1f}")
        before = point.position
    yield " ".join(line)


def _thresholds(
    each: FinishedTurn, snapshot: Snapshot, schema: Schema, x: Callable[[float], float]
) -> Iterator[tuple[str, float, str, Threshold]]:
    """Yield each threshold in force, with its name, height and label: a piece for each settings in the turn."""
    for since, until, settings in _in_force(each, snapshot):
        values = schema.completed(settings)
        for state in _STATES:
            setting = schema.threshold(state)
            if setting is not None and setting.name in values:
                value = setting.likelihood(values[setting.name])
                line = Threshold(x(each.position_at(since)), x(each.position_at(until)), _y(value))
                yield setting.name, _y(value), f"{value:g} {setting.word}", line


def _in_force(each: FinishedTurn, snapshot: Snapshot) -> Iterator[tuple[float, float, TurnSettings]]:
    """Yield what settings were in force in a turn, from when to when (seconds of session)."""
    known = settings_since(snapshot.notes, each.turn.settings)
    for (since, settings), until in zip(known, [at for at, _ in known[1:]] + [inf], strict=True):
        first, last = max(since, each.turn.started_at), min(until, each.turn.over_at)
        if first < last:
            yield first, last, settings


def _apart(labels: Iterable[tuple[float, str]]) -> Iterator[Label]:
    """Yield labels, moved apart where they would overlap."""
    free = 0.0
    ordered = sorted(labels)
    for place, (y, text) in enumerate(ordered):
        room = 100.0 - _LABEL * (len(ordered) - place - 1)
        height = max(min(y, room), free)
        free = height + _LABEL
        yield Label(height, text)


def _y(value: float) -> float:
    return 100 - 100 * min(max(value, 0.0), 1.0)
