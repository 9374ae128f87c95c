"""Microphones through the real PortAudio and ALSA, without hardware: ALSA reads from a FIFO that the test fills.

PortAudio is configured once in a process, so each test runs a program of its own.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.support.microphone import PIPE_SIZE, RATE, Device, needs_portaudio

from stt_monitor.audio.devices.inputs import InputDevice, find_device
from stt_monitor.audio.devices.portaudio import MicrophoneError, explain

PRELUDE = """
import asyncio, json, sys, time
import stt_monitor.audio.devices.microphone as microphone
from stt_monitor.audio.devices.microphone import open_microphone
from stt_monitor.audio.devices.portaudio import MicrophoneError

def tell(**what):
    print(json.dumps(what), flush=True)

async def listen(source, seconds, at_chunk=lambda index, data: None):
    # Writes down the chunks; stops when so much audio has come.
    samples = 0
    try:
        async for chunk in source.chunks():
            assert len(chunk.data) == 2 * chunk.samples
            assert chunk.spoken_at + chunk.samples / source.format.sample_rate <= time.monotonic() + 0.001
            tell(position=chunk.position, samples=chunk.samples, spoken_at=chunk.spoken_at, data=chunk.data.hex())
            at_chunk(chunk.position // chunk.samples, chunk.data)
            samples += chunk.samples
            if samples >= seconds * source.format.sample_rate:
                source.stop()
    except MicrophoneError as error:
        tell(error=str(error))
"""


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    device = Device(tmp_path, PRELUDE)
    yield device
    device.close()


def lines(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def heard(chunks: list[dict[str, object]]) -> bytes:
    position = 0
    for chunk in chunks:
        assert chunk["position"] == position
        position += int(str(chunk["samples"]))
    return b"".join(bytes.fromhex(str(chunk["data"])) for chunk in chunks)


def without_lead_in(data: bytes) -> bytes:
    samples = np.frombuffer(data, "<i2")
    return samples[np.flatnonzero(samples)[0] :].tobytes()


@needs_portaudio
def test_what_is_heard_comes_bit_by_bit_in_chunks_of_100_ms(device: Device) -> None:
    noise = device.hears(10)
    done = device.run("""
source = open_microphone()
assert (source.name, source.duration) == ("default", None)
assert (source.format.encoding.value, source.format.sample_rate) == ("pcm_s16le", 16000)
asyncio.run(listen(source, 2))
assert source.backlog.dropped == 0
""")
    chunks = lines(done)
    data = without_lead_in(heard(chunks))
    assert len(data) > RATE
    assert noise.startswith(data)
    assert {chunk["samples"] for chunk in chunks[:19]} == {1600}
    times = [float(str(chunk["spoken_at"])) for chunk in chunks]
    assert times == sorted(times)


@needs_portaudio
def test_a_chunk_may_be_of_any_length_and_stop_gives_out_the_rest(device: Device) -> None:
    noise = device.hears(10)
    done = device.run("asyncio.run(listen(open_microphone('def', chunk_ms=70), 1))")
    *whole, last = lines(done)
    assert {chunk["samples"] for chunk in whole} == {1120}
    assert 0 < int(str(last["samples"])) <= 1120
    assert noise.startswith(without_lead_in(heard([*whole, last])))


@needs_portaudio
def test_a_muted_microphone_gives_zeros_until_it_is_unmuted(device: Device) -> None:
    device.hears(30)
    done = device.run("""
source = open_microphone("0")
silent = []
def at_chunk(index, data):
    if index == 4: source.set_quiet(quiet=True)
    if source.quiet and not any(data): silent.append(index)
    if len(silent) == 3: source.set_quiet(quiet=False)
    if silent and not source.quiet and all(data[::2]): source.stop()
asyncio.run(listen(source, 60, at_chunk))
tell(silent=silent)
""")
    *chunks, told = lines(done)
    silent = told["silent"]
    assert isinstance(silent, list)
    first, *_, last = silent
    assert first > 4
    assert silent == list(range(first, last + 1))
    data = [bytes.fromhex(str(chunk["data"])) for chunk in chunks]
    assert all(any(piece) for piece in data[3:first])
    assert any(data[-1])


@needs_portaudio
def test_a_device_that_falls_silent_for_good_is_found_out_and_let_go(device: Device) -> None:
    noise = device.hears(1)
    done = device.run("""
asyncio.run(listen(open_microphone(), 60))
from stt_monitor.audio.devices.inputs import input_devices
tell(devices=len(input_devices(refresh=True)))
""")
    *chunks, error, left = lines(done)
    assert left == {"devices": 1}
    assert "delivered nothing for 1 s" in str(error["error"])
    data = without_lead_in(heard(chunks))
    assert noise.startswith(data)
    assert len(data) >= len(noise) - PIPE_SIZE


@needs_portaudio
def test_a_stream_that_ends_by_itself_is_told(device: Device) -> None:
    device.hears(10)
    done = device.run("""
source = open_microphone()
def at_chunk(index, data):
    if index == 3: source._stream.abort()
asyncio.run(listen(source, 60, at_chunk))
""")
    assert "is gone" in str(lines(done)[-1]["error"])


@needs_portaudio
def test_an_error_in_the_callback_comes_to_light(device: Device) -> None:
    device.hears(10)
    done = device.run("""
def broken(*_): raise RuntimeError("a bug")
microphone._one_channel = broken
try: asyncio.run(listen(open_microphone(), 60))
except RuntimeError as error: tell(error=str(error))
""")
    assert lines(done)[-1] == {"error": "a bug"}


@needs_portaudio
def test_a_session_that_stalls_loses_the_oldest_sound_and_knows_how_much(device: Device) -> None:
    device.hears(10)
    done = device.run("""
microphone.QUEUE_S = 0.2
source = open_microphone()
def at_chunk(index, data):
    if index == 3: time.sleep(1)
asyncio.run(listen(source, 2, at_chunk))
tell(dropped=source.backlog.dropped)
""")
    *chunks, counted = lines(done)
    heard(chunks)
    assert float(str(counted["dropped"])) > 0


@needs_portaudio
def test_a_device_that_refuses_16_khz_mono_is_heard_as_it_likes(device: Device) -> None:
    device.hears(10)
    done = device.run("""
import sounddevice
opened = sounddevice.RawInputStream
tried = []
def fussy(**how):
    tried.append([how["samplerate"], how["channels"]])
    if how["samplerate"] == 16000: raise sounddevice.PortAudioError("Error opening", -9997)
    if how["channels"] == 1: raise sounddevice.PortAudioError("Error opening", -9998)
    return opened(**how)
sounddevice.RawInputStream = fussy
source = open_microphone()
tell(tried=tried, rate=source.format.sample_rate)
asyncio.run(listen(source, 0.3))
""")
    first, *chunks = lines(done)
    assert first == {"tried": [[16000, 1], [44100, 1], [16000, 2], [44100, 2]], "rate": 44100}
    assert len(heard(chunks)) >= 0.3 * 44100 * 2


@needs_portaudio
def test_a_device_that_refuses_everything_is_told_in_one_sentence(device: Device) -> None:
    device.hears(1)
    done = device.run("""
import sounddevice
def refusing(**_): raise sounddevice.PortAudioError("Error opening", -9985)
sounddevice.RawInputStream = refusing
try: open_microphone()
except MicrophoneError as error: tell(error=str(error), code=error.exit_code)
source = None
""")
    (told,) = lines(done)
    assert told["code"] == 2
    assert "busy" in str(told["error"])


@needs_portaudio
@pytest.mark.parametrize("what", ["__init__", "start"])
def test_a_sound_system_that_hangs_is_told_and_delays_neither_the_program_nor_its_end(
    device: Device, what: str
) -> None:
    device.hears(1)
    done = device.run(f"""
import sounddevice, threading
microphone.OPEN_TIMEOUT_S = 0.1
sounddevice.RawInputStream.{what} = lambda *_, **__: threading.Event().wait()
try: asyncio.run(listen(open_microphone(), 60))
except MicrophoneError as error: tell(error=str(error))
""")
    (told,) = lines(done)
    assert "does not respond" in str(told["error"])


@needs_portaudio
def test_devices_are_listed_here_and_from_a_process_of_its_own(device: Device) -> None:
    device.hears(10)
    done = device.run("""
import msgspec
from stt_monitor.audio.devices.inputs import input_devices, probe_input_devices
here, again, apart = input_devices(), input_devices(refresh=True), probe_input_devices()
assert here == again == apart
print(msgspec.json.encode(here).decode())
""")
    (found,) = json.loads(done.stdout)
    assert (found["number"], found["name"], found["api"], found["default"]) == (0, "default", "ALSA", True)
    assert found["channels"] > 0
    assert found["rate"] > 0


@needs_portaudio
def test_a_broken_alsa_configuration_is_told_by_the_probe(device: Device) -> None:
    device.configuration.write_text("")
    done = device.run("""
from stt_monitor.audio.devices.inputs import probe_input_devices
try: print(probe_input_devices())
except MicrophoneError as error: print(error)
""")
    assert b"check the ALSA configuration" in done.stdout


@pytest.mark.slow
def test_without_portaudio_the_way_to_install_it_is_told(device: Device) -> None:
    done = device.run("""
import ctypes.util
ctypes.util.find_library = lambda _: None
try: open_microphone()
except MicrophoneError as error: print(error)
""")
    assert b"apt install libportaudio2" in done.stdout


def make(number: int, name: str, *, default: bool = False) -> InputDevice:
    return InputDevice(number=number, name=name, api="ALSA", channels=1, rate=48000, default=default)


DEVICES = [make(1, "USB Headset"), make(4, "Built-in", default=True), make(7, "USB Headset Pro")]


@pytest.mark.parametrize(
    ("wanted", "number"), [(None, 4), ("7", 7), ("USB Headset", 1), ("pro", 7), ("built", 4), ("BUILT-IN", 4)]
)
def test_a_device_is_found_by_number_name_or_part_of_a_name(wanted: str | None, number: int) -> None:
    assert find_device(wanted, DEVICES).number == number


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [("2", "no such input device"), ("nothing", "no such input device"), ("usb", r"1 \(USB Headset, ALSA\), 7 \(")],
)
def test_a_device_that_cannot_be_told_is_refused(wanted: str, complaint: str) -> None:
    with pytest.raises(MicrophoneError, match=complaint):
        find_device(wanted, DEVICES)


def test_without_devices_a_recording_is_proposed() -> None:
    with pytest.raises(MicrophoneError, match="no microphone found; connect one"):
        find_device(None, [])


def test_without_a_default_the_first_device_is_taken() -> None:
    assert find_device(None, [make(3, "a"), make(5, "b")]).number == 3


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("Error opening", -9997), "none of the sample rates"),
        (("Error opening", -9985), "busy"),
        (("Error opening", -9996), "it has gone"),
        (("Error opening", -9999, (0, -13, "Permission denied")), "privacy settings"),
        (("Error opening", -9999, (0, -5, "Input/output error")), "stt-monitor doctor"),
        (("No such thing",), "stt-monitor doctor"),
        ((), "stt-monitor doctor"),
    ],
)
def test_failures_are_one_sentence_with_the_remedy(arguments: tuple[object, ...], remedy: str) -> None:
    sentence = str(explain("Mic", Exception(*arguments)))
    assert "'Mic'" in sentence
    assert remedy in sentence
    assert "\n" not in sentence
