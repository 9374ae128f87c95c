"""The way in: from the first moment on, an interruption ends the program without a word."""

import os
import signal
import sys
from typing import Final

_INTERRUPTED: Final = 130


def main() -> int:
    """Run the program, with the arguments of the process; returns an exit code of the contract."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell may have it ignored in the background
        signal.signal(signal.SIGINT, _leave)  # loading takes a moment, and Python would print where it was
    from stt_monitor.cli.main import main as run
    from stt_monitor.system.streams import let_go

    try:
        return run(begin=_interrupt_in_order)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        let_go()
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)


def _interrupt_in_order() -> None:
    """Have an interruption raised, now that there may be something to be put in order.

    Not before all is loaded: an exception out of a signal, while a module written in C is loaded, can crash Python.
    """
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(*_: object) -> None:
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
