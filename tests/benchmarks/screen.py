"""What the screen costs: first paint of the installed command against a blank Textual app, processor time, delays,
stalls, memory.

    python tests/benchmarks/screen.py [first-paint|stream|beside|idle|delay|flood|resize|memory]...

Byte code is compiled first, the program's own (Textual's comes with its installation). Everything runs on a
pseudo-terminal of 120 by 35.
"""

import compileall
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import soundfile
from tests.benchmarks.server_load import Cost
from tests.support.terminal import Terminal

import stt_monitor
from stt_monitor.audio.sample import SAMPLE

COLUMNS: Final = 120
ROWS: Final = 35
ROUNDS: Final = 15
SIZES: Final = [
    (200, 60), (40, 12), (200, 60), (120, 35), (80, 24), (200, 60), (60, 20), (119, 35), (118, 34), (117, 33),
    (160, 50), (39, 11), (120, 35),
]  # fmt: skip
SIZE_S: Final = 0.25
"""How long each size lasts."""
SIZE_ROUNDS: Final = 3
TURNS: Final = 10_000
MEMORY_S: Final = 140.0
"""When its memory is looked at: all is drawn, and of the detector all is loaded."""

BLANK: Final = """
from textual.app import App
from textual.widgets import Static
class Blank(App):
    def compose(self):
        yield Static("ready")
Blank().run()
"""
BLANK_MARKS: Final = (b"ready",)
MONITOR_MARKS: Final = (b"stt-monitor", b"Turn", b"Transcript")
"""The title, the machine's panel and the transcript's border: the program's own picture, not an empty screen."""


def first_paint(command: list[str], marks: tuple[bytes, ...]) -> tuple[float, float]:
    """Return the seconds from the start of a process until all `marks` are on the terminal, and the processor's share.

    No emulator reads along: it would take its time from the other of two cores.
    """
    began = time.perf_counter()
    with Terminal(command, COLUMNS, ROWS) as terminal:
        seen = bytearray()
        while not all(mark in seen for mark in marks):
            seen += os.read(terminal._master, 65536)
        return time.perf_counter() - began, processor_s(terminal.process.pid)


def processor_s(pid: int) -> float:
    """Return the processor time of a process, of all its threads; Linux alone tells."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def compare_first_paint() -> None:
    """Print the first paint of the installed command beside that of a blank app, measured in turns."""
    command = str(Path(sys.executable).with_name("stt-monitor"))
    recording = str(Path(stt_monitor.__file__).parent / "audio" / "data" / "sample.wav")
    programs = {
        "blank app": ([sys.executable, "-c", BLANK], BLANK_MARKS),
        "stt-monitor": ([command, "--no-record"], MONITOR_MARKS),
        "stt-monitor FILE": ([command, "--no-record", recording], MONITOR_MARKS),
    }
    got: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, (program, marks) in programs.items():
            got[name].append(first_paint(program, marks))
    blank = [statistics.median(values) for values in zip(*got["blank app"], strict=True)]
    for name, measured in got.items():
        wall, processor = (statistics.median(values) for values in zip(*measured, strict=True))
        least = min(each for each, _ in measured)
        print(f"first paint, {name}: median {wall * 1000:.0f} ms ({wall / blank[0]:.2f} x), ", end="")
        print(f"least {least * 1000:.0f} ms, processor {processor * 1000:.0f} ms ({processor / blank[1]:.2f} x)")


def probe(name: str) -> dict[str, float]:
    """Run one of the programs of `screen_probe.py` to its end; returns what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        command = [sys.executable, str(Path(__file__).with_name("screen_probe.py")), name, str(result)]
        with Terminal(command, COLUMNS, ROWS) as terminal:
            terminal.until("Transcript")
            if name == "resize":
                resize(terminal, result)
            terminal.until_gone()
        measured: dict[str, float] = json.loads(result.read_text(encoding="utf-8"))
        return measured


def resize(terminal: Terminal, result: Path) -> None:
    """Give the terminal one size after the other, as soon as the program is ready and until it is told enough."""
    while not result.with_suffix(".ready").exists():
        terminal._read()
    for size in SIZES * SIZE_ROUNDS:
        terminal.resize(*size)
        until = time.monotonic() + SIZE_S
        while time.monotonic() < until:
            terminal._read()
    result.with_suffix(".done").touch()


def measure_stream() -> None:
    """Print processor time and output while streaming."""
    got = probe("stream")
    print(f"streaming: {got['share']:.1%} of one core, {got['bytes_per_s'] / 1000:.1f} kB/s of output")


def measure_beside() -> None:
    """Print the same of three services side by side."""
    got = probe("beside")
    print(f"streaming, three services: {got['share']:.1%} of one core, {got['bytes_per_s'] / 1000:.1f} kB/s of output")


def measure_idle() -> None:
    """Print processor time while nothing happens."""
    print(f"idle: {probe('idle')['share']:.2%} of one core")


def measure_delay() -> None:
    """Print how long it takes from the receipt of a frame to its text on the terminal."""
    got = probe("delay")
    p50, p95, longest = (got[name] * 1000 for name in ("p50", "p95", "max"))
    print(f"frame to terminal, 10 000 turns behind: p50 {p50:.1f}, p95 {p95:.1f}, max {longest:.1f} ms ", end="")
    print(f"({got['n']:.0f} texts, {got['lost']:.0f} not painted)")


def measure_flood() -> None:
    """Print what a flood does."""
    got = probe("flood")
    last = "painted" if got["last_painted"] else "NOT PAINTED"
    print(f"flood of {got['per_s']:.0f} snapshots/s: {got['painted']:.0f} painted, the last one {last}; ", end="")
    print(f"slowest of {got['keys']:.0f} keys answered after {got['slowest_key'] * 1000:.0f} ms")


def measure_resize() -> None:
    """Print stalls and memory."""
    got = {name: value * 1000 for name, value in probe("resize").items()}
    print(f"resizing with 10 000 turns: longest stall {got['longest']:.0f} ms, next {got['second']:.0f} ms; ", end="")
    print(f"most processor time in one {got['longest_processor']:.0f} ms, in a garbage collection ", end="")
    print(f"{got['longest_collection']:.0f} ms")
    data, screen = got["data_mb"] / 1000, got["screen_mb"] / 1000
    print(f"memory of 10 000 turns: {data:.1f} MB as data, and {screen:.1f} MB more on the screen")


def measure_memory() -> None:
    """Print the memory of a live session with the speech detector, without turns and with many."""
    with tempfile.TemporaryDirectory() as folder:
        spoken, rate = soundfile.read(SAMPLE, dtype="int16")
        repeats = math.ceil(MEMORY_S * 2 * rate / len(spoken))
        soundfile.write(f"{folder}/speech.wav", np.tile(spoken, repeats), rate)
        for turns in (0, TURNS):
            print(f"memory of a live session, {turns} turns: {resident_after(turns, folder):.1f} MB", flush=True)


def resident_after(turns: int, folder: str) -> float:
    """Return the resident memory (MB) of the installed command, once it has heard so many turns, and some seconds."""
    script = str(Path(__file__).with_name("screen_probe.py"))
    service = subprocess.Popen([sys.executable, script, "serve", str(turns)], stdout=subprocess.PIPE, text=True)
    try:
        assert service.stdout is not None
        command = str(Path(sys.executable).with_name("stt-monitor"))
        url = service.stdout.readline().strip()
        with Terminal([command, "--url", url, "--no-record", f"{folder}/speech.wav"], COLUMNS, ROWS) as terminal:
            terminal.until("Transcript")
            until = time.monotonic() + MEMORY_S
            while time.monotonic() < until:
                terminal._read()
            return Cost.of(terminal.process.pid).memory_mb
    finally:
        service.kill()
        service.wait()


MEASURES: Final = {
    "first-paint": compare_first_paint,
    "stream": measure_stream,
    "beside": measure_beside,
    "idle": measure_idle,
    "delay": measure_delay,
    "flood": measure_flood,
    "resize": measure_resize,
    "memory": measure_memory,
}


if __name__ == "__main__":
    compileall.compile_dir(Path(stt_monitor.__file__).parent, quiet=1)
    for wanted in sys.argv[1:] or MEASURES:
        MEASURES[wanted]()
