"""Plays samples on the default output, as a process of its own: `python -m stt_monitor.audio.devices.speaker_process`.

It reads from standard input a line with a sample rate (Hz), then mono `pcm_s16le`, and ends with it. It writes to
standard output, one JSON object a line: `{"rate": ..., "latency": ...}` with the sample rate that it takes, and the
seconds until a sample is heard; `{"played": ...}` with the frames handed to the device so far; or `{"error": ...}` with
a sentence.

A process, because PortAudio is one for all streams: its functions must not be called from two threads, a broken
configuration aborts, a frozen device hangs, and scanning the devices again ends all streams. A session's microphone is
in the process of the session. numpy is not loaded: half of the time until the first sample would be its.
"""

import json
import sys
from array import array
from typing import TYPE_CHECKING, Any, Final

from stt_monitor.audio.devices.portaudio import REFUSED_FORMAT, MicrophoneError, load

if TYPE_CHECKING:
    import sounddevice

BLOCK_S: Final = 0.05
"""Seconds handed to the device at a time."""
_WHAT: Final = "playing"
_LATENCY_S: Final = 0.1
"""Seconds of sound in the device: a busy machine does not break it, and its cursor is right by less than that."""


class SpeakerError(Exception):
    """The default output cannot be used; a sentence."""


def _tell(**what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201  its parent reads it


def _open(rate: int) -> "tuple[sounddevice.RawOutputStream, int, int]":
    """Open the default output at a rate, Hz, or else at its own; return it with its rate and channels."""
    sounddevice = load(_WHAT)
    try:
        device: dict[str, Any] = sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError) as error:
        raise SpeakerError("no sound output found: connect one, or choose it in the system's settings") from error
    own, most = round(device["default_samplerate"]), device["max_output_channels"]
    refusal: Exception | None = None
    for channels in sorted({1, min(2, most)}, reverse=True):  # most devices have two
        for each in dict.fromkeys((rate, own)):
            try:
                stream = sounddevice.RawOutputStream(
                    samplerate=each, channels=channels, dtype="int16", latency=_LATENCY_S
                )
                stream.start()
            except (sounddevice.PortAudioError, ValueError) as error:
                refusal = error
                if REFUSED_FORMAT.isdisjoint(error.args):
                    break
            else:
                return stream, each, channels
    raise SpeakerError(f"the sound output {device['name']!r} cannot be used ({refusal}); is another program using it?")


def _play() -> None:
    load(_WHAT)  # takes its time, while the parent finds out the rate
    line = sys.stdin.buffer.readline()
    if not line:  # it has changed its mind
        return
    stream, own, channels = _open(int(line))
    _tell(rate=own, latency=stream.latency)
    played, size = 0, 2 * round(own * BLOCK_S)
    while block := sys.stdin.buffer.read(size):
        stream.write(block if channels == 1 else _on_all(block, channels))
        played += len(block) // 2
        _tell(played=played)
    stream.stop()  # when all of it has been heard


def _on_all(block: bytes, channels: int) -> bytes:
    mono = array("h", block)
    all_of_them = array("h", bytes(len(block) * channels))
    for channel in range(channels):
        all_of_them[channel::channels] = mono
    return all_of_them.tobytes()


def main() -> int:
    """Play until standard input ends; return an exit code."""
    try:
        _play()
    except (SpeakerError, MicrophoneError) as error:
        _tell(error=str(error))
    except OSError:  # the parent is gone
        return 1
    except Exception as error:  # noqa: BLE001  PortAudioError among them: the parent says it
        _tell(error=f"the sound output failed ({error}); try again")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
