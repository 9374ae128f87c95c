"""Makes the result of a sweep from what its cells measured. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.sweep.curve import decisions, front, operating_points
from stt_monitor.core.sweep.figures import counts, figures, grouped
from stt_monitor.core.sweep.floor import SILENCES, Speech, Truth, floor, labelled_speech, truth_of
from stt_monitor.core.sweep.grid import Cell, in_common, settings_options, settings_text
from stt_monitor.core.sweep.observed import Turns, by_setting, compared
from stt_monitor.core.sweep.outcome import CellOutcome, TurnOutcome
from stt_monitor.core.sweep.recommendation import candidate, recommend
from stt_monitor.core.sweep.result import (
    FloorPoint,
    MissingCell,
    Part,
    Recommendation,
    SettingResult,
    SweepResult,
)
from stt_monitor.core.sweep.worst import worst_turns

CLEAN: Final = "clean"
ALL_ARMS: Final = "all arms"


class About(msgspec.Struct, frozen=True):
    """What a sweep is of."""

    service: str
    """Name for people; says so if the local server speaks for it."""
    model: str
    schema: Schema
    budget: float | None = None
    """Share of turns that may be cut off, 0 to 1; None: nothing is recommended."""
    left_out: str = ""
    """Combinations that the service would refuse, in a sentence (`grid.left_out`)."""


def compose(
    about: About,
    plan: Sequence[Cell],
    outcomes: Mapping[Cell, CellOutcome],
    *,
    why_missing: Mapping[Cell, str] | None = None,
    detected: Mapping[str, Speech] | None = None,
    resampled: bool = True,
) -> SweepResult:
    """Make the result.

    Args:
        about: what the sweep is of.
        plan: all cells, in order.
        outcomes: of the cells that are done.
        why_missing: why others have none, in a sentence.
        detected: by recording, the speech that a plain detector hears; without it the floor hears as labelled.
        resampled: whether to find intervals, which take a second or more: not while cells run.
    """
    known = {cell: outcomes[cell] for cell in plan if cell in outcomes}
    measured = [each for each in known.values() if each.turns] or list(known.values())
    fixed = in_common(cell.settings for cell in plan)
    context = _Context(about, tuple(plan), known, detected, all(each.exact for each in measured), resampled, fixed)
    arms = tuple(dict.fromkeys(cell.arm for cell in plan))
    parts = [_part(context, arm or CLEAN, (arm,)) for arm in arms]
    if len(arms) > 1:
        parts.insert(0, _part(context, ALL_ARMS, arms))
    reasons = why_missing or {}
    return SweepResult(
        service=about.service,
        model=about.model,
        recordings=tuple(dict.fromkeys(cell.recording for cell in plan)),
        arms=arms,
        repetitions=max((cell.repetition for cell in plan), default=0),
        cells=len(plan),
        exact=context.exact,
        parts=tuple(parts),
        missing=tuple(
            MissingCell(cell, context.label(cell.settings), reasons.get(cell, "not run"))
            for cell in plan
            if cell not in known
        ),
        left_out=about.left_out,
        fixed=settings_text(about.schema, fixed) if fixed else "",
        floor_by="labels" if detected is None else "detector",
    )


class _Context(msgspec.Struct, frozen=True):
    """What all parts of a result are made from."""

    about: About
    plan: tuple[Cell, ...]
    outcomes: Mapping[Cell, CellOutcome]
    detected: Mapping[str, Speech] | None
    exact: bool
    resampled: bool
    fixed: TurnSettings
    """What all settings of the sweep have."""

    def label(self, settings: TurnSettings) -> str:
        """Name settings by what not all of the sweep have."""
        return settings_text(self.about.schema, settings, self.fixed)


Groups = list[list[TurnOutcome]]
"""What became of each true turn, the same turns for all settings that are compared."""


def _part(context: _Context, name: str, arms: Sequence[str]) -> Part:
    """Make the part of some arms."""
    cells = [cell for cell in context.plan if cell.arm in arms]
    own = by_setting({cell: context.outcomes[cell] for cell in cells if cell in context.outcomes})
    against = compared(own)
    groups = {settings: _grouped(turns) for settings, turns in against.items()}
    truth = truth_of(own.values())
    turns = next(iter(against.values()), {})
    floors = _floors(context, truth, turns)
    shown = [FloorPoint(silence, figures(each, resampled=False)) for silence, each in floors.items()]
    settings = [
        _setting(context, each, [cell for cell in cells if cell.settings == each], own.get(each, {}), against.get(each))
        for each in dict.fromkeys(cell.settings for cell in cells)
    ]
    return Part(
        name=name,
        settings=tuple(_placed(settings, shown)),
        turns=len(turns),
        points=operating_points(
            [decisions(context.label(settings), each) for settings, each in groups.items()], resampled=context.resampled
        ),
        floor=tuple(shown),
        floor_points=operating_points(
            [decisions(f"silence {silence * 1000:.0f} ms", each) for silence, each in floors.items()],
            resampled=context.resampled,
        ),
        recommendation=_recommendation(context, groups),
    )


def _floors(context: _Context, truth: Truth, turns: Turns) -> dict[float, Groups]:
    """Judge the plain detector after each silence; empty without turns to judge."""
    if not turns:
        return {}
    speech = labelled_speech(truth) if context.detected is None else context.detected
    return {silence: floor(truth, turns, speech, silence) for silence in SILENCES}


def _setting(
    context: _Context, settings: TurnSettings, cells: Sequence[Cell], own: Turns, against: Turns | None
) -> SettingResult:
    figured = figures(_grouped(own), resampled=context.resampled)
    if against is None or against == own:
        common = None if against is None else figured
    else:
        common = figures(_grouped(against), resampled=context.resampled)
    done = sum(cell in context.outcomes for cell in cells)
    return SettingResult(
        settings=settings,
        label=context.label(settings),
        options=settings_options(context.about.schema, settings),
        figures=figured,
        compared=common,
        cells=done,
        missing=len(cells) - done,
        worst=worst_turns(own),
    )


def _placed(settings: Sequence[SettingResult], floors: Sequence[FloorPoint]) -> list[SettingResult]:
    """Say which settings are on the front, and how far each is ahead of silence."""
    points = [_point(each) for each in settings]
    return [
        msgspec.structs.replace(each, on_front=on_front, ahead_of_silence=_ahead(point, floors))
        for each, point, on_front in zip(settings, points, front(points), strict=True)
    ]


def _point(each: SettingResult) -> tuple[float, float] | None:
    """Return a setting's place on the curve: median time to the end, and share of turns cut off."""
    if each.compared is None or each.compared.eot_p50.value is None or each.compared.cut_turns.value is None:
        return None
    return each.compared.eot_p50.value, each.compared.cut_turns.value


def _ahead(point: tuple[float, float] | None, floors: Sequence[FloorPoint]) -> float | None:
    if point is None:
        return None
    latency, cut = point
    waits = [
        each.figures.eot_p50.value
        for each in floors
        if each.figures.eot_p50.value is not None and (each.figures.cut_turns.value or 0.0) <= cut
    ]
    return min(waits) - latency if waits else None


def _recommendation(context: _Context, groups: Mapping[TurnSettings, Groups]) -> Recommendation | None:
    about = context.about
    if about.budget is None:
        return None
    candidates = [
        candidate(context.label(settings), settings_options(about.schema, settings), each)
        for settings, each in groups.items()
    ]
    pauses = max((_pauses(each) for each in groups.values()), default=0)
    return recommend(candidates, about.budget, pauses=pauses, exact=context.exact)


def _pauses(groups: Groups) -> int:
    """Return how many pauses the turns that count have."""
    return sum(len(turn.pauses) for group in groups for turn in group if counts(turn))


def _grouped(turns: Turns) -> Groups:
    return grouped(turns, sorted({key.spoken for key in turns}))
