"""What a sweep of many cells at once costs, and how late its audio is. Run from the root of the repository:

python -m tests.benchmarks.sweep [cells] [local]
"""

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.side_by_side import speech

from stt_monitor.core.journal import Sent
from stt_monitor.core.key import Keys
from stt_monitor.core.listeners import ignore
from stt_monitor.core.session_options import UrlService
from stt_monitor.core.settings import Settings, TurnSettings
from stt_monitor.recording.reader import open_recording
from stt_monitor.services import registry
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.sweep.folder import SweepFolder
from stt_monitor.sweep.plan import SweepPlan
from stt_monitor.sweep.preparing import loader, planned
from stt_monitor.sweep.runner import Listener, SweepRunner

CELLS = 60
SECONDS = 30.0
MOST_CORES = 1.0
MOST_LATE_MS = 10.0
MOST_MB = 4.0


def main() -> None:
    """Measure what was asked for, or all."""
    wanted = sys.argv[1:] or ["cells", "local"]
    with tempfile.TemporaryDirectory() as place:
        if "cells" in wanted:
            cells(Path(place))


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
