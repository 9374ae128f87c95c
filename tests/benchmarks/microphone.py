"""How late a microphone's sound reaches the socket, and a service's event the books, while the screen is busy.

    python tests/benchmarks/microphone.py [SECONDS] [CHUNK_MS]

The real program on a pseudo-terminal of 120 by 35 hears a real PortAudio device (ALSA, fed in real time) and talks to a
service on loopback that says ten updates a second, so that transcript, figures and timeline (20 Hz) are drawn all the
time. A chunk's way begins when PortAudio calls back with its last block, and ends when it has been handed to the
socket. An event's way is the measurement overhead: from the service's write to the time stamp in the receive loop.
"""

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

import numpy as np

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.microphone import RATE, Device
from tests.support.service import Dialogue, ScriptedService
from tests.support.terminal import Terminal

UPDATES_A_SECOND: Final = 10
UPDATES_A_TURN: Final = 25
LATE_MS: Final = 10.0
"""What issue and design allow at p99."""

PROGRAM: Final = f"""
import atexit, json, sys, time
sys.path.insert(0, {str(ROOT)!r})
from stt_monitor.audio import microphone
from stt_monitor.cli.main import main
from stt_monitor.transport.connection import ServiceConnection

called, handed, received = [], [], []  # samples so far and when; what was received and when
samples = 0

def callback(self, data, frames, times, status, inner=microphone._Capture.callback):
    global samples
    samples += frames
    called.append((samples, time.monotonic()))
    inner(self, data, frames, times, status)

async def send_audio(self, data, inner=ServiceConnection.send_audio):
    sent = await inner(self, data)
    handed.append(((handed[-1][0] if handed else 0) + len(data) // 2, time.monotonic()))
    return sent

async def frames(self, inner=ServiceConnection.frames):
    async for frame in inner(self):
        received.append((frame.payload, frame.received_at))
        yield frame

microphone._Capture.callback = callback
ServiceConnection.send_audio = send_audio
ServiceConnection.frames = frames
result, *arguments = sys.argv[1:]
atexit.register(lambda: open(result, "w").write(json.dumps([called, handed, received])))
sys.exit(main(arguments))
"""


class Talk:
    """A service that never falls silent."""

    def __init__(self) -> None:
        self.said_at: dict[int, float] = {}

    async def play(self, dialogue: Dialogue) -> None:
        """Say an update every tenth of a second, and an eager end and an end now and then."""
        await dialogue.say("connected")
        hearing = asyncio.create_task(dialogue.hear_close())
        text = ""
        for number in itertools.count():
            if hearing.done():
                break
            if number % UPDATES_A_TURN == 0:
                text = ""
                await dialogue.say("turn.start")
            text += f" word{number}"
            self.said_at[number] = time.monotonic()
            await dialogue.say("turn.update", transcript=text, number=number)
            if number % UPDATES_A_TURN == UPDATES_A_TURN - 1:
                await dialogue.say("turn.eager_end", transcript=text)
                await dialogue.say("turn.end", transcript=text)
            await asyncio.sleep(1 / UPDATES_A_SECOND)


def describe(what: str, seconds: list[float]) -> None:
    """Print a distribution, in milliseconds."""
    ms = np.array(seconds) * 1000
    p50, p90, p99 = np.percentile(ms, [50, 90, 99])
    print(f"{what}: n {len(ms)}, p50 {p50:.2f}, p90 {p90:.2f}, p99 {p99:.2f}, max {ms.max():.2f} ms")


def watch(url: str, device: Device, seconds: float, chunk_ms: int, result: Path) -> None:
    """Run the program for so long, and leave it in order."""
    command = [
        sys.executable,
        "-c",
        PROGRAM,
        str(result),
        "--mic",
        "--url",
        url,
        "--chunk-ms",
        str(chunk_ms),
        "--no-record",
    ]
    with Terminal(command, 120, 35, ALSA_CONFIG_PATH=str(device.configuration)) as terminal:
        terminal.until("word20")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            terminal._read()
        terminal.press("q")
        terminal.until_gone()
        print(f"{len(terminal.output) / seconds / 1000:.0f} kB/s were drawn")


async def measure(seconds: float, chunk_ms: int) -> None:
    """Measure, and print."""
    talk = Talk()
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        device = Device(Path(folder))
        threading.Thread(target=device.hears, args=(seconds + 60,)).start()
        try:
            async with ScriptedService(talk.play) as service:
                await asyncio.to_thread(watch, service.url, device, seconds, chunk_ms, result)
        finally:
            device.close()
        called, handed, received = json.loads(await asyncio.to_thread(result.read_text))
    samples = np.array([count for count, _ in called])
    ways = []
    for count, at in handed:
        last_block = np.searchsorted(samples, count)  # the block that completed the chunk
        if last_block < len(called):
            ways.append(at - called[last_block][1])
    describe(f"callback to socket, chunks of {chunk_ms} ms", ways)
    describe("callbacks' distance", np.diff([at for _, at in called]).tolist())
    events = [(json.loads(text), at) for text, at in received]
    describe("floor: service to receive loop", [at - talk.said_at[e["number"]] for e, at in events if "number" in e])
    print(f"{samples[-1] / RATE:.1f} s captured, {handed[-1][0] / RATE:.1f} s sent; allowed at p99: {LATE_MS:.0f} ms")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    parser.add_argument("chunk_ms", nargs="?", type=int, default=100)
    options = parser.parse_args()
    asyncio.run(measure(options.seconds, options.chunk_ms))


if __name__ == "__main__":
    main()
