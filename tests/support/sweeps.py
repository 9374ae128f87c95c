"""Sweeps of real sessions against a scripted service, in whatever time it is."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.service import Dialogue
from tests.support.sessions import no_local_server
from tests.support.sound import write_wav
from tests.support.virtual_time import current_clock

from stt_monitor.audio.references.labelled_turns import LabelledSpan
from stt_monitor.core.key import Keys
from stt_monitor.core.session_options import UrlService
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.sweep.outcome import CellOutcome
from stt_monitor.services import registry
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.sweep.folder import CellRun, SweepFolder
from stt_monitor.sweep.plan import SweepPlan
from stt_monitor.sweep.preparing import loader, planned
from stt_monitor.sweep.runner import Listener, SweepEnd, SweepRunner

if TYPE_CHECKING:
    from stt_monitor.core.sweep.result import SweepState

SPEECH = [LabelledSpan(0.25, 0.62), LabelledSpan(1.31, 1.68)]
"""In the sound, which lasts"""
SECONDS = 2.5


def plan_of(folder: Path, *thresholds: float, sounds: int = 1, repetitions: int = 1) -> SweepPlan:
    """Plan a cell for each value of a setting, in each of so many recordings."""
    recordings = [
        planned(write_wav(folder / f"talk{number}.wav", SECONDS + number / 10), "mix", SPEECH)
        for number in range(sounds)
    ]
    return SweepPlan(
        service="cartesia",
        place="http://127.0.0.1",
        settings=Settings("ink-2"),
        grid=tuple(TurnSettings(end_threshold=each) for each in thresholds),
        recordings=tuple(recordings),
        repetitions=repetitions,
    )


async def answers(dialogue: Dialogue) -> None:
    """A service that ends each turn the later, the lower its threshold is."""
    wanted = dialogue.path.partition("end_threshold=")[2].partition("&")[0]
    await dialogue.say("connected")
    for number, span in enumerate(SPEECH, 1):
        await dialogue.hear(span.onset + 0.1)
        await dialogue.say("turn.start", turn_id=str(number))
        await dialogue.hear(span.end + 0.6 - float(wanted))
        await dialogue.say("turn.end", transcript=f"turn {number}", turn_id=str(number))
    await dialogue.hear_close()


class Sweep:
    """One run of a sweep, and what it told."""

    def __init__(self, path: Path, plan: SweepPlan, url: str, *, at_once: int = 4, key: str | None = None) -> None:
        self.states: list[SweepState] = []
        self.runs: list[CellRun] = []
        self.notes: list[str] = []
        self._path = path
        self._plan = plan
        self._at_once = at_once
        self._setup = ServiceSetup(
            registry.service("cartesia"), UrlService(url), plan.settings, keys=Keys(key), start_server=no_local_server
        )

    async def run(self, on_run: Callable[[SweepRunner], object] = lambda _: None) -> SweepEnd:
        """Run what is left; `on_run` is called after each cell that is over."""
        with SweepFolder.open(self._path, self._plan) as folder:

            def note(run: CellRun) -> None:
                self.runs.append(run)
                on_run(runner)

            listener = Listener(self.states.append, note, self.notes.append)
            runner = SweepRunner(
                folder, self._setup, loader(folder.plan), listener, at_once=self._at_once, clock=current_clock()
            )
            return await runner.run()


def outcomes(path: Path) -> dict[int, CellOutcome | str]:
    """Return what is written down of each cell: its outcome, or why it has none."""
    with SweepFolder.open(path) as folder:
        return {number: run.problem or _known(run.outcome) for number, run in sorted(folder.runs.items())}


def _known(outcome: CellOutcome | None) -> CellOutcome:
    assert outcome is not None
    return outcome
