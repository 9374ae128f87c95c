"""A sweep for the screen: what its states say, and when."""

import threading
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.sessions import no_local_server
from tests.support.sweeps import plan_of
from tests.sweep.test_results import outcome

from stt_monitor.core.key import Keys
from stt_monitor.core.session_options import UrlService
from stt_monitor.core.sweep.result import SweepState
from stt_monitor.services import registry
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.sweep.controller import SweepController
from stt_monitor.sweep.folder import CellRun, SweepFolder
from stt_monitor.sweep.preparing import loader
from stt_monitor.sweep.results import result_of
from stt_monitor.sweep.runner import Listener, SweepRunner


def test_only_the_last_state_is_settled_and_it_has_all_intervals(tmp_path: Path):
    states: list[SweepState] = []
    last = threading.Event()

    def take(state: SweepState) -> None:
        states.append(state)
        if state.settled:
            last.set()

    plan = plan_of(tmp_path, 0.1, 0.2)
    with SweepFolder.open(tmp_path / "sweep", plan) as folder:
        for cell in range(2):
            folder.add(CellRun(cell, outcome(0.5, 0.7)))
        setup = ServiceSetup(
            registry.service("cartesia"), UrlService("http://127.0.0.1:1"), plan.settings, keys=Keys(None),
            start_server=no_local_server,
        )  # fmt: skip

        def make(listener: Listener) -> SweepRunner:
            return SweepRunner(folder, setup, loader(plan), listener, at_once=1)

        controller = SweepController(folder, make, 0.05)
        controller.watch(take)
        assert last.wait(PATIENCE_S)
        controller.close()
        whole = result_of(folder, 0.05)
    assert [state.settled for state in states] == [False] * (len(states) - 1) + [True]
    assert states[-1].over
    assert states[-1].result == whole
