"""The local server as a child of the monitor: `python -m stt_monitor.server`.

It listens on a free loopback port, writes one JSON line to stdout, `{"url": ...}`, `{"error": ...}` or `{"bug": ...}`,
and lives until its standard input ends: that happens however the parent ends.
"""

import json
import os
import signal
import sys
import threading


def main() -> int:
    """Run the server until stdin ends; return the exit code."""
    threading.Thread(target=_leave_with_parent, name="parent", daemon=True).start()
    for name in ("SIGINT", "SIGHUP"):  # they are meant for the parent; Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    from stt_monitor.core.errors import (
        BugError,
        ServiceUnavailableError,
        UserError,
    )  # the watch above must stand before anything is loaded
    from stt_monitor.server.serve import serve_until_stopped  # the same
    from stt_monitor.server.settings import ServerSettings

    try:
        serve_until_stopped(ServerSettings(), lambda server: _report("url", server.base_url))
    except UserError as error:
        _report("error", str(error))
        return error.exit_code
    except (ImportError, OSError) as error:  # the installation, or the machine
        _report("error", f"The local server did not start: {type(error).__name__}: {error}")
        return ServiceUnavailableError.exit_code
    except Exception as error:  # noqa: BLE001  the last resort
        from stt_monitor.system.bugs import report_bug  # only now that something went wrong

        _report("bug", report_bug(error, "the local server has ended"))
        return BugError.exit_code
    return 0


def _report(name: str, value: str) -> None:
    sys.stdout.write(json.dumps({name: value}) + "\n")
    sys.stdout.flush()


def _leave_with_parent() -> None:
    while os.read(0, 1024):
        pass
    # At once, whatever the other threads do: no client is left.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
