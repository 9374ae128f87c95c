"""What the screen costs: first paint against a blank Textual app, processor time and output while streaming.

    python tests/benchmarks/screen.py

Byte code is compiled first. Everything runs on a pseudo-terminal of 120 by 35; snapshots are made beforehand.
"""

import compileall
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Final

from stt_monitor.core.snapshot import Snapshot

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.terminal import Terminal  # noqa: E402 - it is found only after the line above
from tests.ui.scripted import Script, ScriptedController  # noqa: E402 - likewise

COLUMNS: Final = 120
ROWS: Final = 35
ROUNDS: Final = 9
SNAPSHOTS_PER_S: Final = 20
TEXTS_PER_S: Final = 10
STREAM_S: Final = 20
WARM_UP_S: Final = 2.0

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


def stream() -> None:
    """Run the app, feed it, and report its processor time in the file that argv names."""
    from stt_monitor.ui.app import run

    controller = ScriptedController()
    snapshots = _snapshots(int((STREAM_S + WARM_UP_S) * SNAPSHOTS_PER_S))

    def feed() -> None:
        while not controller.running:
            time.sleep(0.01)
        began, spent = time.monotonic(), 0.0
        for number, snapshot in enumerate(snapshots):
            if number == int(WARM_UP_S * SNAPSHOTS_PER_S):
                spent = time.process_time()
            controller.send(snapshot)
            time.sleep(max(0.0, began + (number + 1) / SNAPSHOTS_PER_S - time.monotonic()))
        share = (time.process_time() - spent) / STREAM_S
        Path(sys.argv[2]).write_text(f"{share:.4f}", encoding="utf-8")

    threading.Thread(target=feed, daemon=True).start()
    run(controller)


def _snapshots(number: int) -> list[Snapshot]:
    script = Script(duration=120.0).connect()
    words = ["and", "so", "we", "went", "on", "talking", "about", "this", "and", "that", "until", "it", "was", "late"]
    snapshots: list[Snapshot] = []
    for tick in range(number):
        at = 0.2 + tick / SNAPSHOTS_PER_S
        phase = tick % (6 * SNAPSHOTS_PER_S)
        said = " ".join(words[: phase * TEXTS_PER_S // SNAPSHOTS_PER_S // 3])
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


def measure_stream() -> None:
    """Print processor time and output while streaming."""
    result = Path(sys.argv[0]).with_suffix(".result")
    with Terminal([sys.executable, __file__, "stream", str(result)], COLUMNS, ROWS) as terminal:
        terminal.until("live")
        before, began = len(terminal.output), time.monotonic()
        while not result.exists():
            terminal._read()
        rate = (len(terminal.output) - before) / (time.monotonic() - began)
        print(f"streaming: {float(result.read_text()):.1%} of one core, {rate / 1000:.1f} kB/s of output")
    result.unlink()


if __name__ == "__main__":
    if sys.argv[1:2] == ["stream"]:
        stream()
    else:
        compileall.compile_dir(ROOT / "tui", quiet=1)
        compare_first_paint()
        measure_stream()
