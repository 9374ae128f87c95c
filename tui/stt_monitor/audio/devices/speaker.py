"""Plays samples on the default output: the parent's side of `speaker_process`."""

import json
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, Self

from stt_monitor.core.errors import InputError

if TYPE_CHECKING:
    from stt_monitor.audio.formats import Samples

OPEN_TIMEOUT_S: Final = 10.0
"""Seconds that a device may take to open; a wireless one has to be found first."""
PLAY_TIMEOUT_S: Final = 3.0
"""Seconds that it may take to accept the next samples."""
_AHEAD: Final = 12_000
"""Most samples to have on the way to the device, so that no pipe is ever full: writing to that one waits for ever."""
_PIECE: Final = 2048
"""Samples to hand over at a time."""
_STDERR_LINES: Final = 20


class SpeakerStoppedError(Exception):
    """Another thread stopped it."""


class Speaker:
    """Plays a stream of mono samples. For one thread, except for `stop`.

    Methods raise InputError where there is no device that can be used, and SpeakerStoppedError once it is stopped.
    """

    def __init__(self) -> None:
        """Begin to look for devices."""
        self._stopped = False
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "stt_monitor.audio.devices.speaker_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # the parent handles Ctrl+C
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise InputError(f"nothing can be played: another process cannot be started ({error.strerror})") from error
        assert self._process.stdin is not None
        self._stdin: Final = self._process.stdin
        self._threads: Final = [
            threading.Thread(target=take, args=(stream, put), name="speaker", daemon=True)
            for take, stream, put in (
                (_pass_on, self._process.stdout, self._told.put),
                (_pass_on, self._process.stderr, self._stderr.append),
            )
        ]
        for thread in self._threads:
            thread.start()
        self._device_rate = 0
        self._latency = 0.0
        self._sent = self._played = 0  # frames, at the device's rate

    def __enter__(self) -> Self:
        """Use it in a `with` block, which closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def open(self, rate: int) -> None:
        """Open the default output.

        Args:
            rate: of the samples, Hz; they are resampled if the device takes another.
        """
        from stt_monitor.audio.resampling import Resampler  # loads numpy, while the process starts

        self._write(f"{rate}\n".encode())
        told = self._next(OPEN_TIMEOUT_S)
        self._device_rate, self._latency = int(told["rate"]), told["latency"]
        self._resampler = Resampler(rate, self._device_rate)

    def play(self, samples: "Samples") -> None:
        """Hand over the next samples; waits while much of those before has not been played."""
        self._hand_over(self._resampler.feed(samples))

    def finish(self) -> None:
        """Say that no samples follow."""
        import numpy as np

        self._hand_over(self._resampler.feed(np.zeros(0, np.float32), last=True))
        with suppress(OSError):  # it has ended, and says why
            self._stdin.close()

    def advance(self) -> bool:
        """Wait until the device has taken some more; return False once it has played all, and is closed."""
        told = self._next(PLAY_TIMEOUT_S)
        self._played = int(told.get("played", self._played))
        return bool(told)

    @property
    def heard(self) -> float:
        """Seconds of the stream that can be heard by now."""
        return max(0.0, self._played / self._device_rate - self._latency) if self._device_rate else 0.0

    def stop(self) -> None:
        """Stop at once; waiting callers get SpeakerStoppedError. From any thread; idempotent."""
        self._stopped = True
        self._process.kill()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what it did not read any more
            self._stdin.close()
        for thread in self._threads:
            thread.join()

    def _hand_over(self, samples: "Samples") -> None:
        from stt_monitor.audio.formats import Encoding, encode

        for start in range(0, len(samples), _PIECE):
            data = encode(samples[start : start + _PIECE], Encoding.PCM_S16LE)
            self._write(data)
            self._sent += len(data) // 2
            while self._sent - self._played > _AHEAD and self.advance():
                pass

    def _write(self, data: bytes) -> None:
        try:
            self._stdin.write(data)
            self._stdin.flush()
        except OSError:  # it has ended, and says why
            self._fail()

    def _next(self, patience: float) -> dict[str, float]:
        """Return what the process tells next; empty once it has ended as it should."""
        try:
            line = self._told.get(timeout=patience)
        except queue.Empty:
            self._process.kill()
            raise InputError(
                f"the sound output does not respond (nothing for {patience:g} s); check it in the system's settings"
            ) from None
        if not line:
            self._told.put(line)
            self._fail()
            return {}
        told = json.loads(line)
        if "error" in told:
            raise InputError(str(told["error"]))
        return {name: float(value) for name, value in told.items()}

    def _fail(self) -> None:
        """Raise why the process has ended; nothing where it ended as it should."""
        if self._stopped:
            raise SpeakerStoppedError
        code = self._process.wait()
        while line := self._told.get():
            if "error" in (told := json.loads(line)):
                raise InputError(str(told["error"]))
        if code == 0:
            return
        for thread in self._threads:
            thread.join()
        last = next((line for line in reversed(self._stderr) if line), "no message")
        raise InputError(
            f"check the sound system (ALSA: ~/.asoundrc, /etc/asound.conf): playing ended with status {code} ({last})"
        )


def _pass_on(stream: IO[bytes], put: Callable[[str], object]) -> None:
    """Pass on lines; an empty one at the end."""
    with stream, suppress(OSError, ValueError):
        for line in stream:
            put(line.decode(errors="replace").strip())
    put("")
