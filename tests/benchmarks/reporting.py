"""Measure what it takes to report a day of ten thousand turns: seconds of the processor, size, and memory (MB) at most.

python tests/benchmarks/reporting.py [--turns 10000]
"""

import argparse
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.kept import keep

from stt_monitor.cli.saved_sessions import find_sessions, load
from stt_monitor.export.formats import FORMATS as EXPORTS
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.model import By, Report, compose


def timed(name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401  it passes on what it is given
    """Do some work and print what it took."""
    before = time.process_time()
    result = work()
    sys.stdout.write(f"{name:<24}{time.process_time() - before:8.2f} s\n")
    return result


def written(name: str, pieces: Callable[[], Iterable[str]]) -> None:
    """Write a form, and print what it took, how large it is, and how much memory was taken meanwhile."""
    before = time.process_time()
    size = sum(len(piece.encode()) for piece in pieces()) / 1e6
    seconds = time.process_time() - before
    tracemalloc.start()
    for _ in pieces():
        pass
    memory = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    sys.stdout.write(f"{name:<24}{seconds:8.2f} s {size:8.2f} MB {memory:8.2f} MB of memory\n")


def main() -> None:
    """Read the arguments and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10_000)
    options: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        texts = tuple(f"This is turn number {number} of very many." for number in range(options.turns))
        folder = keep(Path(directory) / "session", texts=texts)
        (sessions,) = timed("read", lambda: load(find_sessions([folder])))
    report: Report = timed("pool", lambda: compose(sessions, By.SESSION))
    for name, form in FORMATS.items():
        written(f"report, {name}", partial(form, report))
    for name, export in EXPORTS.items():
        written(f"export, {name}", partial(export.write, sessions[0].snapshot))
    both = compose([*sessions, *sessions], By.SESSION)
    written("report, two compared", partial(FORMATS["html"], both))


if __name__ == "__main__":
    main()
