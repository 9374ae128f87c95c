"""The result of a sweep, from what its folder says."""

from pathlib import Path

import msgspec
import pytest
from tests.support.sweeps import SPEECH, plan_of

from stt_monitor.core.sweep.outcome import CellOutcome, TurnOutcome
from stt_monitor.sweep.folder import CellRun, SweepFolder
from stt_monitor.sweep.results import result_of


def outcome(*after: float) -> CellOutcome:
    turns = (TurnOutcome(span.onset, span.end, each) for span, each in zip(SPEECH, after, strict=True))
    return CellOutcome("labels", tuple(turns))


def test_cells_that_count_are_in_it_and_others_are_missing_with_the_reason(tmp_path: Path):
    plan = msgspec.structs.replace(plan_of(tmp_path, 0.1, 0.2, 0.3), place="local", left_out="left out one")
    with SweepFolder.open(tmp_path / "sweep", plan) as folder:
        folder.add(CellRun(0, outcome(0.5, 0.7)))
        folder.add(CellRun(1, outcome(9.5, 9.7), problem="half of its turns were slow"))
        result = result_of(folder, 0.05)
    (part,) = result.parts
    assert [each.figures.eot_p50.value for each in part.settings] == [pytest.approx(0.6), None, None]
    assert {each.cell: each.why for each in result.missing} == {
        plan.cells[1]: "half of its turns were slow", plan.cells[2]: "not run",
    }  # fmt: skip
    assert result.service == "local server (Moonshine), Cartesia's protocol"
    assert result.left_out == "left out one"
    assert part.recommendation is not None


def test_silence_is_judged_by_what_the_detector_hears_be_it_nothing(tmp_path: Path):
    plan = plan_of(tmp_path, 0.1)
    assert plan.recordings[0].detected == (), "it is noise"
    with SweepFolder.open(tmp_path / "sweep", plan) as folder:
        folder.add(CellRun(0, outcome(0.5, 0.7)))
        result = result_of(folder, None)
    assert result.floor_by == "detector"
    assert all(each.figures.not_ended.value == 1 for each in result.parts[0].floor)
