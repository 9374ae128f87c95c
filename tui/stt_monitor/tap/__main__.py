"""The forwarding side of a tap, as a child of the monitor: `python -m stt_monitor.tap`.

A process of its own, so that nothing in monitoring can hold up a call: neither its work, nor its memory, nor its end.
It reads its settings from standard input, a line of JSON, and lives until that ends, which happens however the parent
ends. Standard output has what it tells (`TapEvent`), each behind its length.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Final

import msgspec

from stt_monitor.core.errors import BugError, UserError
from stt_monitor.tap.copies import Copies
from stt_monitor.tap.events import Listening, Stopped
from stt_monitor.tap.settings import TapSettings

_SWITCH_S: Final = 0.0005
"""How long forwarding may wait for the thread that hands copies over; Python's usual 5 ms would be felt."""


def main() -> int:
    """Forward until standard input ends; return the exit code."""
    for name in ("SIGINT", "SIGHUP"):  # they are meant for the parent; Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _log_quietly()
    sys.setswitchinterval(_SWITCH_S)
    copies = Copies(_write)
    try:
        asyncio.run(_forward(_read_settings(), copies))
        stopped = None
    except UserError as error:
        stopped = Stopped(str(error), error.exit_code)
    except Exception as error:  # noqa: BLE001  the last resort
        from stt_monitor.system.bugs import report_bug  # only now that something went wrong

        stopped = Stopped(report_bug(error, "the tap has ended"), BugError.exit_code)
    if stopped is not None:
        copies.tell(stopped)
    copies.close()
    return 0 if stopped is None else stopped.exit_code


async def _forward(settings: TapSettings, copies: Copies) -> None:
    from stt_monitor.system.hosts import cannot_listen
    from stt_monitor.tap.forwarder import Forwarder

    over = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end_with_parent() -> None:
        while os.read(0, 1024):
            pass
        with suppress(RuntimeError):  # it has ended by itself
            loop.call_soon_threadsafe(over.set)

    forwarder = Forwarder(settings, copies.tell)
    try:
        await forwarder.__aenter__()
    except OSError as error:
        raise cannot_listen(settings.host, settings.port, error, "--listen") from error
    copies.tell(Listening(*forwarder.listening))
    threading.Thread(target=end_with_parent, name="parent", daemon=True).start()
    try:
        await over.wait()
    finally:
        await forwarder.__aexit__()


def _log_quietly() -> None:
    """Leave bugs to the log of bugs: messages of exceptions may hold keys."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)
    threading.excepthook = lambda bug: None if bug.exc_value is None else _log(bug.exc_value)


def _log(error: BaseException) -> None:
    from stt_monitor.system.error_log import log_error  # only needed after a bug

    log_error(error)


def _read_settings() -> TapSettings:
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            break
        line += byte
    return msgspec.json.decode(bytes(line), type=TapSettings)


def _write(data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(1, left) :]


if __name__ == "__main__":
    sys.exit(main())
