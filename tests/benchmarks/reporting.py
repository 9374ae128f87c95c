"""Measure what it takes to report a day of ten thousand turns: seconds of the processor, and size.

python tests/benchmarks/reporting.py [--turns 10000]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.kept import keep

from stt_monitor.commands.sessions import find_sessions, load
from stt_monitor.export.formats import FORMATS as EXPORTS
from stt_monitor.report.contents import By, Report, compose
from stt_monitor.report.formats import FORMATS


def timed(name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401  it passes on what it is given
    """Do some work and print what it took."""
    before = time.process_time()
    result = work()
    size = f"{len(result.encode()) / 1e6:8.2f} MB" if isinstance(result, str) else ""
    sys.stdout.write(f"{name:<24}{time.process_time() - before:8.2f} s {size}\n")
    return result


def main() -> None:
    """Read the arguments and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10_000)
    options: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        texts = tuple(f"This is turn number {number} of very many." for number in range(options.turns))
        folder = keep(Path(directory) / "session", texts=texts)
        sessions = timed("read", lambda: load(find_sessions([folder])))
    report: Report = timed("pool", lambda: compose(sessions, By.SESSION))
    for name, form in FORMATS.items():
        timed(f"report, {name}", lambda form=form: form(report))  # type: ignore[misc]
    for name, export in EXPORTS.items():
        timed(f"export, {name}", lambda export=export: export(sessions[0].snapshot))  # type: ignore[misc]
    both = compose([*sessions, *sessions], By.SESSION)
    timed("report, two compared", lambda: FORMATS["html"](both))


if __name__ == "__main__":
    main()
