"""The folder of a sweep: what is found in it after a kill, and what it refuses."""

from pathlib import Path

import msgspec
import pytest
from tests.support.sweeps import SPEECH, plan_of

from stt_monitor.core.errors import InputError
from stt_monitor.core.sweep.outcome import CellOutcome
from stt_monitor.sweep.folder import CELLS, PLAN, CellRun, SweepFolder
from stt_monitor.sweep.plan import SweepPlan


@pytest.fixture
def plan(tmp_path: Path) -> SweepPlan:
    return plan_of(tmp_path, 0.1, 0.2, 0.3)


def test_what_was_written_down_is_found_again(tmp_path: Path, plan: SweepPlan):
    with SweepFolder.open(tmp_path / "a" / "sweep", plan) as folder:
        assert folder.runs == {}
        folder.add(CellRun(1, problem="out of order"))
        folder.add(CellRun(2, CellOutcome("labels")))
        folder.add(CellRun(1, CellOutcome("labels", spurious=1)))
    with SweepFolder.open(tmp_path / "a" / "sweep") as folder:
        assert folder.plan == plan
        assert folder.runs == {1: CellRun(1, CellOutcome("labels", spurious=1)), 2: CellRun(2, CellOutcome("labels"))}
        assert [folder.counts(number) for number in range(3)] == [False, True, True]


@pytest.mark.parametrize("cut", [1, 7, 20])
def test_a_line_that_was_cut_short_is_no_line(tmp_path: Path, plan: SweepPlan, cut: int):
    with SweepFolder.open(tmp_path / "sweep", plan) as folder:
        folder.add(CellRun(0, CellOutcome("labels")))
        folder.add(CellRun(1, CellOutcome("labels")))
    path = tmp_path / "sweep" / CELLS
    path.write_bytes(path.read_bytes()[:-cut])
    with SweepFolder.open(tmp_path / "sweep", plan) as folder:
        assert list(folder.runs) == [0]
        folder.add(CellRun(2, CellOutcome("labels")))
    with SweepFolder.open(tmp_path / "sweep", plan) as folder:
        assert list(folder.runs) == [0, 2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"service": "flux"}, "another service"),
        ({"grid": ()}, "other values of --set"),
        ({"repetitions": 2}, "another --repeat"),
        ({"arms": ("", "phone")}, "other --degrade"),
        ({"place": "local"}, "another place of the service"),
        ({"recordings": ()}, "other recordings"),
        ({"chunk_ms": 50, "channel": "left"}, "another --chunk-ms, another --channel"),
    ],
)
def test_another_plan_is_refused(tmp_path: Path, plan: SweepPlan, change: dict[str, object], said: str):
    SweepFolder.open(tmp_path / "sweep", plan).__exit__()
    with pytest.raises(InputError, match=f"holds a sweep with {said}: give another --name"):
        SweepFolder.open(tmp_path / "sweep", msgspec.structs.replace(plan, **change))


def test_other_labels_are_another_sweep_and_another_port_is_not(tmp_path: Path, plan: SweepPlan):
    SweepFolder.open(tmp_path / "sweep", plan).__exit__()
    SweepFolder.open(tmp_path / "sweep", msgspec.structs.replace(plan, place="http://127.0.0.1:1")).__exit__()
    (recording,) = plan.recordings
    relabelled = msgspec.structs.replace(recording, speech=tuple(SPEECH[:1]))
    with pytest.raises(InputError, match="other labels"):
        SweepFolder.open(tmp_path / "sweep", msgspec.structs.replace(plan, recordings=(relabelled,)))


def test_only_one_program_writes_it(tmp_path: Path, plan: SweepPlan):
    with SweepFolder.open(tmp_path / "sweep", plan), pytest.raises(InputError, match="another program runs this sweep"):
        SweepFolder.open(tmp_path / "sweep", plan)
    SweepFolder.open(tmp_path / "sweep", plan).__exit__()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, plan: SweepPlan):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty, and no sweep"):
        SweepFolder.open(tmp_path, plan)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("talk")] == ["notes.txt"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (PLAN, b"{", "damaged"),
        (PLAN, b'{"form": 99}', "newer stt-monitor"),
        (CELLS, b'{"cell": "x"}\n', "line 1 is damaged"),
    ],
)
def test_damage_is_said_in_a_sentence(tmp_path: Path, plan: SweepPlan, name: str, content: bytes, said: str):
    SweepFolder.open(tmp_path / "sweep", plan).__exit__()
    (tmp_path / "sweep" / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        SweepFolder.open(tmp_path / "sweep")


@pytest.mark.parametrize(
    ("was", "edited", "said"),
    [
        ('"cartesia"', '"nobody"', "no service is called nobody"),
        ('"end_threshold": 0.2', '"end": 0.2', "no setting is called end"),
        ('"end_threshold": 0.2', '"end_threshold": 2', "end_threshold is 2: it must lie from 0.05 to 0.5"),
        ('"repetitions": 1', '"repetitions": 0', "repetitions"),
        ('"repetitions": 1', '"repetitions": 1000000000', "repetitions"),
        ('"chunk_ms": 100', '"chunk_ms": 0', "chunk_ms"),
        ('"seconds": 2.5', '"seconds": 0', "seconds"),
        ('    ""\n', '    "fone"\n', "--degrade fone: there is no such arm"),
        ('[\n    ""\n  ]', "[]", "arms"),
    ],
)
def test_a_plan_that_cannot_be_run_is_damaged(tmp_path: Path, plan: SweepPlan, was: str, edited: str, said: str):
    SweepFolder.open(tmp_path / "sweep", plan).__exit__()
    file = tmp_path / "sweep" / PLAN
    assert was in file.read_text()
    file.write_text(file.read_text().replace(was, edited))
    with pytest.raises(InputError, match="damaged") as found:
        SweepFolder.open(tmp_path / "sweep")
    assert said in str(found.value)
