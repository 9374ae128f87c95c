"""Sweeps that were measured, made up for tests."""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sweep.compose import About
from stt_monitor.core.sweep.grid import Cell
from stt_monitor.core.sweep.outcome import CellOutcome, PauseOutcome, TurnOutcome
from stt_monitor.services.registry import service

SCHEMA: Final = service("cartesia").schema
Wait = float | None


def near(value: float) -> Any:  # noqa: ANN401  it equals what it is near
    return pytest.approx(value)


def about(budget: float | None = None) -> About:
    return About("Some service", "some-model", SCHEMA, budget)


def cell(end: float, recording: str = "a.wav", arm: str = "", repetition: int = 1) -> Cell:
    return Cell(TurnSettings(end_threshold=end), recording, arm, repetition)


def turn(number: int, decided_after: Wait, *pauses: tuple[float, Wait], standing: str = "") -> TurnOutcome:
    """Return a true turn of three seconds; pauses are their length and when an end fell on them."""
    begins = 10.0 * number
    outcomes = tuple(
        PauseOutcome(begins + 1 + place, length, cut_after) for place, (length, cut_after) in enumerate(pauses)
    )
    return TurnOutcome(
        begins,
        begins + 3,
        decided_after,
        cut=any(each.cut_after is not None for each in outcomes),
        first=not number,
        pauses=outcomes,
        standing=standing,
    )


def outcome(turns: Sequence[TurnOutcome], reference: str = "labels") -> CellOutcome:
    return CellOutcome(reference, tuple(turns))


def without_cutoffs(latency: float, turns: int, *, cut: int = 0) -> CellOutcome:
    """Return an outcome of so many turns beside the first, each with a pause of half a second; some are cut off."""
    after = 0.25
    own = [turn(number, latency, (0.5, after if 0 < number <= cut else None)) for number in range(turns + 1)]
    return outcome(own)
