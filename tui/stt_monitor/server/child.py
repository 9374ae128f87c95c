"""The parent's side of the local server: a child process that lives no longer than this one.

Light on purpose: the monitor imports it, and must load neither numpy nor a model for it.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from typing import IO, Final, Self

from stt_monitor.core.errors import BugError, ServiceUnavailableError
from stt_monitor.services.registry import services

COMMAND: Final = (sys.executable, "-P", "-m", "stt_monitor.server")
"""-P: a file in the working directory must not stand in for a module."""

START_TIMEOUT_S: Final = 30.0
"""Loading takes half a second; a cold disk and a busy machine take longer."""

STOP_TIMEOUT_S: Final = 2.0
STDERR_LINES: Final = 20
"""Of the child's stderr, kept for the error message."""

_SECRETS: Final = tuple(each.key_variable for each in services())
"""Environment variables that the child does not get."""


class LocalServerProcess:
    """The local server as a process of its own, started on first use, and again after it has died.

    Thread-safe. Methods that wait have an `async` twin.

    Args:
        command: starts the child.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._base_url = ""
        self._stderr_lines: deque[str] = deque(maxlen=STDERR_LINES)

    def __enter__(self) -> Self:
        """Use the server in a `with` block, which ends it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    @property
    def pid(self) -> int | None:
        """The process id of the child, None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> str:
        """Start the server unless it runs.

        Returns:
            Its base URL, `http://127.0.0.1:PORT`.

        Raises:
            ServiceUnavailableError: a part is missing, or the process did not start; the sentence says which.
            BugError: it reported a bug of ours.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._end()
                self._base_url = self._launch()
            return self._base_url

    async def start_async(self) -> str:
        """Do what `start` does, on a thread."""
        return await asyncio.to_thread(self.start)

    def close(self) -> None:
        """End the process, even while another thread starts it. The server may be started again."""
        if (process := self._process) is not None:
            _close_stdin(process)  # before the lock, which `start` holds until the server is up
        with self._lock:
            self._end()

    async def close_async(self) -> None:
        """Do what `close` does, on a thread."""
        await asyncio.to_thread(self.close)

    def _launch(self) -> str:
        self._stderr_lines.clear()
        self._process = process = self._spawn()
        assert process.stdout is not None
        assert process.stderr is not None
        reader = threading.Thread(
            target=_keep_lines, args=(process.stderr, self._stderr_lines), name="server-stderr", daemon=True
        )
        reader.start()
        # A child that hangs is killed, and reading its output then ends by itself.
        deadline = threading.Timer(START_TIMEOUT_S, process.kill)
        deadline.daemon = True
        deadline.start()
        try:
            line = process.stdout.readline()
        finally:
            deadline.cancel()
        report = _report(line)
        if url := report.get("url"):
            return url
        self._end()
        reader.join(STOP_TIMEOUT_S)
        if bug := report.get("bug"):
            raise BugError(bug)
        raise ServiceUnavailableError(report.get("error") or self._why_not())

    def _spawn(self) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(  # noqa: S603  our own module, by our own interpreter
                self._command,
                stdin=subprocess.PIPE,  # its end tells the child that this process is gone
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=child_environment(),
                start_new_session=True,  # the parent handles Ctrl+C and a closed terminal
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise ServiceUnavailableError(f"The local server did not start: {error.strerror}") from error

    def _why_not(self) -> str:
        last = next((line for line in reversed(self._stderr_lines) if line), "it left no message")
        return f"The local server did not start: {last}"

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdout is not None
        _close_stdin(process)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _close_stdin(process: subprocess.Popen[str]) -> None:
    """Close the child's standard input, which makes it end."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()


def _keep_lines(stream: IO[str], lines: deque[str]) -> None:
    with stream:
        lines.extend(line.strip() for line in stream)


def _report(line: str) -> dict[str, str]:
    """Read the one line that the child writes: `{"url": ...}`, `{"error": ...}` or `{"bug": ...}`."""
    import json  # not before the first paint

    try:
        report = json.loads(line)
    except ValueError:
        return {}
    return {key: value for key, value in report.items() if isinstance(value, str)} if isinstance(report, dict) else {}


def child_environment() -> dict[str, str]:
    """Return the environment of a child of the monitor: without keys."""
    environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    environment.setdefault("MALLOC_ARENA_MAX", "2")  # glibc gives every thread a heap that only grows
    return environment
