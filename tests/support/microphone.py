"""A microphone without hardware: the real PortAudio and ALSA, which reads from a FIFO that the test fills."""

import ctypes.util
import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import pytest
from tests.support.patience import PATIENCE_S

Test = TypeVar("Test", bound=Callable[..., object])

_portaudio_is_here = pytest.mark.skipif(
    sys.platform != "linux" or ctypes.util.find_library("portaudio") is None,
    reason="PortAudio for ALSA (libportaudio2) is not installed",
)

RATE = 16_000
PIECE = 640
"""Bytes that the device is fed at a time: a block of 20 ms."""
PIPE_SIZE = 4096
"""Bytes; a larger pipe would be emptied faster than in real time."""


def needs_portaudio(test: Test) -> Test:
    """Mark a test as one of a device, skipped where there is no PortAudio."""
    return cast("Test", pytest.mark.device(_portaudio_is_here(test)))


class Feeder:
    """Speaks into the microphone: 20 ms at a time, in real time, from the moment that somebody listens."""

    def __init__(self, fifo: Path, samples: bytes) -> None:
        os.mkfifo(fifo)
        self._samples = samples
        self._fd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._feed)
        self._thread.start()

    def _feed(self) -> None:
        due = time.monotonic()
        at = 0
        while at < len(self._samples) and not self._stopped.wait(max(0.0, due - time.monotonic())):
            try:
                at += os.write(self._fd, self._samples[at : at + PIECE])
            except BlockingIOError:
                due = time.monotonic()
            due += PIECE / 2 / RATE

    def fall_silent(self) -> None:
        """Say nothing more: to who listens, the device is dead."""
        self._stopped.set()
        self._thread.join()

    def close(self) -> None:
        self.fall_silent()
        os.close(self._fd)


class Device:
    """A microphone of ALSA, and programs that listen to it."""

    def __init__(self, folder: Path, prelude: str = "") -> None:
        """`prelude` begins every program."""
        self._folder = folder
        self._prelude = prelude
        self._feeder: Feeder | None = None
        self.configuration = folder / "alsa.conf"
        fifo = folder / "fifo"
        self.configuration.write_text(
            "pcm.null { type null }\n"
            f'pcm.!default {{ type file slave.pcm null file "/dev/null" infile "{fifo}" format "raw" }}\n'
        )

    def hears(self, seconds: float) -> bytes:
        """Feed noise without a zero in it; what the device adds by itself can then be told from it."""
        noise = np.random.default_rng(7).integers(1, 32767, round(seconds * RATE)).astype("<i2").tobytes()
        self.speaks(noise)
        return noise

    def speaks(self, samples: bytes) -> None:
        """Feed these samples."""
        self._feeder = Feeder(self._folder / "fifo", samples)

    def die(self) -> None:
        """Deliver nothing more, as a device that was unplugged."""
        assert self._feeder is not None
        self._feeder.fall_silent()

    def run(
        self, program: str, *, arguments: Sequence[str] = (), check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self._command(program, arguments),
            env=self._environment(),
            capture_output=True,
            timeout=PATIENCE_S,
            check=check,
        )

    def start(self, program: str) -> subprocess.Popen[str]:
        """Start a program whose output is read while it runs."""
        return subprocess.Popen(
            self._command(program), env=self._environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _command(self, program: str, arguments: Sequence[str] = ()) -> list[str]:
        return [sys.executable, "-c", self._prelude + program, *arguments]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "ALSA_CONFIG_PATH": str(self.configuration)}

    def close(self) -> None:
        if self._feeder is not None:
            self._feeder.close()
