"""A microphone of the sound system, chosen while the program runs."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.microphone import Device, needs_portaudio
from tests.support.service import ScriptedService, polite
from tests.support.sound import write_wav


@pytest.fixture
def long_wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "long.wav", 60)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    device = Device(tmp_path, PRELUDE)
    yield device
    device.close()


PRELUDE = """
import queue, sys
from pathlib import Path
from tests.support.sessions import maker
from stt_monitor.core.commands import ChooseInput, FindOptions, Mute, Start, Stop
from stt_monitor.core.session_options import FileChoice, MicrophoneChoice, Available, SourceKind
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.session.thread import SessionThread

url, wav = sys.argv[1:]
runner = SessionThread(maker(url, Path(wav)))
news = queue.SimpleQueue()
runner.subscribe(news.put)

def until(true):
    while True:
        arrival = news.get(timeout=300)
        if true(arrival):
            return arrival

def snapshot(true):
    return until(lambda arrival: isinstance(arrival, Snapshot) and true(arrival))
"""


@needs_portaudio
async def test_a_microphone_is_chosen_muted_lost_and_replaced(device: Device, long_wav: Path):
    device.hears(60)
    program = """
runner.send(Start())
snapshot(lambda s: s.audio.position > 0.2)
runner.send(FindOptions(news.put))
offers = until(lambda arrival: isinstance(arrival, Available))
runner.send(ChooseInput(MicrophoneChoice("no such thing")))
print(snapshot(lambda s: s.error).error)
runner.send(ChooseInput(offers.microphone(offers.devices[0])))
heard = snapshot(lambda s: s.audio.kind is SourceKind.MICROPHONE and s.audio.position > 0.5)
print(heard.session.source, heard.audio.quiet)
runner.send(Mute(on=True))
snapshot(lambda s: s.audio.quiet and s.audio.position > 1)
lost = snapshot(lambda s: not s.running)
print(lost.error)
print(len(lost.finished))
runner.send(ChooseInput(FileChoice(wav)))
runner.send(Start())
again = snapshot(lambda s: s.running and s.audio.kind is SourceKind.FILE and s.audio.position > 0.2)
print(again.session.source, again.audio.quiet, repr(again.error))
runner.close()
"""
    async with ScriptedService(polite) as service:
        running = asyncio.create_task(asyncio.to_thread(device.run, program, arguments=(service.url, str(long_wav))))
        while not (len(service.dialogues) == 2 and len(service.dialogues[1].audio) > 15 * 3200):
            await asyncio.sleep(0.05)
            assert not running.done()
        device.die()
        done = await running
    refused, heard, lost, turns, again = done.stdout.decode().splitlines()
    assert "no such input device" in refused
    assert heard == "default False"
    assert "has delivered nothing for 1 s" in lost
    assert turns == "1"
    assert again == "long.wav False ''"
    file, microphone, after = service.dialogues
    assert file.close_code == 1000
    spoken = bytes(microphone.audio)
    assert any(spoken[: len(spoken) // 4])
    assert not any(spoken[-6400:])  # muted
    assert after.audio


@needs_portaudio
async def test_a_muted_microphone_is_muted_in_the_sessions_that_follow(device: Device, long_wav: Path):
    device.hears(30)
    program = """
runner.send(ChooseInput(MicrophoneChoice()))
runner.send(Start())
snapshot(lambda s: s.audio.kind is SourceKind.MICROPHONE and s.audio.position > 0.5)
runner.send(Mute(on=True))
snapshot(lambda s: s.audio.quiet)
runner.send(Stop())
snapshot(lambda s: not s.running)
runner.send(Start())
print(snapshot(lambda s: s.running and s.audio.position > 0.5).audio.quiet)
runner.send(Mute(on=False))
at = snapshot(lambda s: not s.audio.quiet).audio.position
snapshot(lambda s: s.audio.position > at + 0.5)
runner.close()
"""
    async with ScriptedService(polite) as service:
        done = await asyncio.to_thread(device.run, program, arguments=(service.url, str(long_wav)))
    assert done.stdout.decode().split() == ["True"]
    spoken = bytes(service.dialogues[-1].audio)
    assert not any(spoken[:12_800])
    assert any(spoken[-6400:])
