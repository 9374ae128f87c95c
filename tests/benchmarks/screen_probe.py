"""The screen under load: one of several programs that `screen.py` runs on a terminal, to measure them.

    python tests/benchmarks/screen_probe.py stream|idle|delay|flood|resize RESULT

Each writes what it measured about itself to the file RESULT, as JSON, and leaves.
"""

import asyncio
import gc
import json
import os
import re
import resource
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

os.environ["TEXTUAL_FPS"] = "120"  # as the program itself sets it, before Textual is imported

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import msgspec  # noqa: E402 - the lines above come first, here and below
from tests.ui.scripted import Script, ScriptedController  # noqa: E402

from stt_monitor.core.figures import TurnFigures  # noqa: E402
from stt_monitor.core.snapshot import FinishedTurn, Snapshot  # noqa: E402
from stt_monitor.core.turns import EndReason, Turn  # noqa: E402
from stt_monitor.ui.app import MonitorApp  # noqa: E402

TURNS_BEHIND: Final = 10_000
SNAPSHOTS_PER_S: Final = 20
TEXTS_PER_S: Final = 10
FLOOD_PER_S: Final = 1000
STREAM_S: Final = 20.0
FLOOD_S: Final = 5.0
IDLE_S: Final = 10.0
WARM_UP_S: Final = 2.0
TICK_S: Final = 0.002
WORDS: Final = [
    "and",
    "so",
    "we",
    "went",
    "on",
    "talking",
    "about",
    "this",
    "and",
    "that",
    "until",
    "it",
    "was",
    "late",
]
STAMP: Final = re.compile(rb"#(\d{6})#")

Result = dict[str, float]


class Probe:
    """The app, what it is fed, and what comes out of it."""

    def __init__(self) -> None:
        self.controller = ScriptedController()
        self.app = MonitorApp(self.controller)
        self.on_write: Callable[[bytes], None] = lambda data: None  # noqa: ARG005 - the terminal alone, until then

    def run(self, measure: Callable[["Probe"], Result]) -> None:
        """Run the app, measure on a thread beside it, keep the result, leave."""

        def beside() -> None:
            while not self.controller.running:
                time.sleep(0.01)
            driver = self.app._driver
            assert driver is not None
            write = driver.write

            def tapped(data: str) -> None:
                write(data)
                self.on_write(data.encode())

            driver.write = tapped  # type: ignore[method-assign]  # to see when bytes leave
            result = measure(self)
            Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=beside, daemon=True).start()
        gc.freeze()  # as the program does
        self.app.run()


def paced(per_second: float, seconds: float, act: Callable[[int], object]) -> None:
    """Call `act` with 0, 1, 2 ... on an absolute schedule."""
    began = time.monotonic()
    for number in range(int(per_second * seconds)):
        act(number)
        time.sleep(max(0.0, began + (number + 1) / per_second - time.monotonic()))


def stream(probe: Probe) -> Result:
    """Measure the processor's share of 20 pictures a second, 10 of them with text."""
    snapshots = talk(int((STREAM_S + WARM_UP_S) * SNAPSHOTS_PER_S))
    warm = int(WARM_UP_S * SNAPSHOTS_PER_S)
    paced(SNAPSHOTS_PER_S, WARM_UP_S, lambda number: probe.controller.send(snapshots[number]))
    spent, written = time.process_time(), [0]

    def count(data: bytes) -> None:
        written[0] += len(data)

    probe.on_write = count
    paced(SNAPSHOTS_PER_S, STREAM_S, lambda number: probe.controller.send(snapshots[warm + number]))
    return {"share": (time.process_time() - spent) / STREAM_S, "bytes_per_s": written[0] / STREAM_S}


def idle(probe: Probe) -> Result:
    """Measure the processor's share of a screen on which nothing happens: a session has ended."""
    script = Script().connect().turn(1, "Hello there my friend")
    script.running = False
    probe.controller.send(script.to(9).decided().snapshot())
    time.sleep(WARM_UP_S)
    spent = time.process_time()
    time.sleep(IDLE_S)
    return {"share": (time.process_time() - spent) / IDLE_S}


def delay(probe: Probe) -> Result:
    """Measure from a snapshot's arrival to its bytes on the terminal, streaming, with many turns behind."""
    behind = many_turns()
    sent: dict[int, float] = {}
    delays: list[float] = []

    def look(data: bytes) -> None:
        now = time.perf_counter()
        began = [sent.pop(int(stamp), None) for stamp in STAMP.findall(data)]
        delays.extend(now - at for at in began if at is not None)

    probe.on_write = look
    growing = Script(duration=None).connect().event(1, "turn.start")

    def send(number: int) -> None:
        at = 1.2 + number / SNAPSHOTS_PER_S
        growing.to(at, level_db=-40.0 + (number * 7) % 30)
        if number % (SNAPSHOTS_PER_S // TEXTS_PER_S) == 0:
            growing.event(at, "turn.update", f"#{number:06}# {' '.join(WORDS[: number % 12])}")
            sent[number] = time.perf_counter()
        probe.controller.send(msgspec.structs.replace(growing.snapshot(), finished=behind))

    paced(SNAPSHOTS_PER_S, WARM_UP_S, send)
    delays.clear()
    paced(SNAPSHOTS_PER_S, STREAM_S, lambda number: send(number + 1000))
    time.sleep(0.2)
    cuts = statistics.quantiles(delays, n=20)
    return {"n": len(delays), "lost": len(sent), "p50": cuts[9], "p95": cuts[18], "max": max(delays)}


def flood(probe: Probe) -> Result:
    """Measure how soon keys are answered in a flood of snapshots, and whether its end is on the screen."""
    seen, asked, answered = set[int](), [0.0], list[float]()

    def look(data: bytes) -> None:
        seen.update(int(stamp) for stamp in STAMP.findall(data))
        if asked[0] and b"Timeline" in data:  # its title says the new span
            answered.append(time.perf_counter() - asked[0])
            asked[0] = 0.0

    probe.on_write = look
    script = Script(duration=None).connect().event(1, "turn.start")
    last = int(FLOOD_PER_S * FLOOD_S) - 1

    def send(number: int) -> None:
        if number % (FLOOD_PER_S // 5) == 0 and not asked[0]:
            asked[0] = time.perf_counter()
            key = "plus" if number % (FLOOD_PER_S // 5 * 2) else "minus"
            probe.app.call_from_thread(probe.app.simulate_key, key)
        script.event(1 + number / FLOOD_PER_S, "turn.update", f"#{number:06}#")
        probe.controller.send(script.snapshot())

    began = time.perf_counter()
    paced(FLOOD_PER_S, FLOOD_S, send)
    took = time.perf_counter() - began
    time.sleep(0.3)
    return {
        "per_s": FLOOD_PER_S * FLOOD_S / took, "painted": len(seen), "last_painted": float(last in seen),
        "keys": len(answered), "slowest_key": max(answered),
    }  # fmt: skip


def resize(probe: Probe) -> Result:
    """Measure the longest stall of the screen's loop while the terminal is resized, and the memory of many turns."""
    growing = Script(duration=None).connect().event(1, "turn.start").event(2, "turn.update", "still growing")
    probe.controller.send(growing.snapshot())
    time.sleep(WARM_UP_S)
    before = resident_mb()
    behind = many_turns()
    held = resident_mb()
    probe.controller.send(msgspec.structs.replace(growing.snapshot(), finished=behind))
    time.sleep(WARM_UP_S)
    after = resident_mb()
    stalls: list[tuple[float, float]] = []

    async def watch() -> None:
        while True:
            began, spent = time.perf_counter(), time.thread_time()
            await asyncio.sleep(TICK_S)
            stalls.append((time.perf_counter() - began - TICK_S, time.thread_time() - spent))

    loop = probe.app._loop
    assert loop is not None
    asyncio.run_coroutine_threadsafe(watch(), loop)
    collections: list[float] = []

    def collected(phase: str, _: object) -> None:
        collections.append(time.perf_counter())
        if phase == "stop":
            began = collections[-2]
            collections[-2:] = [collections[-1] - began]

    gc.callbacks.append(collected)
    Path(sys.argv[2]).with_suffix(".ready").touch()
    while not Path(sys.argv[2]).with_suffix(".done").exists():
        time.sleep(0.05)
    stalls.sort()
    return {
        "longest": stalls[-1][0],
        "second": stalls[-2][0],
        "longest_processor": max(spent for _, spent in stalls),
        "longest_collection": max(collections, default=0),
        "screen_mb": after - held,
        "data_mb": held - before,
    }


def many_turns() -> tuple[FinishedTurn, ...]:
    """Return turns of 8 to 35 words."""
    turns = []
    for number in range(1, TURNS_BEHIND + 1):
        text = " " + " ".join(WORDS[(number + word) % len(WORDS)] for word in range(8 + number % 28))
        turn = Turn(number, number * 2.0, text, ended_at=number * 2 + 1.0, end_reason=EndReason.ENDED)
        turns.append(FinishedTurn(turn, TurnFigures(eot_latency=0.3 + number % 40 / 100, end_reason="threshold")))
    return tuple(turns)


def resident_mb() -> float:
    """Return the memory that the process has at present, where the system tells; the most it ever had elsewhere."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def talk(number: int) -> list[Snapshot]:
    """Return snapshots of somebody who talks, pauses, goes on and ends, every six seconds."""
    script = Script(duration=120.0).connect()
    snapshots: list[Snapshot] = []
    for tick in range(number):
        at = 0.2 + tick / SNAPSHOTS_PER_S
        phase = tick % (6 * SNAPSHOTS_PER_S)
        said = " ".join(WORDS[: phase * TEXTS_PER_S // SNAPSHOTS_PER_S // 3])
        script.to(at, level_db=-40.0 + (tick * 7) % 30)
        match phase:
            case 0:
                script.event(at, "turn.start")
            case 80:
                script.event(at, "turn.eager_end", said)
            case 90:
                script.event(at, "turn.resume")
            case 110:
                script.event(at, "turn.end", said)
            case _ if phase < 110 and tick % (SNAPSHOTS_PER_S // TEXTS_PER_S) == 0:
                script.event(at, "turn.update", said)
        snapshots.append(script.snapshot())
    return snapshots


if __name__ == "__main__":
    Probe().run({"stream": stream, "idle": idle, "delay": delay, "flood": flood, "resize": resize}[sys.argv[1]])
