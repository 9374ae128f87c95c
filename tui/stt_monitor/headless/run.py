"""Runs one session and prints its records; the main thread does nothing else."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING, Final

from stt_monitor.core.records import Connection, LikelihoodRecord, Record, RecordingRecord, StatusRecord, to_json
from stt_monitor.core.text import printable
from stt_monitor.headless.plain import plain_lines
from stt_monitor.runner import SessionRunner

if TYPE_CHECKING:
    from stt_monitor.session import Outcome

Printer = Callable[[Record], Iterable[str]]

_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_INTERRUPTED: Final = 130
_SIGNAL_EXIT_BASE: Final = 128


def json_lines(record: Record) -> Iterator[str]:
    """Print a record as JSON."""
    yield to_json(record)


def json_lines_without_trace(record: Record) -> Iterator[str]:
    """Print a record as JSON, but not what comes ten times a second."""
    if not isinstance(record, LikelihoodRecord):
        yield to_json(record)


def run(runner: SessionRunner, printer: Printer = plain_lines) -> int:
    """Run a session, or several one after another, to the end.

    Args:
        runner: runs it.
        printer: turns a record into lines of standard output; diagnostics go to standard error.

    Returns:
        The exit code of the contract: 0, the gravest of the sessions' outcomes, or 128 + signal when one ended it.
    """
    # One queue for records and outcomes keeps their order, and lets a slow reader of our output delay no session.
    arrivals: SimpleQueue[Record | Outcome] = SimpleQueue()
    runner.subscribe(on_record=arrivals.put, on_outcome=arrivals.put)
    with _ended_by_signals(runner) as received:
        runner.start()
        try:
            outcome = _print_all(arrivals, printer)
        except BrokenPipeError:  # the reader has left, as `head` does: that ends the session, and is no fault
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            runner.stop()
            return _INTERRUPTED
    return _SIGNAL_EXIT_BASE + received[0] if received else outcome.exit_code


def _print_all(arrivals: "SimpleQueue[Record | Outcome]", printer: Printer) -> "Outcome":
    while True:
        arrival = arrivals.get()
        if not isinstance(arrival, Record):
            if arrival.sentence:
                _diagnose(arrival.sentence)
            if arrival.more:
                continue
            return arrival
        if isinstance(arrival, StatusRecord) and arrival.connection != Connection.CLOSED.value:  # the outcome says more
            _diagnose(": ".join(part for part in (arrival.connection, arrival.detail) if part))
        if isinstance(arrival, RecordingRecord):
            _diagnose(_recording(arrival))
        for line in printer(arrival):
            print(line)  # noqa: T201  this is the program's output
        if arrivals.empty():
            sys.stdout.flush()


@contextmanager
def _ended_by_signals(runner: SessionRunner) -> Iterator[list[int]]:
    """While inside, a signal ends the session in order, and a second one ends the program; gives the signals got."""
    received: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1:
            raise SystemExit(_SIGNAL_EXIT_BASE + number)
        runner.stop()

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _recording(record: RecordingRecord) -> str:
    if record.stopped:
        return f"the session goes on, but is not recorded any more: {record.stopped}"
    deleted = f" ({record.deleted} of the oldest there deleted, to keep to --record-limit)" if record.deleted else ""
    return f"recording to {record.path}{deleted}"


def _diagnose(sentence: str) -> None:
    print(f"stt-monitor: {printable(sentence)}", file=sys.stderr)  # noqa: T201  diagnostics are for standard error
