"""Looks for the setting that would have ended a turn sooner at no cost, judged over all turns of the session.

Making it takes a look at each point of the likelihood that is kept, and so does each setting, once for all turns.
"""

from collections.abc import Iterator
from typing import Final

from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.settings import Schema, Setting, TurnSettings
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.what_if.evidence import NOT_KEPT, Evidence
from stt_monitor.core.what_if.session import WhatIf, what_if
from stt_monitor.core.what_if.turn import what_if_turn
from stt_monitor.core.why.other import Other

_AT_LEAST_S: Final = 0.05
"""A turn that ends by less than this sooner is no gain: points of the likelihood are nearly as far apart."""
_MOST: Final = 12
"""Values of a setting to try: each takes a look at the whole session."""
_DIGITS: Final = 4


class Others:
    """What other settings would have done, for any turn of a session."""

    def __init__(self, snapshot: Snapshot, schema: Schema) -> None:
        """Prepare a session; `schema`: of its service's settings."""
        self._evidence: Final = Evidence.of_newest(snapshot, schema)
        self._places = {each.finished.turn.number: place for place, each in enumerate(self._evidence.turns)}
        self._turns = sum(
            not each.metrics.pending and inclusion(each.turn, each.metrics) in _COUNTED for each in snapshot.finished
        )
        self._so_far = snapshot.running
        self._found: dict[TurnSettings, WhatIf] = {}

    def of(self, finished: FinishedTurn) -> Other:
        """Return what is best for a turn that the service ended."""
        place = self._places.get(finished.turn.number)
        if place is None:
            return Other(unknown=NOT_KEPT)
        schema, unknown = self._evidence.schema, ""
        best: tuple[tuple[int, float], Other] | None = None
        for setting, settings in _sooner(schema, finished):
            one = what_if_turn(self._evidence, place, settings)
            unknown = unknown or one.unknown
            if one.later is None or one.split or one.cut or -one.later < _AT_LEAST_S:
                continue
            other = self._judged(setting, settings, -one.later)
            rank = (other.cut + other.split, -other.sooner)
            if best is None or rank < best[0]:
                best = (rank, other)
        if best is not None:
            return best[1]
        return Other(unknown=unknown) if unknown else Other(at_least=_AT_LEAST_S)

    def _judged(self, setting: Setting, settings: TurnSettings, sooner: float) -> Other:
        if settings not in self._found:
            self._found[settings] = what_if(self._evidence, settings)
        found = self._found[settings]
        value = settings[setting.name]
        return Other(
            f"{setting.label} {setting.text(value)}{setting.unit and f' {setting.unit}'}",
            sooner,
            cut=sum(each.cut and not each.before.metrics.false_cutoff for each in found.known),
            cut_already=sum(each.before.metrics.false_cutoff is True for each in found.known),
            split=found.splits_without_cut_off,
            known=len(found.known),
            turns=self._turns,
            so_far=self._so_far,
        )


_COUNTED: Final = (Inclusion.SUMMARY, Inclusion.FIRST)


def _sooner(schema: Schema, finished: FinishedTurn) -> Iterator[tuple[Setting, TurnSettings]]:
    """Yield settings that end turns sooner: one each, step by step, as far as the service takes them."""
    settings = finished.turn.settings
    values = schema.completed(settings)
    threshold = schema.threshold("idle")
    steps = [] if threshold is None else [(threshold, -1 if threshold.confidence_of_end else 1)]
    if finished.metrics.end_reason == "timeout" and schema.end_timeout:
        steps.append((schema[schema.end_timeout], -1))
    for setting, direction in steps:
        if setting.name not in values:
            continue
        for step in range(1, _MOST + 1):
            value = round(values[setting.name] + direction * step * setting.step, _DIGITS)
            other = TurnSettings({**settings, setting.name: value})
            if schema.problem(other):
                break
            yield setting, other
