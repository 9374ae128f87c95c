"""Runs a session and prints its records, on the main thread."""

from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from stt_monitor.core.commands import Start, Stop
from stt_monitor.core.errors import InputError
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection, RecordingRecord, StatusRecord, WarningRecord
from stt_monitor.headless.printer import Printer
from stt_monitor.headless.signals import SIGNAL_BASE, stop_on_signals
from stt_monitor.services.registry import service
from stt_monitor.session.thread import SessionThread
from stt_monitor.system.streams import ReaderLeftError, TerminalGoneError, diagnose

if TYPE_CHECKING:
    from stt_monitor.session.outcome import Outcome

_INTERRUPTED: Final = 130


def run(session: SessionThread, printer: Printer) -> int:
    """Run a session, or several one after another, to the end.

    Args:
        session: the thread that runs them.
        printer: prints records; diagnostics go to standard error.

    Returns:
        The exit code of the contract: 0, that of the worst outcome, or 128 + signal when one ended it.

    Raises:
        InputError: standard output cannot be written; the session is stopped in order.
    """
    printer.flush()  # a closed standard output fails before the session begins
    # One queue for records and outcomes keeps their order, and a slow reader of our output delays no session.
    arrivals: SimpleQueue[Record | Outcome] = SimpleQueue()
    session.subscribe(on_record=arrivals.put, on_outcome=arrivals.put)
    with stop_on_signals(session, lambda: printer.written) as received:
        session.send(Start())
        try:
            code = _print_all(arrivals, printer).exit_code
        except ReaderLeftError:  # ends the session, and is no error
            session.send(Stop())
            code = _INTERRUPTED
        except TerminalGoneError as error:
            session.send(Stop())
            code = error.exit_code
        except InputError:
            session.send(Stop())
            raise
    return SIGNAL_BASE + received[0] if received else code


def _print_all(arrivals: "SimpleQueue[Record | Outcome]", printer: Printer) -> "Outcome":
    told = ""
    while True:
        arrival = arrivals.get()
        if not isinstance(arrival, Record):
            if arrival.sentence:
                diagnose(arrival.sentence)
            if arrival.more:
                continue
            printer.flush()
            return arrival
        if isinstance(arrival, StatusRecord) and arrival.connection != Connection.CLOSED.value:  # the outcome says more
            diagnose(_about(arrival) + ": ".join(part for part in (arrival.connection, arrival.detail) if part))
        if isinstance(arrival, WarningRecord):
            diagnose(f"warning: {arrival.sentence}")
        if isinstance(arrival, RecordingRecord) and (sentence := _recording(arrival)) != told:
            told = sentence  # services side by side have one recording
            diagnose(sentence)
        printer.print(arrival)
        if arrivals.empty():
            printer.flush()


def _about(record: StatusRecord) -> str:
    of = service(record.service).title if record.service else record.file
    return f"{of}: " if of else ""


def _recording(record: RecordingRecord) -> str:
    if record.stopped:
        return f"recording stopped: {record.stopped}; {'the sessions go' if record.service else 'the session goes'} on"
    deleted = f" (deleted the oldest {record.deleted} there to stay within --record-limit)" if record.deleted else ""
    return f"recording to {record.path}{deleted}"
