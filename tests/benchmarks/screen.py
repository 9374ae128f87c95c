"""What the screen costs: first paint against a blank Textual app, processor time, delays, stalls, memory.

    python tests/benchmarks/screen.py [first-paint|stream|idle|delay|flood|resize]...

Byte code is compiled first. Everything runs on a pseudo-terminal of 120 by 35; snapshots are made beforehand.
"""

import compileall
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.terminal import Terminal  # noqa: E402 - it is found only after the line above

COLUMNS: Final = 120
ROWS: Final = 35
ROUNDS: Final = 9
SIZES: Final = [
    (200, 60), (40, 12), (200, 60), (120, 35), (80, 24), (200, 60), (60, 20), (119, 35), (118, 34), (117, 33),
    (160, 50), (39, 11), (120, 35),
]  # fmt: skip
SIZE_S: Final = 0.25
"""How long each size lasts."""
SIZE_ROUNDS: Final = 3

BLANK: Final = """
from textual.app import App
from textual.widgets import Static
class Blank(App):
    def compose(self):
        yield Static("ready")
Blank().run()
"""
MONITOR: Final = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from stt_monitor.ui.app import run
class Idle:
    running = False
    def subscribe(self, on_snapshot): ...
    def start(self): ...
    def stop(self): ...
run(Idle(), autostart=False)
"""


def first_paint(program: str, mark: str) -> float:
    """Return the seconds from the start of the process to `mark` on the terminal."""
    began = time.perf_counter()
    with Terminal([sys.executable, "-c", program], COLUMNS, ROWS) as terminal:
        while mark.encode() not in terminal.output:
            terminal._read()
        return time.perf_counter() - began


def compare_first_paint() -> None:
    """Print the first paint of both, measured in turns."""
    blank, monitor = [], []
    for _ in range(ROUNDS):
        blank.append(first_paint(BLANK, "ready"))
        monitor.append(first_paint(MONITOR, "Transcript"))
    a, b = statistics.median(blank), statistics.median(monitor)
    print(f"first paint: blank {a * 1000:.0f} ms, monitor {b * 1000:.0f} ms, ratio of medians {b / a:.2f}, ", end="")
    print(f"of minima {min(monitor) / min(blank):.2f} ({ROUNDS} rounds)")


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


def measure_idle() -> None:
    """Print processor time while nothing happens."""
    print(f"idle: {probe('idle')['share']:.2%} of one core")


def measure_delay() -> None:
    """Print how long a snapshot takes to the terminal."""
    got = probe("delay")
    p50, p95, longest = (got[name] * 1000 for name in ("p50", "p95", "max"))
    print(f"snapshot to terminal, 10 000 turns behind: p50 {p50:.1f}, p95 {p95:.1f}, max {longest:.1f} ms ", end="")
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


MEASURES: Final = {
    "first-paint": compare_first_paint,
    "stream": measure_stream,
    "idle": measure_idle,
    "delay": measure_delay,
    "flood": measure_flood,
    "resize": measure_resize,
}


if __name__ == "__main__":
    compileall.compile_dir(ROOT / "tui", quiet=1)
    for wanted in sys.argv[1:] or MEASURES:
        MEASURES[wanted]()
