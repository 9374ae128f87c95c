"""Sweeps of real sessions: what runs, how often, and what is left when something goes wrong."""

import asyncio
import re
import resource
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import write_wav
from tests.support.sweeps import Sweep, answers, outcomes, plan_of
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from stt_monitor.core.errors import InputError, ServiceUnavailableError
from stt_monitor.core.journal import Sent
from stt_monitor.core.sweep.outcome import CellOutcome
from stt_monitor.core.sweep.result import CellState
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.replay import fold
from stt_monitor.sweep.runner import SweepRunner

REFUSED = ServiceUnavailableError.exit_code
THRESHOLDS = (0.1, 0.2, 0.3, 0.4)
CHUNK_S = 0.1


class Crowd:
    """Counts the sessions of a service that are open at once."""

    def __init__(self, most: int | None = None) -> None:
        self.open = 0
        self.highest = 0
        self.refused = 0
        self._most = most

    async def __call__(self, dialogue: Dialogue) -> None:
        try:
            await answers(dialogue)
        finally:
            self.open -= 1

    def greet(self, _: ServerConnection, __: Request) -> Response | None:
        if self._most is not None and self.open >= self._most:
            self.refused += 1
            return Response(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests", Headers(), b"")
        self.open += 1
        self.highest = max(self.highest, self.open)
        return None


def known(outcome: CellOutcome | str) -> CellOutcome:
    assert isinstance(outcome, CellOutcome), outcome
    return outcome


def latencies(outcome: CellOutcome | str) -> list[float | None]:
    return [turn.decided_after for turn in known(outcome).turns]


def rounded(found: dict[int, CellOutcome | str]) -> str:
    """Write outcomes down to the microsecond: a sum of seconds differs in its last digits with when it began."""
    text = msgspec.json.encode({str(number): each for number, each in found.items()}).decode()
    return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.6f}", text)


@pytest.mark.slow
async def test_each_cell_is_a_saved_session_of_its_settings(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS, sounds=2)
    crowd = Crowd()
    async with ScriptedService(crowd, greet=crowd.greet) as service:
        sweep = Sweep(tmp_path / "sweep", plan, service.url, at_once=3)
        assert await sweep.run() == (0, "", False)
    assert crowd.highest == 3
    found = outcomes(tmp_path / "sweep")
    assert list(found) == list(range(8))
    assert {run.cell for run in sweep.runs} == set(found)
    for number, cell in enumerate(plan.cells):
        (folder,) = (tmp_path / "sweep").glob(f"{number + 1:04}_*")
        session = open_recording(folder)
        assert session.manifest.session.settings.turn == cell.settings
        assert session.manifest.session.reference == "labels"
        assert session.source == Path(cell.recording).name
        assert latencies(found[number]) == pytest.approx([0.6 - cell.settings["end_threshold"]] * 2, abs=0.11)
    last = sweep.states[-1]
    assert last.over
    assert last.number(CellState.DONE) == 8


async def test_no_two_cells_send_at_the_same_instant(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS)
    phases: list[float] = []

    async def notes(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(0.1)
        phases.append(asyncio.get_running_loop().time() % CHUNK_S)
        await dialogue.hear_close()

    async with ScriptedService(notes) as service:
        assert await Sweep(tmp_path / "sweep", plan, service.url).run() == (0, "", False)
    phases.sort()
    assert [after - before for before, after in pairwise(phases)] == pytest.approx([CHUNK_S / 4] * 3, abs=1e-6)
    for folder in (tmp_path / "sweep").glob("0*"):
        assert fold(open_recording(folder)).snapshot.health.send_lag_max == pytest.approx(0, abs=1e-6)


async def test_an_arm_degrades_what_is_sent_and_not_what_is_known_of_it(tmp_path: Path):
    plan = msgspec.structs.replace(plan_of(tmp_path, 0.1), arms=("", "gain:-6+jitter:40"))
    async with ScriptedService(answers) as service:
        assert await Sweep(tmp_path / "sweep", plan, service.url, at_once=1).run() == (0, "", False)
    clean, softer = (np.frombuffer(dialogue.audio, "<i2").astype(float) for dialogue in service.dialogues)
    assert np.std(softer) == pytest.approx(np.std(clean) / 10 ** (6 / 20), rel=0.01)
    recordings = [open_recording(folder) for folder in sorted((tmp_path / "sweep").glob("0*"))]
    records = [each.manifest.session for each in recordings]
    assert [record.degraded or () for record in records] == [(), ("gain:-6", "jitter:40")]
    assert records[0].audio_id == records[1].audio_id
    lags = [fold(each).snapshot.health.send_lag_max for each in recordings]
    assert lags[0] == pytest.approx(0, abs=1e-6)
    late = [entry.chunk.delayed for entry in recordings[1].entries() if isinstance(entry, Sent)]
    assert max(late) > 0
    told = [
        [(turn.position, turn.text) for turn in known(each).turns] for each in outcomes(tmp_path / "sweep").values()
    ]
    assert told[0] == told[1]


@pytest.mark.slow
async def test_a_sweep_that_was_stopped_goes_on_to_the_same_result(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS, sounds=2)
    stops = 0

    def stop(runner: SweepRunner) -> None:
        nonlocal stops
        stops += 1
        runner.stop()

    async with ScriptedService(answers) as service:
        assert not (await Sweep(tmp_path / "whole", plan, service.url, at_once=2).run()).stopped
        for _ in range(len(plan.cells) + 1):
            end = await Sweep(tmp_path / "cut", plan, service.url, at_once=2).run(stop)
            if not end.stopped:
                break
    assert stops > 2
    whole, cut = outcomes(tmp_path / "whole"), outcomes(tmp_path / "cut")
    assert rounded(cut) == rounded(whole)
    assert len(list((tmp_path / "cut").glob("0*"))) == len(plan.cells)


@pytest.mark.slow
async def test_a_service_that_takes_fewer_sessions_gets_fewer(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS, repetitions=2)
    crowd = Crowd(most=2)
    async with ScriptedService(crowd, greet=crowd.greet) as service:
        sweep = Sweep(tmp_path / "sweep", plan, service.url, at_once=4)
        assert await sweep.run() == (0, "", False)
    assert crowd.highest == 2
    assert 0 < crowd.refused <= 4, "nobody tries again and again"
    (note,) = sweep.notes
    assert "going on with 2 sessions at once" in note
    assert sweep.states[-1].parallel == 2
    assert len(outcomes(tmp_path / "sweep")) == 8
    assert not any(run.problem for run in sweep.runs)


async def test_a_refused_key_ends_the_sweep_at_once(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS)
    asked = 0

    def greet(_: ServerConnection, __: Request) -> Response:
        nonlocal asked
        asked += 1
        return Response(HTTPStatus.UNAUTHORIZED, "Unauthorized", Headers(), b"")

    async with ScriptedService(answers, greet=greet) as service:
        end = await Sweep(tmp_path / "sweep", plan, service.url, key="sk_1234567890abcdef", at_once=2).run()
    assert end.exit_code == REFUSED
    assert "refused the key" in end.sentence
    assert asked <= 3
    assert outcomes(tmp_path / "sweep") == {}


@pytest.mark.parametrize("refused", THRESHOLDS)
async def test_settings_that_the_service_refuses_are_missing_and_the_others_are_not(tmp_path: Path, refused: float):
    plan = plan_of(tmp_path, *THRESHOLDS)

    def greet(_: ServerConnection, request: Request) -> Response | None:
        if f"end_threshold={refused}" in request.path:
            return Response(HTTPStatus.BAD_REQUEST, "Bad Request", Headers(), b'{"message":"not that one"}')
        return None

    async with ScriptedService(answers, greet=greet) as service:
        assert (await Sweep(tmp_path / "sweep", plan, service.url).run()).exit_code == 0
    found = outcomes(tmp_path / "sweep")
    assert "400" in str(found.pop(THRESHOLDS.index(refused)))
    assert all(isinstance(each, CellOutcome) for each in found.values())
    assert len(found) == 3


@pytest.mark.slow
async def test_a_cell_that_fails_is_run_again_at_the_end_and_then_is_missing(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS)
    order: list[str] = []

    async def fails(dialogue: Dialogue) -> None:
        wanted = dialogue.path.partition("end_threshold=")[2][:3]
        order.append(wanted)
        if wanted == "0.2" or (wanted == "0.1" and order.count("0.1") == 1):
            await dialogue.say("connected")
            await dialogue.hear(1.0)
            await dialogue.say("error", message="out of order", status_code=400)
            await dialogue.socket.close(1008, "out of order")
            return
        await answers(dialogue)

    async with ScriptedService(fails) as service:
        sweep = Sweep(tmp_path / "sweep", plan, service.url)
        assert (await sweep.run()).exit_code == 0
    assert sorted(order[:4]) == ["0.1", "0.2", "0.3", "0.4"]
    assert sorted(order[4:]) == ["0.1", "0.2"]
    found = outcomes(tmp_path / "sweep")
    assert latencies(found[0])
    assert "out of order" in str(found[1])
    assert any(state.number(CellState.FAILED) == 2 for state in sweep.states)


@pytest.mark.slow
async def test_a_sweep_whose_service_goes_away_ends_and_goes_on_when_it_is_back(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS, sounds=2)
    down = asyncio.Event()

    async def dies(dialogue: Dialogue) -> None:
        if len(service.dialogues) > 3:
            down.set()
            dialogue.socket.transport.abort()
        else:
            await answers(dialogue)

    def greet(_: ServerConnection, __: Request) -> None:
        if down.is_set():
            raise ConnectionResetError

    async with ScriptedService(dies, greet=greet) as service:
        end = await Sweep(tmp_path / "sweep", plan, service.url, at_once=2).run()
    assert end.exit_code == REFUSED
    assert end.sentence
    before = outcomes(tmp_path / "sweep")
    assert 0 < len(before) < 8
    async with ScriptedService(answers) as service:
        assert await Sweep(tmp_path / "sweep", plan, service.url, at_once=2).run() == (0, "", False)
    after = outcomes(tmp_path / "sweep")
    assert {number: after[number] for number in before} == before
    assert all(isinstance(each, CellOutcome) for each in after.values())
    assert len(after) == 8


@pytest.mark.slow
async def test_a_full_disk_ends_the_sweep_which_goes_on_when_there_is_room(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with ScriptedService(answers) as service:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))  # less than the sound of a cell
            end = await Sweep(tmp_path / "sweep", plan, service.url).run()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert end.exit_code == InputError.exit_code
        assert "a session cannot be saved: the disk is full" in end.sentence
        assert outcomes(tmp_path / "sweep") == {}
        assert await Sweep(tmp_path / "sweep", plan, service.url).run() == (0, "", False)
    assert len(outcomes(tmp_path / "sweep")) == len(THRESHOLDS)


async def test_a_recording_that_was_changed_ends_the_sweep(tmp_path: Path):
    plan = plan_of(tmp_path, *THRESHOLDS)
    write_wav(tmp_path / "talk0.wav", 2.6)
    async with ScriptedService(answers) as service:
        end = await Sweep(tmp_path / "sweep", plan, service.url).run()
    assert end.exit_code == InputError.exit_code
    assert end.sentence == f"{tmp_path / 'talk0.wav'}: has changed since the sweep began: begin another one"
    assert outcomes(tmp_path / "sweep") == {}
