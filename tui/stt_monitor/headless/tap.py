"""Runs a tap without a screen: a line for each call that begins or ends."""

import time
from collections.abc import Iterator

import msgspec

from stt_monitor.core.commands import Stop
from stt_monitor.core.errors import InputError
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.session import SCHEMA_VERSION
from stt_monitor.core.text.sanitize import printable
from stt_monitor.headless.signals import SIGNAL_BASE, stop_on_signals
from stt_monitor.system.hosts import in_url
from stt_monitor.system.streams import Output, diagnose
from stt_monitor.tap.calls import CallLog, CallRecord
from stt_monitor.tap.process import TapProcess
from stt_monitor.tap.settings import TapSettings


class TapRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="tap"):
    """The first line: the tap accepts calls."""

    url: str
    """Base URL for the agent's SDK."""
    to: str
    """Base URL that calls are forwarded to; empty: each vendor's."""
    schema_version: int = SCHEMA_VERSION


class _Runner:
    """What a signal stops."""

    def __init__(self, process: TapProcess) -> None:
        self._process = process

    @property
    def running(self) -> bool:
        return self._process.running

    def send(self, _: Stop) -> None:
        self._process.stop()


def run_tap(settings: TapSettings, *, json: bool) -> int:
    """Forward calls until a signal comes; returns 128 + its number.

    Raises:
        UserError: it cannot listen there, or standard output cannot be written.
        BugError: the process that forwards has ended by itself.
    """
    output = Output(for_programs=json)
    output.flush()  # a closed standard output fails before anything is forwarded
    with TapProcess(settings) as process, stop_on_signals(_Runner(process), lambda: output.written) as received:
        listening = process.listening
        url = f"http://{in_url(listening.host)}:{listening.port}"
        log = CallLog(time.monotonic())
        first = TapRecord(url, settings.to)
        output.write_lines([to_json(first) if json else _listening(first)])
        output.flush()
        is_told = False
        for event in process.events():
            for record in log.read(event):
                try:
                    output.write_lines([to_json(record)] if json else _lines(record))
                    output.flush()
                except InputError as error:  # a full disk is no reason to cut calls off
                    if not is_told:
                        is_told = True
                        diagnose(f"{error}; calls are forwarded all the same")
    return SIGNAL_BASE + received[0] if received else 0


def _listening(first: TapRecord) -> str:
    target = f"to {first.to}" if first.to else "to the service that the path is of"
    return f"Listening on {first.url}, forwarding {target}; point the base URL of an agent's SDK at it."


def _lines(record: CallRecord) -> Iterator[str]:
    what = f"{record.t:.3f} call {record.call} {record.state}: {record.method} {record.path}"
    parts = [printable(what), record.service]
    if record.status is not None:
        parts.append(f"status {record.status}")
    if record.seconds is not None:
        parts.append(f"{record.seconds:.3f} s")
        parts.append(f"{record.agent_bytes} bytes sent, {record.service_bytes} received")
        parts.append(f"ended by the {record.ended_by}" + (f", close {record.close_code}" if record.close_code else ""))
    if record.problem:
        parts.append(printable(record.problem))
    yield ", ".join(filter(None, parts))
