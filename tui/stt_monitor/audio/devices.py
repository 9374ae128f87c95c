"""Which microphones there are, and which of them is meant."""

import subprocess
import sys
from typing import Final

import msgspec

from stt_monitor.audio.portaudio import MicrophoneError, load, look_again

PROBE_TIMEOUT_S: Final = 15.0
"""Seconds after which a sound system that does not answer is given up."""


class InputDevice(msgspec.Struct, frozen=True):
    """A device that can be listened to, as PortAudio describes it."""

    number: int
    """Of PortAudio; it may change when devices come and go."""
    name: str
    """Not cleaned: it comes from outside."""
    api: str
    """The sound system that offers it, such as ALSA or Core Audio."""
    channels: int
    rate: int
    """The rate that it prefers, Hz."""
    default: bool


def input_devices(*, refresh: bool = False) -> list[InputDevice]:
    """List the input devices.

    PortAudio looks once, when it starts. It is started in this process: it writes to file descriptor 2, and a broken
    ALSA configuration aborts the process. `probe_input_devices` is safe from both.

    Args:
        refresh: look again, for devices that have come or gone. Only while no stream is open: it would die.

    Raises:
        MicrophoneError: PortAudio is missing or does not work.
    """
    sounddevice = load()
    try:
        if refresh:
            look_again()
        apis = sounddevice.query_hostapis()
        found = sounddevice.query_devices()
        default = sounddevice.default.device[0]
    except sounddevice.PortAudioError as error:
        raise MicrophoneError(f"the sound system does not answer ({error}); see stt-monitor doctor") from error
    return [
        InputDevice(
            number=number,
            name=device["name"],
            api=apis[device["hostapi"]]["name"],
            channels=device["max_input_channels"],
            rate=round(device["default_samplerate"]),
            default=number == default,
        )
        for number, device in enumerate(found)
        if device["max_input_channels"] > 0
    ]


def probe_input_devices() -> list[InputDevice]:
    """List the input devices from a process of its own, always anew.

    Raises:
        MicrophoneError: PortAudio is missing, or the sound system is broken or does not answer.
    """
    try:
        # The interpreter's own path and a constant module name.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-m", __name__], capture_output=True, timeout=PROBE_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MicrophoneError(
            f"the sound system did not answer within {PROBE_TIMEOUT_S:g} s; restart it, or log in again"
        ) from error
    try:
        answer = msgspec.json.decode(done.stdout, type=list[InputDevice] | str)
    except msgspec.DecodeError as error:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise MicrophoneError(
            "check the ALSA configuration (~/.asoundrc, /etc/asound.conf): the sound system is broken, PortAudio ended "
            f"with status {done.returncode} ({last[0]})"
        ) from error
    if isinstance(answer, str):
        raise MicrophoneError(answer)
    return answer


def find_device(wanted: str | None, devices: list[InputDevice]) -> InputDevice:
    """Choose a device.

    Args:
        wanted: its number, its name, or a part of its name (in any case); None for the default device.
        devices: those there are.

    Raises:
        MicrophoneError: there is none, no such one, or more than one.
    """
    if not devices:
        raise MicrophoneError("no microphone found; connect one, or monitor a recording: stt-monitor FILE")
    if wanted is None:
        return next((device for device in devices if device.default), devices[0])
    if wanted.isascii() and wanted.isdecimal():
        found = [device for device in devices if device.number == int(wanted)]
    else:
        found = [device for device in devices if device.name == wanted] or [
            device for device in devices if wanted.casefold() in device.name.casefold()
        ]
    if not found:
        raise MicrophoneError(f"--device {wanted}: there is no such input device; stt-monitor devices lists them")
    if len(found) > 1:
        choices = ", ".join(f"{device.number} ({device.name}, {device.api})" for device in found)
        raise MicrophoneError(f"--device {wanted} means more than one: {choices}; give a number")
    return found[0]


def _answer() -> bytes:
    try:
        return msgspec.json.encode(input_devices())
    except MicrophoneError as error:
        return msgspec.json.encode(str(error))


if __name__ == "__main__":
    sys.stdout.buffer.write(_answer())
