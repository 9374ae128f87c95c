"""Runs a tap without a screen: a line for each call that begins or ends."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.core.commands import Stop
from stt_monitor.core.errors import InputError
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.session import SCHEMA_VERSION
from stt_monitor.core.text.sanitize import printable
from stt_monitor.headless.diagnoses import Diagnoses
from stt_monitor.headless.plain_mixed import call_name
from stt_monitor.headless.printer import Printer, call_printer
from stt_monitor.headless.signals import SIGNAL_BASE, stop_on_signals
from stt_monitor.system.clock import Instant
from stt_monitor.system.hosts import in_url
from stt_monitor.system.streams import ReaderLeftError, TerminalGoneError, diagnose
from stt_monitor.tap.calls import CallRecord
from stt_monitor.tap.process import TapProcess
from stt_monitor.tap.sessions.keeping import Keeping
from stt_monitor.tap.sessions.watching import Watching
from stt_monitor.tap.settings import TapSettings

if TYPE_CHECKING:  # an extra, which need not be installed
    from stt_monitor.tap.prometheus import PrometheusMeter

_INTERRUPTED: Final = 130


class TapRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="tap"):
    """The first line: the tap accepts calls."""

    url: str
    """Base URL for the agent's SDK."""
    to: str
    """Base URL that calls are forwarded to; empty: each vendor's."""
    metrics: str = ""
    """URL for Prometheus; empty without `--metrics`."""
    schema_version: int = SCHEMA_VERSION
    """Version of the lines that follow."""


class _Runner:
    """What a signal stops."""

    def __init__(self, process: TapProcess, watching: Watching) -> None:
        self._process = process
        self._watching = watching

    @property
    def running(self) -> bool:
        return self._watching.running

    def send(self, _: Stop) -> None:
        self._process.stop()


def run_tap(settings: TapSettings, keeping: Keeping, metrics: "PrometheusMeter | None", *, json: bool) -> int:
    """Forward calls, and watch them, until a signal comes; returns 128 + its number.

    Args:
        settings: how to run.
        keeping: how calls are saved.
        metrics: counts over all calls and serves it, running; None: nobody does.
        json: whether lines are JSON.

    Raises:
        UserError: it cannot listen there, or standard output cannot be written.
        BugError: the process that forwards has ended by itself.
    """
    printer = call_printer(json=json)
    printer.flush()  # a closed standard output fails before anything is forwarded
    code = 0
    with TapProcess(settings) as process:
        listening = process.listening
        first = TapRecord(
            f"http://{in_url(listening.host)}:{listening.port}", settings.to, metrics.url if metrics is not None else ""
        )
        with (
            Watching(process, Instant.now(time.monotonic), keeping, metrics) as watching,
            stop_on_signals(_Runner(process, watching), lambda: printer.written) as received,
        ):
            try:
                printer.print_lines([to_json(first) if json else _listening(first)])
                printer.flush()
                _print_all(watching, printer, json=json)
            except ReaderLeftError:  # ends the tap, and is no error
                code = _INTERRUPTED
            except TerminalGoneError as error:
                code = error.exit_code
    return SIGNAL_BASE + received[0] if received else code


def _print_all(watching: Watching, printer: Printer, *, json: bool) -> None:
    diagnoses = Diagnoses(statuses=False)
    lost, is_told = 0, False
    for record, more in watching.records():
        if not isinstance(record, CallRecord):
            diagnoses.say(record)
        try:
            if isinstance(record, CallRecord):
                printer.print_lines([to_json(record)] if json else _lines(record))
            else:
                printer.print(record)
            if not more:
                printer.flush()
        except InputError as error:  # a full disk is no reason to cut calls off
            if not is_told:
                is_told = True
                diagnose(f"{error}; calls are forwarded all the same")
        if not more and watching.lost > lost:
            diagnose(f"{watching.lost - lost} lines were not printed: the output was too slow")
            lost = watching.lost


def _listening(first: TapRecord) -> str:
    metrics = f" Metrics for Prometheus are at {first.metrics}." if first.metrics else ""
    target = f"to {first.to}" if first.to else "to the service of each path"
    return f"Listening on {first.url}, forwarding {target}; point the base URL of an agent's SDK at it.{metrics}"


def _lines(record: CallRecord) -> Iterator[str]:
    what = f"{call_name(record.call)}  {record.state} at {record.t:.3f}: {record.method} {record.path}"
    parts = [printable(what), record.service]
    if record.status is not None:
        parts.append(f"status {record.status}")
    if record.seconds is not None:
        parts.append(f"{record.seconds:.3f} s")
        if record.agent_bytes is not None:
            parts.append(f"{record.agent_bytes} bytes sent, {record.service_bytes} received")
        parts.append(f"ended by the {record.ended_by}" + (f", close {record.close_code}" if record.close_code else ""))
    if record.problem:
        parts.append(printable(record.problem))
    yield ", ".join(filter(None, parts))
