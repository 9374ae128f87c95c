"""PortAudio, loaded when it is needed, and its failures in the user's words."""

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
"""Seconds that a device may take to open or to start; a wireless one has to be found first."""
CLOSE_TIMEOUT_S: Final = 1.0

_INVALID_RATE: Final = -9997
_INVALID_CHANNELS: Final = -9998
_INVALID_SAMPLE_FORMAT: Final = -9994
REFUSED_FORMAT: Final = frozenset({_INVALID_RATE, _INVALID_CHANNELS, _INVALID_SAMPLE_FORMAT})
"""PortAudio's codes for a device that is there but wants another format."""
_INVALID_DEVICE: Final = -9996
_DEVICE_UNAVAILABLE: Final = -9985

_ADVICE: Final = {
    _INVALID_RATE: "it takes none of the rates tried; choose another with --device (stt-monitor devices lists them)",
    _INVALID_CHANNELS: "it has no channel to listen to; choose another with --device (stt-monitor devices lists them)",
    _INVALID_DEVICE: "it is not there any more; connect it, or choose another with --device (see stt-monitor devices)",
    _DEVICE_UNAVAILABLE: "it is busy or gone; close the program that uses it, or connect it again",
}
_OTHER_ADVICE: Final = (
    "see that it is connected, that no other program uses it, and that this one may (stt-monitor doctor)"
)

_left_behind: Final[list[Future[Any]]] = []
"""What a frozen sound system has not finished; while there is any, PortAudio cannot be ended."""


class MicrophoneError(InputError):
    """A microphone cannot be used, or has stopped working."""


def load() -> ModuleType:
    """Import sounddevice, which loads and initialises PortAudio.

    Raises:
        MicrophoneError: PortAudio is not installed, or finds no sound system to work with.
    """
    try:
        import sounddevice  # it costs up to 250 ms, and needs a library that a file does not
    except OSError as error:
        raise MicrophoneError(
            "apt install libportaudio2 (dnf install portaudio, brew install portaudio): microphones need PortAudio, "
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
    """Turn a failure of PortAudio or sounddevice with a device into one sentence with the remedy.

    Args:
        device: its name.
        error: PortAudioError, whose arguments are a message, a code and, of the sound system, (API, code, message);
            or ValueError, or the TimeoutError of `within`.
    """
    if isinstance(error, TimeoutError):
        return MicrophoneError(
            f"microphone {device!r} cannot be used (the sound system does not answer); restart the sound system, or "
            "choose another with --device"
        )
    code = error.args[1] if len(error.args) > 1 else None
    detail = str(error.args[0]) if error.args else type(error).__name__
    host_text = error.args[2][2] if len(error.args) > 2 else ""  # noqa: PLR2004  see above
    if host_text:
        detail = f"{detail}: {host_text}"
    advice = _ADVICE.get(code, _OTHER_ADVICE) if isinstance(code, int) else _OTHER_ADVICE
    if "ermission" in detail or "ccess denied" in detail:
        advice = "allow microphones in the system's privacy settings (Linux: be in the group audio)"
    return MicrophoneError(f"microphone {device!r} cannot be used ({detail}); {advice}")


def within(seconds: float, work: Callable[[], T]) -> T:
    """Do something that a frozen sound system may never finish.

    Raises:
        TimeoutError: it took longer than `seconds`. It is left to a daemon thread, and PortAudio is not ended at exit,
            which would wait for ever.
        Exception: whatever `work` raises.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:  # noqa: BLE001  it is raised where it is waited for
            outcome.set_exception(error)

    threading.Thread(target=run, name="portaudio", daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        _left_behind.append(outcome)
        atexit.unregister(load()._exit_handler)  # noqa: SLF001  there is no public way to leave PortAudio as it is
        raise


def close_stream(stream: "sounddevice.RawInputStream") -> None:
    """Close a stream, within `CLOSE_TIMEOUT_S`, or leave it behind."""

    def close() -> None:
        stream.abort(ignore_errors=True)
        stream.close(ignore_errors=True)

    with suppress(Exception):  # a device that is gone or frozen cannot be closed in order, and need not be
        within(CLOSE_TIMEOUT_S, close)


def look_again() -> None:
    """Let PortAudio find devices that have come or gone. Ends every open stream, so only while there is none.

    It does nothing when something was left behind, for PortAudio would wait for it for ever.

    Raises:
        sounddevice.PortAudioError: PortAudio does not start again.
    """
    if not _left_behind:
        sounddevice = load()
        sounddevice._terminate()  # noqa: SLF001  there is no public way to look again
        sounddevice._initialize()  # noqa: SLF001
