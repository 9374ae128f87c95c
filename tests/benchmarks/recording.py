"""What recording and replaying cost, and what a kill costs. Run from the root of the repository:

python -m tests.benchmarks.recording [cost] [day] [length] [kill]
"""

import asyncio
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.kept import keep_journal
from tests.support.killed import COMMAND, kill_after, talkative
from tests.support.long_session import CHUNK_S, long_session
from tests.support.service import ScriptedService
from tests.support.sound import write_wav

from stt_monitor.core.journal import Entry, Received, Sent
from stt_monitor.export.formats import FORMATS as EXPORTS
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.recorder import Recorder
from stt_monitor.recording.replay import fold
from stt_monitor.report.formats import FORMATS as REPORTS

CHUNK = bytes(3200)
LIMIT = 1 << 34
COST_S = 60.0
ROUNDS = 3
DAY_TURNS = 10_000
KILLS = 100
AT_ONCE = 10


def main() -> None:
    """Measure what was asked for, or all."""
    wanted = sys.argv[1:] or ["cost", "day", "length", "kill"]
    with tempfile.TemporaryDirectory() as place:
        if "cost" in wanted:
            cost(Path(place))
        if "day" in wanted:
            day(Path(place))
        if "length" in wanted:
            length(Path(place))
        if "kill" in wanted:
            asyncio.run(kill(Path(place)))


def cost(place: Path) -> None:
    """The share of a core that a session's recording takes, and how much later its receive loop gets to a frame."""
    entries = [entry for entry in long_session(200) if entry.at < COST_S]
    for number in range(ROUNDS):
        bare_cpu, bare = asyncio.run(_play(entries, None))
        recorder = Recorder(place / str(number), LIMIT)
        cpu, late = asyncio.run(_play(entries, recorder))
        recorder.close()
        print(
            f"recording: {100 * (cpu - bare_cpu) / COST_S:.2f} % of a core more;"
            f" a frame is taken late by p99 {_p99(bare):.2f} ms without, {_p99(late):.2f} ms with it;"
            f" handing an entry over takes {_hand_over(entries, place / f'quick {number}'):.1f} µs"
        )


async def _play(entries: list[Entry], recorder: Recorder | None) -> tuple[float, list[float]]:
    """Hand entries over when they are due; returns CPU seconds, and how late each was taken in milliseconds."""
    late = []
    cpu, began = time.process_time(), time.monotonic()
    for entry in entries:
        due = began + entry.at
        if (left := due - time.monotonic()) > 0:
            await asyncio.sleep(left)
        late.append(1000 * (time.monotonic() - due))
        if recorder is not None:
            _hand(recorder, entry)
    return time.process_time() - cpu, late


def _hand(recorder: Recorder, entry: Entry) -> None:
    recorder.on_entry(entry)
    if isinstance(entry, Sent):
        recorder.on_audio(round(entry.chunk.position / CHUNK_S) * 1600, CHUNK)


def _hand_over(entries: list[Entry], place: Path) -> float:
    recorder = Recorder(place, LIMIT)
    began = time.perf_counter()
    for entry in entries:
        _hand(recorder, entry)
    taken = time.perf_counter() - began
    recorder.close()
    return 1e6 * taken / len(entries)


def _p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * len(values))]


def day(place: Path) -> None:
    """Eight hours of ten thousand turns: recorded at full speed, opened, told again."""
    recorder = Recorder(place / "day", LIMIT)
    at_first = 0
    for number, entry in enumerate(long_session(DAY_TURNS)):
        _hand(recorder, entry)
        if number % 1000 == 0:
            _until(lambda: len(recorder._lane.waiting) < 5000)
        if number == 100_000:
            at_first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    recorder.close()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - at_first) / 1024
    assert recorder.state is not None
    assert not recorder.state.stopped, recorder.state
    recording = open_recording(Path(recorder.state.path))
    size = recording.size / 1e6
    print(
        f"a day of {recording.manifest.turns} turns: {size:.0f} MB; memory grew by {grown:.1f} MB after the first hour"
    )
    began, cpu = time.perf_counter(), time.process_time()
    folded = fold(recording)
    spent = f"{time.perf_counter() - began:.2f} s ({time.process_time() - cpu:.2f} s of CPU)"
    print(f"folded whole, as a report does, in {spent}")
    assert folded.monitor.turns == DAY_TURNS
    events = sum(isinstance(entry, Received) for entry in recording.entries())
    entries = sum(1 for _ in recording.entries())
    for shape in ("--json", "--plain"):
        command = (COMMAND, "replay", str(recording.path), shape)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - began
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        print(
            f"replay {shape}: {took:.1f} s ({cpu:.1f} s of CPU); {events / took:.0f} wire events a second,"
            f" {entries / took:.0f} entries a second"
        )


def length(place: Path) -> None:
    """What grows with a session: the peak of memory after an hour and after eight, for all that reads a recording."""
    hour, day = (
        str(keep_journal(place / str(turns), long_session(turns)).path) for turns in (DAY_TURNS // 8, DAY_TURNS)
    )
    commands = [("replay", "--json"), ("replay", "--plain"), ("assert", "--assert", "turns>0")]
    commands += [("report", "--format", form) for form in REPORTS]
    commands += [("export", "--format", form) for form in EXPORTS]
    for command, *options in commands:
        (less, _), (more, cpu) = (_peak(command, session, *options) for session in (hour, day))
        print(
            f"{command + ' ' + options[-1]:<20} {less:5.1f} -> {more:5.1f} MB ({more - less:+.1f}); a day takes"
            f" {cpu:.1f} s of CPU"
        )


def _peak(*arguments: str) -> tuple[float, float]:
    """Run the program; returns its peak of memory in MB, and seconds of CPU."""
    told = subprocess.run((sys.executable, "-c", _WATCHER, COMMAND, *arguments), check=True, capture_output=True)
    kilobytes, cpu = told.stdout.split()
    return int(kilobytes) / 1024, float(cpu)


_WATCHER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(used.ru_maxrss, used.ru_utime + used.ru_stime)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""What a child has at its peak is at least what its parent has as it is made: so that must be a small process."""


def _until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.01)


async def kill(place: Path) -> None:
    """Kill sessions at random instants; all but the last second must be there."""
    long = write_wav(place / "long.wav", 60)
    chance = random.Random(os.getpid())
    missing = []
    async with ScriptedService(talkative) as service:
        for batch in range(KILLS // AT_ONCE):
            remains = await asyncio.gather(
                *(kill_after(chance.uniform(0, 5), long, service.url, place / f"{batch} {n}") for n in range(AT_ONCE))
            )
            for each in remains:
                each.check()
                missing.append(each.missing_s)
    print(f"{len(missing)} killed, {len(missing)} readable; of events at most {max(missing):.2f} s are missing")


if __name__ == "__main__":
    main()
