"""What a sweep of many cells at once costs, how late its audio is, how long the local server takes for eight settings,
and whether a sweep that is killed again and again gives the same result. Run from the root of the repository:

python -m tests.benchmarks.sweep [cells] [kills] [local WAV...]
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.benchmarks.side_by_side import speech
from tests.support.beside import beside
from tests.support.service import ScriptedService
from tests.support.sound import READING, write_wav
from tests.support.sweeps import SECONDS as LENGTH_S
from tests.support.sweeps import SPEECH, answers, outcomes

from stt_monitor.core.journal import Sent
from stt_monitor.core.key import Keys
from stt_monitor.core.listeners import ignore
from stt_monitor.core.session_options import LocalService, UrlService
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.recording.reader import open_recording
from stt_monitor.server.child import LocalServerProcess
from stt_monitor.services import registry
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.sweep.folder import SweepFolder
from stt_monitor.sweep.plan import LOCAL, SweepPlan
from stt_monitor.sweep.preparing import loader, planned
from stt_monitor.sweep.runner import Listener, SweepRunner

CELLS = 60
SECONDS = 30.0
MOST_CORES = 1.0
MOST_LATE_MS = 10.0
MOST_MB = 4.0
KILLS = 20
MOST_TIMES = 1.3
MOST_SLOW = 0.02


def main() -> None:
    """Measure what was asked for, or all."""
    wanted = sys.argv[1:] or ["cells", "kills", "local"]
    with tempfile.TemporaryDirectory() as place:
        if "cells" in wanted:
            cells(Path(place))
        if "kills" in wanted:
            kills(Path(place))
        if "local" in wanted:
            local(Path(place), [Path(each) for each in wanted if each.endswith(".wav")] or [READING])


def kills(place: Path) -> None:
    """Kill a sweep of the real program at random instants; compare with one that was let be."""
    wav = write_wav(place / "talk.wav", LENGTH_S)
    turns = [{"start": span.onset, "end": span.end} for span in SPEECH]
    (place / "labels.json").write_text(json.dumps([{"file": wav.name, "turns": turns}]))
    random, survived = Random(1), 0
    with beside(ScriptedService(answers)) as service:
        command = [sys.executable, "-m", "stt_monitor", "sweep"]
        values = ["--labels", str(place / "labels.json"), "--set", "end_threshold=0.05..0.5/0.01", "--plain", "-j", "4"]
        plan = [*command, str(wav), *values, "--url", service.url, "--record", str(place)]
        subprocess.run([*plan, "--name", "whole"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(KILLS):
            process = subprocess.Popen(
                [*plan, "--name", "killed"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                process.wait(random.uniform(0.5, 5.0))
                survived += 1
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        subprocess.run([*plan, "--name", "killed"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    same = _told(place / "killed") == _told(place / "whole")
    print(f"kills: {KILLS - survived} of {KILLS} in time; the result is {'the same' if same else 'ANOTHER'}")


def _told(path: Path) -> list[object]:
    """What each cell says of each turn, apart from times."""
    return [
        (
            number,
            outcome if isinstance(outcome, str) else [(turn.cut, turn.missed, turn.text) for turn in outcome.turns],
        )
        for number, outcome in outcomes(path).items()
    ]


def local(place: Path, wavs: list[Path]) -> None:
    """How long eight settings over recordings take with the local server, and how many of their turns are slow."""
    service = registry.service()
    grid = tuple(TurnSettings(end_threshold=step / 20) for step in range(1, 9))
    recordings = tuple(planned(wav, "mix", None) for wav in wavs)
    plan = SweepPlan(service.name, LOCAL, Settings(service.model), grid, recordings)
    audio_s = sum(each.seconds for each in recordings)
    with LocalServerProcess() as server, SweepFolder.open(place / "local", plan) as folder:
        setup = ServiceSetup(service, LocalService(), plan.settings, keys=Keys(None), start_server=server.start_async)
        began = time.monotonic()
        runner = SweepRunner(folder, setup, loader(plan), Listener(ignore, ignore, print), at_once=len(grid))
        end = asyncio.run(runner.run())
        took = time.monotonic() - began
        turns = [turn for run in folder.runs.values() if run.outcome is not None for turn in run.outcome.turns]
        slow = sum(turn.standing == "slow" for turn in turns)
    print(
        f"local: {len(plan.cells)} cells, {len(grid)} at once, took {took:.0f} s: {took / audio_s:.2f} times the audio"
        f" (at most {MOST_TIMES}); {slow} of {len(turns)} turns slow (at most {MOST_SLOW:.0%}) {end.sentence}"
    )


def cells(place: Path) -> None:
    """Cost, lateness and memory of many cells at once, against a scripted server that is another process."""
    server = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.side_by_side", "serve"], stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        url = server.stdout.readline().decode().strip()
        wav = speech(place / "talk.wav", SECONDS)
        _sweep(place / "one", wav, url, 1)  # loads all that there is to load
        before = _memory_mb()
        began, cpu = time.monotonic(), time.process_time()
        late = _sweep(place / "all", wav, url, CELLS)
        cpu, took = time.process_time() - cpu, time.monotonic() - began
        chunks = len(late)
        print(
            f"cells: {CELLS} at once for {SECONDS:.0f} s took {took:.1f} s and {cpu / SECONDS:.2f} of a core"
            f" (at most {MOST_CORES:.0f}); {chunks} chunks handed over p50 {late[chunks // 2]:.2f},"
            f" p99 {late[chunks * 99 // 100]:.2f} (at most {MOST_LATE_MS:.0f}), max {late[-1]:.2f} ms late;"
            f" {(_memory_mb() - before) / CELLS:.2f} MB a cell (at most {MOST_MB:.0f})"
        )
    finally:
        server.kill()
        server.wait()


def _sweep(path: Path, wav: Path, url: str, count: int) -> list[float]:
    """Run so many cells at once; return how late each chunk was, milliseconds, sorted."""

    async def none() -> str:
        raise AssertionError

    service = registry.service()
    plan = SweepPlan(
        service.name, url, Settings(service.model), tuple(TurnSettings(end_timeout_ms=640 + n) for n in range(count)),
        (planned(wav, "mix", None),),
    )  # fmt: skip
    setup = ServiceSetup(service, UrlService(url), plan.settings, keys=Keys(None), start_server=none)
    with SweepFolder.open(path, plan) as folder:

        async def run() -> None:
            runner = SweepRunner(folder, setup, loader(plan), Listener(ignore, ignore, print), at_once=count)
            end = await runner.run()
            assert not end.sentence, end

        asyncio.run(run())
        assert len(folder.runs) == count
    return sorted(
        1000 * entry.chunk.send_lag
        for manifest in path.glob("*/manifest.json")
        for entry in open_recording(manifest.parent).entries()
        if isinstance(entry, Sent)
    )


def _memory_mb() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
