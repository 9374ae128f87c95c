"""Loads PortAudio on demand, and turns its errors into messages."""

import atexit
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from stt_monitor.core.errors import InputError

if TYPE_CHECKING:
    import sounddevice

T = TypeVar("T")

OPEN_TIMEOUT_S: Final = 10.0
"""Seconds that a device may take to open or start; a wireless one has to be found first."""
CLOSE_TIMEOUT_S: Final = 1.0

_INVALID_RATE: Final = -9997
_INVALID_CHANNELS: Final = -9998
_INVALID_SAMPLE_FORMAT: Final = -9994
REFUSED_FORMAT: Final = frozenset({_INVALID_RATE, _INVALID_CHANNELS, _INVALID_SAMPLE_FORMAT})
"""PortAudio's codes for a device that needs another format."""
_INVALID_DEVICE: Final = -9996
_DEVICE_UNAVAILABLE: Final = -9985

_ADVICE: Final = {
    _INVALID_RATE: "it supports none of the sample rates; choose another with --device (list: stt-monitor devices)",
    _INVALID_CHANNELS: "it has no input channel; choose another with --device (list: stt-monitor devices)",
    _INVALID_DEVICE: "it has gone; reconnect it, or choose another with --device (list: stt-monitor devices)",
    _DEVICE_UNAVAILABLE: "it is busy or gone; close the program that uses it, or reconnect it",
}
_OTHER_ADVICE: Final = (
    "check that it is connected, not in use by another program, and allowed for this one (stt-monitor doctor)"
)

_abandoned: Final[list[Future[Any]]] = []
"""Calls that a frozen sound system never finished; while there are any, PortAudio cannot terminate."""


class MicrophoneError(InputError):
    """A microphone cannot be used, or has stopped working."""


def load(what: str = "a microphone") -> ModuleType:
    """Import sounddevice, which loads and initialises PortAudio; `what` needs it.

    Raises:
        MicrophoneError: PortAudio is not installed, or finds no sound system to work with.
    """
    try:
        import sounddevice  # costs up to 250 ms, and needs a library that files do not
    except OSError as error:
        raise MicrophoneError(
            f"apt install libportaudio2 (dnf install portaudio, brew install portaudio): {what} needs PortAudio, "
            f"which is missing ({error})"
        ) from error
    except Exception as error:  # its own PortAudioError cannot be imported when importing it fails
        raise MicrophoneError(
            f"check the sound system (ALSA: ~/.asoundrc, /etc/asound.conf): PortAudio cannot start ({error})"
        ) from error
    else:
        module: ModuleType = sounddevice
        return module


def explain(device: str, error: Exception) -> MicrophoneError:
    """Turn an error of PortAudio or sounddevice into one sentence with a remedy.

    Args:
        device: name of the device.
        error: PortAudioError, whose arguments are a message, a code and the sound system's (API, code, message);
            or ValueError, or the TimeoutError of `run_with_timeout`.
    """
    if isinstance(error, TimeoutError):
        return MicrophoneError(
            f"microphone {device!r} cannot be used (the sound system does not respond); restart the sound system, or "
            "choose another with --device"
        )
    code = error.args[1] if len(error.args) > 1 else None
    detail = str(error.args[0]) if error.args else type(error).__name__
    host_text = error.args[2][2] if len(error.args) > 2 else ""  # noqa: PLR2004  see above
    if host_text:
        detail = f"{detail}: {host_text}"
    advice = _ADVICE.get(code, _OTHER_ADVICE) if isinstance(code, int) else _OTHER_ADVICE
    if "ermission" in detail or "ccess denied" in detail:
        advice = "allow microphones in the system's privacy settings (Linux: join the group audio)"
    return MicrophoneError(f"microphone {device!r} cannot be used ({detail}); {advice}")


def run_with_timeout(seconds: float, work: Callable[[], T]) -> T:
    """Run a call that a frozen sound system may never finish.

    Raises:
        TimeoutError: it took longer than `seconds`. It stays on a daemon thread, and PortAudio is not terminated at
            exit, which would hang.
        Exception: whatever `work` raises.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:  # noqa: BLE001  raised where the result is awaited
            outcome.set_exception(error)

    threading.Thread(target=run, name="portaudio", daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        _abandoned.append(outcome)
        atexit.unregister(load()._exit_handler)  # noqa: SLF001  no public way to leave PortAudio running
        raise


def close_stream(stream: "sounddevice.RawInputStream") -> None:
    """Close a stream, or abandon it after `CLOSE_TIMEOUT_S`."""

    def close() -> None:
        stream.abort(ignore_errors=True)
        stream.close(ignore_errors=True)

    with suppress(Exception):  # a device that is gone or frozen cannot be closed, and need not be
        run_with_timeout(CLOSE_TIMEOUT_S, close)


def rescan() -> None:
    """Have PortAudio scan the devices again. Only while no stream is open: it would end.

    Does nothing when a call was abandoned, because PortAudio would wait for it for ever.

    Raises:
        sounddevice.PortAudioError: PortAudio does not restart.
    """
    if not _abandoned:
        sounddevice = load()
        sounddevice._terminate()  # noqa: SLF001  no public way to scan again
        sounddevice._initialize()  # noqa: SLF001  the same
