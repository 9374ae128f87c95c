"""The monitor's side of a tap: starts the forwarding process, and reads its events.

Light on purpose: loads neither asyncio nor websockets.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, Self

import msgspec

from stt_monitor.core.errors import BugError, UserError
from stt_monitor.server.child import child_environment
from stt_monitor.tap.events import FRAME_HEAD_BYTES, CallEvent, Listening, Stopped, TapEvent
from stt_monitor.tap.settings import TapSettings

COMMAND: Final = (sys.executable, "-P", "-m", "stt_monitor.tap")
"""-P: a file in the working directory must not stand in for a module."""

STOP_TIMEOUT_S: Final = 5.0
"""How long it may take to end its calls and say so."""


class TapProcess:
    """A tap that forwards inside its `with` block; its calls end with the block, and however this process ends.

    Reading too slowly costs copies, never calls: see `CallDropped`.

    Args:
        settings: how to run.
        command: starts the process.
    """

    def __init__(self, settings: TapSettings, command: Sequence[str] = COMMAND) -> None:
        self._settings = settings
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped_at: float | None = None
        self.listening = Listening("", 0)
        """Where it listens."""

    def __enter__(self) -> Self:
        """Start it, and wait until it listens.

        Raises:
            UserError: it cannot listen there, or has no way to the service.
            BugError: it reported a bug of ours.
        """
        self._process = process = subprocess.Popen(  # noqa: S603  our own module, by our own interpreter
            self._command,
            stdin=subprocess.PIPE,  # its end tells the child that this process is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # bugs go to the log of bugs, without what could hold a key
            env=child_environment(),
            start_new_session=True,  # this process handles Ctrl+C and a closed terminal
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert process.stdin is not None
        try:
            with suppress(OSError):  # it says why, or nothing at all
                process.stdin.write(msgspec.json.encode(self._settings) + b"\n")
                process.stdin.flush()
            first = self._next()
            assert isinstance(first, Listening)
        except BaseException:
            self.__exit__()
            raise
        self.listening = first
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and its calls."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    @property
    def pid(self) -> int:
        """The process that forwards."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def stopping_s(self) -> float:
        """Seconds since it was asked to stop; 0.0 before."""
        return 0.0 if self._stopped_at is None else time.monotonic() - self._stopped_at

    def events(self) -> Iterator[CallEvent]:
        """Yield what happens in calls, as it comes, until `stop`; blocks between.

        Raises:
            BugError: the process has ended by itself.
        """
        try:
            while True:
                event = self._next()
                assert not isinstance(event, Listening)
                yield event
        except EOFError:
            return

    def stop(self) -> None:
        """End its calls: `events` yields their ends, and is over. May be called on any thread, or by a signal."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._stopped_at = self._stopped_at or time.monotonic()
        with suppress(OSError):
            self._process.stdin.close()

    def _next(self) -> CallEvent | Listening:
        """Return the next event.

        Raises:
            EOFError: it was stopped, and this was all.
            UserError: it cannot run.
        """
        event = _DECODER.decode(self._read(int.from_bytes(self._read(FRAME_HEAD_BYTES))))
        if isinstance(event, Stopped):
            raise _StoppedError(event)
        return event

    def _read(self, size: int) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        data = self._process.stdout.read(size)
        if len(data) == size:
            return data
        if self._stopped_at is not None:
            raise EOFError
        raise BugError(f"a bug of stt-monitor: the tap has ended by itself (exit code {self._process.wait()})")


class _StoppedError(UserError):
    def __init__(self, told: Stopped) -> None:
        super().__init__(told.sentence)
        self.exit_code = told.exit_code


_DECODER: Final[msgspec.msgpack.Decoder[TapEvent]] = msgspec.msgpack.Decoder(TapEvent)
