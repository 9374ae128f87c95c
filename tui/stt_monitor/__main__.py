"""Entry point: from the very start, ctrl+c ends the program without a traceback."""

import gc
import os
import signal
import sys
from typing import Final

_INTERRUPTED: Final = 130


def main() -> int:
    """Run the program with the process's arguments; return an exit code of the contract."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a background job may have it ignored
        signal.signal(signal.SIGINT, _leave)  # loading takes a moment; Python would print a traceback
    gc.disable()  # loading makes many objects and no garbage
    from stt_monitor.cli.main import main as run
    from stt_monitor.system.streams import discard_unwritable

    try:
        return run(begin=_loaded)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        discard_unwritable()
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)


def _loaded() -> None:
    """Collect garbage, and raise KeyboardInterrupt, from now on: there may be something to clean up.

    Not before all is loaded: an exception from a signal handler can crash Python while it loads a C module.
    """
    gc.freeze()  # what was loaded stays: collecting would look through it in vain
    gc.enable()
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(*_: object) -> None:
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
