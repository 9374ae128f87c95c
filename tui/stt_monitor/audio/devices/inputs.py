"""Lists input devices, and finds the one that the user means."""

import subprocess
import sys
from typing import Final

import msgspec

from stt_monitor.audio.devices.portaudio import MicrophoneError, load, rescan

PROBE_TIMEOUT_S: Final = 15.0
"""Seconds to wait for the sound system."""


class InputDevice(msgspec.Struct, frozen=True):
    """An input device, as PortAudio describes it."""

    number: int
    """PortAudio's number; may change when devices come and go."""
    name: str
    """Not sanitized: it comes from outside."""
    api: str
    """Sound system of the device, such as ALSA or Core Audio."""
    channels: int
    rate: int
    """Preferred sample rate, Hz."""
    default: bool


def input_devices(*, refresh: bool = False) -> list[InputDevice]:
    """List the input devices.

    PortAudio runs in this process: it writes to file descriptor 2, and a broken ALSA configuration aborts the process.
    `probe_input_devices` is safe from both.

    Args:
        refresh: scan again; otherwise PortAudio knows the devices of when it started. Only while no stream is open:
            it would die.

    Raises:
        MicrophoneError: PortAudio is missing or does not work.
    """
    sounddevice = load()
    try:
        if refresh:
            rescan()
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
    """List the input devices from a separate process, always with a new scan.

    Raises:
        MicrophoneError: PortAudio is missing, or the sound system is broken or does not answer.
    """
    try:
        done = subprocess.run(  # noqa: S603  the interpreter's own path and a constant module name
            [sys.executable, "-P", "-m", __name__], capture_output=True, timeout=PROBE_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MicrophoneError(
            f"the sound system did not answer within {PROBE_TIMEOUT_S:g} s; restart it, or log in again"
        ) from error
    try:
        answer = msgspec.json.decode(done.stdout, type=list[InputDevice] | str)
    except msgspec.DecodeError as error:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise MicrophoneError(
            "check the ALSA configuration (~/.asoundrc, /etc/asound.conf): the sound system is broken, PortAudio ended "
            f"with status {done.returncode} ({last[0]})"
        ) from error
    if isinstance(answer, str):
        raise MicrophoneError(answer)
    return answer


def find_device(wanted: str | None, devices: list[InputDevice]) -> InputDevice:
    """Find a device.

    Args:
        wanted: its number, its name, or a part of its name (in any case); None for the default device.
        devices: the candidates.

    Raises:
        MicrophoneError: no device at all, none that matches, or several.
    """
    if not devices:
        raise MicrophoneError("no microphone found; connect one, or monitor a file: stt-monitor FILE")
    if wanted is None:
        return next((device for device in devices if device.default), devices[0])
    if wanted.isascii() and wanted.isdecimal():
        found = [device for device in devices if device.number == int(wanted)]
    else:
        found = [device for device in devices if device.name == wanted] or [
            device for device in devices if wanted.casefold() in device.name.casefold()
        ]
    if not found:
        raise MicrophoneError(f"--device {wanted}: no such input device; list them with: stt-monitor devices")
    if len(found) > 1:
        choices = ", ".join(f"{device.number} ({device.name}, {device.api})" for device in found)
        raise MicrophoneError(f"--device {wanted} matches several: {choices}; give a number")
    return found[0]


def _answer() -> bytes:
    try:
        return msgspec.json.encode(input_devices())
    except MicrophoneError as error:
        return msgspec.json.encode(str(error))


if __name__ == "__main__":
    sys.stdout.buffer.write(_answer())
