"""Chooses the setting that would have ended a turn sooner at no cost to the others of its session. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Self

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.settings.requested import Schema, Setting, TurnSettings
from stt_monitor.core.what_if.session import counts
from stt_monitor.core.what_if.turn import WhatIfTurn
from stt_monitor.core.why.other import Other

_AT_LEAST_S: Final = 0.05
"""A turn that ends by less than this sooner is no gain: points of the likelihood are nearly as far apart."""
_MOST: Final = 12
"""Values of a setting to try: each takes a look at the whole session."""
_DIGITS: Final = 4


class Tally(msgspec.Struct):
    """What a setting would have done to the turns of a session, counted."""

    known: int = 0
    """Turns for which it is known; the other counts refer to these."""
    cut: int = 0
    """Turns that would have been cut off, and were not."""
    cut_already: int = 0
    """Turns that were cut off as it is."""
    split: int = 0
    """Turns that would have ended in a pause that they survived, without a cut-off that is counted above."""

    @classmethod
    def of(cls, turns: Iterable[WhatIfTurn]) -> Self:
        """Count turns."""
        tally = cls()
        for each in turns:
            tally.add(each)
        return tally

    def add(self, each: WhatIfTurn) -> None:
        """Count a turn, if it can be told and says something of the service."""
        if each.unknown or not counts(each):
            return
        self.known += 1
        self.cut += each.newly_cut
        self.cut_already += each.was_cut
        self.split += each.split_besides


def best(
    sooner: Iterable[tuple[Setting, TurnSettings]],
    judged: Callable[[TurnSettings], WhatIfTurn],
    tally: Callable[[TurnSettings], Tally],
    *,
    flaw: str,
    alone: tuple[str, ...],
    turns: int,
    so_far: bool,
) -> Other:
    """Return the setting that costs the fewest turns, and of those the one that ends a turn soonest.

    Args:
        sooner: settings to try.
        judged: returns the turn under settings.
        tally: returns what they do to the whole session.
        flaw: why nothing can be told of the turn, whatever is tried; empty where it can.
        alone: what the settings to try are called, each of which is changed alone.
        turns: of the session that say something of the service.
        so_far: whether the session goes on.
    """
    unknown = flaw
    found: tuple[tuple[int, float], Other] | None = None
    for setting, settings in sooner:
        one = judged(settings)
        unknown = unknown or one.unknown
        if one.later is None or one.split or one.cut or -one.later < _AT_LEAST_S:
            continue
        costs = tally(settings)
        rank = (costs.cut + costs.split, one.later)
        if found is None or rank < found[0]:
            found = rank, _other(setting, settings, one, costs, turns=turns, so_far=so_far)
    if found is not None:
        return found[1]
    return Other(unknown=unknown) if unknown else Other(at_least=_AT_LEAST_S, alone=alone)


def sooner(schema: Schema, finished: FinishedTurn, *, timeouts: bool) -> Iterator[tuple[Setting, TurnSettings]]:
    """Yield settings that end turns sooner: one each, step by step, as far as the service takes them.

    Args:
        schema: of the service's settings.
        finished: the turn whose settings are changed.
        timeouts: whether to yield shorter timeouts too.
    """
    settings = finished.turn.settings
    values = schema.completed(settings)
    for setting, direction in _directions(schema, timeouts=timeouts):
        if setting.name not in values:
            continue
        for value in _values(setting, values[setting.name], direction):
            other = TurnSettings({**settings, setting.name: value})
            if not schema.problem(other):
                yield setting, other


def _values(setting: Setting, value: float, direction: int) -> Iterator[float]:
    """Yield values step by step, and last the end of the range, which may be nearer than a step, or beyond the last."""
    last = setting.high if direction > 0 else setting.low
    for step in range(1, _MOST + 1):
        tried = round(value + direction * step * setting.step, _DIGITS)
        if (last - tried) * direction <= 0:
            break
        yield tried
    if last != value:
        yield last


def labels(schema: Schema, *, timeouts: bool) -> tuple[str, ...]:
    """Return what the settings are called that `sooner` tries, and in which steps: not what lies between."""
    return tuple(
        f"{setting.label} in steps of {setting.text(setting.step)}{setting.unit and f' {setting.unit}'}"
        for setting, _ in _directions(schema, timeouts=timeouts)
    )


def _directions(schema: Schema, *, timeouts: bool) -> Iterator[tuple[Setting, int]]:
    """Yield the settings that may end turns sooner, and whether they rise (1) or fall (-1) then."""
    threshold = schema.threshold("idle")
    if threshold is not None:
        yield threshold, -1 if threshold.confidence_of_end else 1
    if timeouts and schema.end_timeout:
        yield schema[schema.end_timeout], -1


def by_timeout(finished: FinishedTurn) -> bool:
    """Return whether a shorter timeout may have ended a turn sooner: its timeout ended it."""
    return finished.metrics.end_reason == "timeout"


def _other(
    setting: Setting, settings: TurnSettings, one: WhatIfTurn, costs: Tally, *, turns: int, so_far: bool
) -> Other:
    assert one.later is not None, "checked by the caller"
    value = settings[setting.name]
    return Other(
        f"{setting.label} {setting.text(value)}{setting.unit and f' {setting.unit}'}",
        -one.later,
        coarse=one.coarse,
        cut=costs.cut,
        cut_already=costs.cut_already,
        split=costs.split,
        known=costs.known,
        turns=turns,
        so_far=so_far,
    )
