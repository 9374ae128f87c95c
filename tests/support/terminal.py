"""A real terminal for the real program: a pty, and an emulator that shows what a person would see."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from typing import Self

import pyte
from tests.support.patience import PATIENCE_S as PATIENCE_S  # noqa: PLC0414  whoever has a terminal waits for it

_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]+\$p|\x1b_[^\x1b]*\x1b\\")

_NOT_ITS_OWN = {"CARTESIA_API_KEY", "NO_COLOR", "COLUMNS", "LINES"}
"""Variables of whoever runs the tests that say something else of the terminal, or of the service."""


def _take_terminal() -> None:
    """Make the terminal on standard input the controlling one of a session of its own, as a login does.

    Where the tests run in the background, the shell has the keyboard's signals ignored: here they are not.
    """
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """Runs a command on a terminal of its own."""

    def __init__(self, command: Sequence[str], columns: int = 80, rows: int = 24, **environment: str) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.output = bytearray()
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.settings = termios.tcgetattr(slave)
        variables = {name: value for name, value in os.environ.items() if name not in _NOT_ITS_OWN}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=_take_terminal,  # noqa: PLW1509  system calls, which no lock can hold up
            env=variables | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environment,
        )
        self._slave = slave
        self._master = master
        self._there = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._slave)
        if self._there:
            os.close(self._master)

    @property
    def text(self) -> str:
        """What is on the screen now, line by line."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def vanish(self) -> None:
        """Be gone, as a closed window is, or a line that was lost."""
        os.close(self._master)
        self._there = False

    def resize(self, columns: int, rows: int) -> None:
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.killpg(self.process.pid, signal.SIGWINCH)

    def until(self, what: str | Callable[[str], bool]) -> str:
        """Read until `what` is on the screen, and return the screen; fails with a picture of it when it never is."""
        deadline = time.monotonic() + PATIENCE_S
        while not (what in self.text if isinstance(what, str) else what(self.text)):
            assert time.monotonic() < deadline, f"{what!r} is not on the screen:\n{self.text}"
            assert self._read() or self.process.poll() is None, f"the program has left:\n{self.text}"
        return self.text

    def until_gone(self) -> int:
        """Read until the program has ended, and return its exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"the program does not end:\n{self.text}"
            self._read()
        self.drain()
        return self.process.returncode

    @property
    def unread(self) -> int:
        """How many bytes wait for somebody to read them; no more come once the terminal is full."""
        (size,) = struct.unpack("i", fcntl.ioctl(self._master, termios.FIONREAD, bytes(4)))
        return int(size)

    def drain(self) -> None:
        """Read what is left."""
        while self._read():
            pass

    @property
    def restored(self) -> bool:
        """Whether the terminal is as it was: modes, main screen, visible cursor."""
        return (
            termios.tcgetattr(self._slave)[:4] == self.settings[:4]
            and self.output.rfind(b"\x1b[?1049l") > self.output.rfind(b"\x1b[?1049h")
            and self.output.rfind(b"\x1b[?25h") > self.output.rfind(b"\x1b[?25l")
        )

    def _read(self) -> bool:
        if not self._there:
            time.sleep(0.1)
            return False
        ready, _, _ = select.select([self._master], [], [], 0.1)
        if not ready:
            return False
        data = os.read(self._master, 65536)
        self.output += data
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
        return True
