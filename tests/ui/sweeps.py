"""States of a sweep made by hand: eight settings over four recordings, some of them done."""

from collections.abc import Callable

from tests.ui.scripted import ScriptedController

from stt_monitor.core.commands import Stop
from stt_monitor.core.metrics.intervals import Interval
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.sweep.grid import Cell, cells, settings_options, settings_text
from stt_monitor.core.sweep.result import (
    CellProgress,
    CellState,
    Figure,
    Figures,
    FloorPoint,
    OperatingPoints,
    Part,
    Recommendation,
    SettingResult,
    SweepResult,
    SweepState,
    Verdict,
)
from stt_monitor.services.cartesia import SERVICE

SCHEMA = SERVICE.schema_of(SERVICE.model)
SETTINGS = [TurnSettings(end_threshold=place / 20) for place in range(2, 18, 2)]
RECORDINGS = ("prompts_turns.wav", "prompts_hesitating.wav", "prompt_long.wav", "librivox_sense.wav")


class SweepingController(ScriptedController):
    """A stand-in for whoever runs a sweep."""

    schema: Schema = SCHEMA

    def __init__(self) -> None:
        super().__init__()
        self.show_state: Callable[[SweepState], None] = lambda _: None

    def stop(self) -> None:
        self.send(Stop())

    def watch(self, on_state: Callable[[SweepState], None]) -> None:
        self.show_state = on_state


def state(done: int = 20, *, over: bool = False, note: str = "", arms: tuple[str, ...] = ("",)) -> SweepState:
    """A sweep of which so many cells are done; three run, one is slow and one failed."""
    planned = cells(SETTINGS, RECORDINGS, arms)
    shown = [_progress(cell, number, len(planned) if over else done) for number, cell in enumerate(planned)]
    result = SweepResult(
        "local server (Moonshine)", "moonshine", RECORDINGS, arms, 1, len(planned), exact=True,
        parts=tuple(_part(arm or "clean") for arm in arms),
    )  # fmt: skip
    return SweepState(tuple(shown), 8, None if over else 95.0, note, result if done else None, settled=over)


def _progress(cell: Cell, number: int, done: int) -> CellProgress:
    if number < done:
        states = {3: CellState.SLOW, 5: CellState.FAILED} if done < len(SETTINGS) * len(RECORDINGS) else {}
        found = states.get(number, CellState.DONE)
        note = "the service refused the connection" if found is CellState.FAILED else ""
        return CellProgress(cell, found, 1.0, f"/sessions/{number}", note)
    return CellProgress(cell, CellState.RUNNING, 0.4) if number < done + 3 else CellProgress(cell)


def _part(name: str) -> Part:
    results = []
    for place, settings in enumerate(SETTINGS):
        latency, cut = 1.05 - 0.09 * place, 0.02 * place * place / 4
        figures = Figures(
            turns=29,
            eot_p50=Figure(latency, Interval(latency - 0.08, latency + 0.11), 29),
            eot_p90=Figure(latency * 1.6, None, 29),
            cut_turns=Figure(cut, Interval(max(0.0, cut - 0.05), cut + 0.07), 29),
            cut_pauses=Figure(cut * 1.5, None, 13),
            missed=Figure(0.0, None, 29),
            not_ended=Figure(0.0, None, 29),
            eager_precision=Figure(0.9 - cut, None, 31),
            eager_lead=Figure(0.3, None, 28),
            wasted_replies=Figure(cut * 2, None, 29),
        )
        results.append(
            SettingResult(
                settings,
                settings_text(SCHEMA, settings),
                settings_options(SCHEMA, settings),
                figures,
                figures,
                on_front=place != 3,
                cells=3,
                missing=1,
            )
        )
    silence = [(0.3, 0.35), (0.5, 0.25), (0.8, 0.12), (1.2, 0.03), (1.6, 0.0)]
    floor = [
        FloorPoint(at, Figures(29, eot_p50=Figure(at, None, 29), cut_turns=Figure(cut, None, 29)))
        for at, cut in silence
    ]
    told = Recommendation(
        0.05, Verdict.RECOMMENDED, "for at most 5 % cut-offs: end 0.4", "end 0.4", "--set end_threshold=0.4"
    )  # fmt: skip
    return Part(name, tuple(results), 29, OperatingPoints(), tuple(floor), OperatingPoints(), told)
