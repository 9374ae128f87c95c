"""Runs a session and prints its records, on the main thread."""

from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from stt_monitor.core.commands import Start, Stop
from stt_monitor.core.errors import InputError
from stt_monitor.core.records.lines import Record
from stt_monitor.headless.diagnoses import Diagnoses
from stt_monitor.headless.printer import Printer
from stt_monitor.headless.signals import SIGNAL_BASE, stop_on_signals
from stt_monitor.session.thread import SessionThread
from stt_monitor.system.streams import ReaderLeftError, TerminalGoneError, diagnose
from stt_monitor.system.waiting import next_of

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
    diagnoses = Diagnoses()
    while True:
        arrival = next_of(arrivals)
        if not isinstance(arrival, Record):
            if arrival.sentence:
                diagnose(arrival.sentence)
            if arrival.more:
                continue
            printer.flush()
            return arrival
        diagnoses.say(arrival)
        printer.print(arrival)
        if arrivals.empty():
            printer.flush()
