"""True turns by setting: which are the same in all cells, and which all settings have. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sweep.grid import Cell
from stt_monitor.core.sweep.outcome import UNKNOWN, CellOutcome, TurnOutcome

_SAME_S: Final = 0.25
"""Turns of a recording that begin this close to each other, seconds, are the same: audio sent again moves them."""

_ENOUGH: Final = 0.5
"""A setting with less than this share of the turns is not compared: it would reduce all others to its turns."""


class Spoken(NamedTuple):
    """A true turn, once for all settings, arms and repetitions: what a bootstrap draws."""

    recording: str
    number: int


class Key(NamedTuple):
    """A true turn as measured by one cell of each setting."""

    spoken: Spoken
    arm: str
    repetition: int


Turns = Mapping[Key, TurnOutcome]
"""True turns, and what became of them under one setting."""


def by_setting(outcomes: Mapping[Cell, CellOutcome]) -> dict[TurnSettings, dict[Key, TurnOutcome]]:
    """Return the true turns of each setting.

    The only turn of a recording is no `first` turn: a set of recordings with one turn each would have no other. A turn
    of which nothing can be told under a setting is none of its turns.
    """
    numbers = {recording: _numbers(of) for recording, of in _by_recording(outcomes).items()}
    found: dict[TurnSettings, dict[Key, TurnOutcome]] = {}
    for cell, outcome in outcomes.items():
        own = found.setdefault(cell.settings, {})
        for turn in outcome.turns:
            if turn.standing == UNKNOWN:
                continue
            spoken = Spoken(cell.recording, numbers[cell.recording][turn.position])
            alone = msgspec.structs.replace(turn, first=False) if len(outcome.turns) == 1 else turn
            own[Key(spoken, cell.arm, cell.repetition)] = alone
    return found


def compared(settings: Mapping[TurnSettings, Turns]) -> dict[TurnSettings, Turns]:
    """Return the turns by which settings are compared: those that all have, but for settings that lack most.

    An end that does not count under one setting, though the turn does, counts under none: our own `close` overtakes the
    late ones.
    """
    most = max(map(len, settings.values()), default=0)
    compared = {each: turns for each, turns in settings.items() if turns and len(turns) >= _ENOUGH * most}
    if not compared:
        return {}
    common = set.intersection(*(set(turns) for turns in compared.values()))
    endless = {
        key: turn.standing
        for turns in compared.values()
        for key, turn in turns.items()
        if turn.counts and not turn.end_counts
    }
    return {
        each: {key: _endless(turn, endless.get(key, "")) for key, turn in turns.items() if key in common}
        for each, turns in compared.items()
        if common
    }


def _endless(turn: TurnOutcome, standing: str) -> TurnOutcome:
    return msgspec.structs.replace(turn, standing=standing) if standing and not turn.standing else turn


def _by_recording(outcomes: Mapping[Cell, CellOutcome]) -> dict[str, list[CellOutcome]]:
    found: dict[str, list[CellOutcome]] = {}
    for cell, outcome in outcomes.items():
        found.setdefault(cell.recording, []).append(outcome)
    return found


def _numbers(outcomes: Iterable[CellOutcome]) -> dict[float, int]:
    """Number the turns of a recording by where they begin, whatever cells have them."""
    numbers: dict[float, int] = {}
    number, before = -1, -1.0
    for position in sorted({turn.position for outcome in outcomes for turn in outcome.turns}):
        number += not numbers or position - before > _SAME_S
        numbers[position], before = number, position
    return numbers
