"""How long it takes from the key `a` until a device has the first sample of a turn.

    python tests/benchmarks/playing.py [TIMES]

The real program on a pseudo-terminal of 120 by 35 replays the bundled session; a real PortAudio (ALSA, which writes to
nowhere) is the loudspeaker. The way begins when the key is pressed, and ends when the program hears that the device has
taken the first 50 ms. Each time, a process of its own is started and the devices are scanned anew.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.terminal import Terminal

ALLOWED_MS: Final = 150
"""What the issue allows."""

PROGRAM: Final = """
import json, sys, time
from stt_monitor.audio.devices.speaker import Speaker
from stt_monitor.cli.main import main

def _next(self, patience, inner=Speaker._next):
    told = inner(self, patience)
    if "played" in told and not self._played:
        with open(result, "a") as file:
            file.write(json.dumps(time.monotonic()) + "\\n")
    return told

Speaker._next = _next
result, *arguments = sys.argv[1:]
sys.exit(main(arguments))
"""


def measure(times: int, folder: Path) -> list[float]:
    """Press the key so often; return the seconds of each."""
    configuration, result = folder / "alsa.conf", folder / "result"
    configuration.write_text("pcm.!default { type null }\n")
    result.touch()
    took = []
    command = [sys.executable, "-c", PROGRAM, str(result), "demo", "--speed", "max"]
    with Terminal(command, 120, 35, ALSA_CONFIG_PATH=str(configuration)) as terminal:
        terminal.until("stopped")
        for number in range(1, times + 1):
            pressed = time.monotonic()
            terminal.press("a")
            while len(lines := result.read_text().splitlines()) < number or not result.read_text().endswith("\n"):
                terminal._read()
            took.append(json.loads(lines[-1]) - pressed)
            while "▶" in terminal.text:  # it plays as fast as nowhere takes it
                terminal._read()
            time.sleep(0.2)
        terminal.press("q")
        terminal.until_gone()
    return took


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("times", nargs="?", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ms = np.array(measure(options.times, Path(folder))) * 1000
    p50, p90 = np.percentile(ms, [50, 90])
    print(f"key to first sample: n {len(ms)}, first {ms[0]:.0f}, p50 {p50:.0f}, p90 {p90:.0f}, max {ms.max():.0f} ms")
    print(f"allowed: {ALLOWED_MS} ms; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
