"""Whether a tap that runs for long takes ever more memory.

    python tests/benchmarks/tap_soak.py [--calls 50] [--minutes 10]

Calls go through `stt-monitor tap --json`, ten frames of 100 ms a second each, with speech in them; a service of our own
answers with a turn every four seconds. After five minutes, and at the end, it prints the memory of the process that
forwards and of the one that measures, and what that growth would be in an hour. Limit: 20 MB in an hour after the first
five minutes.
"""

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import soundfile
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.server_load import Cost

from stt_monitor.audio.sample import SAMPLE

FRAME: Final = 1600
FRAMES_OF_A_TURN: Final = 40
SETTLED_S: Final = 300.0
EVERY_S: Final = 30.0
QUERY: Final = "model=ink-2&encoding=pcm_s16le&sample_rate=16000"


async def answer(socket: ServerConnection) -> None:
    """Say a turn's events over and over, by the number of frames that came."""
    frames, turn = 0, 0

    async def say(kind: str, **more: object) -> None:
        await socket.send(json.dumps({"type": kind, "request_id": "r", **more}))

    with suppress(ConnectionClosed):
        await say("connected")
        async for message in socket:
            if isinstance(message, str):
                continue
            frames += 1
            place = frames % FRAMES_OF_A_TURN
            words = " ".join(f"word{n}" for n in range(place // 3))
            if place == 1:
                turn += 1
                await say("turn.start", turn_id=str(turn))
            elif place == FRAMES_OF_A_TURN - 4:
                await say("turn.eager_end", turn_id=str(turn), transcript=words)
            elif place == 0:
                await say("turn.end", turn_id=str(turn), transcript="word")
            elif place % 3 == 0:
                await say("turn.update", turn_id=str(turn), transcript=words)


async def talk(port: int, offset: float, until: float) -> None:
    """Make one call that lasts until then: the sample, over and over."""
    samples, _ = soundfile.read(SAMPLE, dtype="int16")
    await asyncio.sleep(offset)
    url = f"ws://127.0.0.1:{port}/stt/turns/websocket?{QUERY}"
    async with connect(url, compression=None, additional_headers={"X-API-Key": "none"}) as socket:
        reading = asyncio.create_task(_read(socket))
        began = time.perf_counter()
        for number in itertools.count():
            await asyncio.sleep(began + number * FRAME / 16_000 - time.perf_counter())
            if time.perf_counter() > until:
                break
            at = number * FRAME % (len(samples) - FRAME)
            await socket.send(samples[at : at + FRAME].tobytes())
    await reading


async def _read(socket: object) -> None:
    with suppress(ConnectionClosed):
        async for _ in socket:  # type: ignore[attr-defined]  # a connection
            pass


async def count_unwatched(lines: asyncio.StreamReader) -> int:
    """Read what the tap tells; returns how many calls it stopped to watch: their sessions grow no more."""
    return sum([b'"state":"unwatched"' in line async for line in lines])


def memory(pid: int) -> tuple[float, float]:
    """Return the MB of the process that measures, and of that which forwards."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return Cost.of(pid).memory_mb, sum(Cost.of(int(child)).memory_mb for child in children)


async def watch(pid: int, began: float, until: float) -> list[tuple[float, float, float]]:
    found = []
    while time.perf_counter() < until:
        await asyncio.sleep(EVERY_S)
        found.append((time.perf_counter() - began, *memory(pid)))
        print("{:6.0f} s: measuring {:6.1f} MB, forwarding {:6.1f} MB".format(*found[-1]), flush=True)
    return found


async def soak(calls: int, minutes: float, folder: str) -> None:
    async with serve(answer, "127.0.0.1", 0) as there:
        to = f"http://127.0.0.1:{there.sockets[0].getsockname()[1]}"
        program = [sys.executable, "-m", "stt_monitor", "tap", "--listen", "0", "--to", to, "--json"]
        record = ["--record", folder, "--record-limit", "20000"]
        tap = await asyncio.create_subprocess_exec(*program, *record, stdout=subprocess.PIPE, limit=1 << 24)
        assert tap.stdout is not None
        try:
            address = json.loads(await tap.stdout.readline())["url"]
            reading = asyncio.create_task(count_unwatched(tap.stdout))
            port = urlsplit(address).port
            assert port is not None
            began = time.perf_counter()
            until = began + minutes * 60
            talking = asyncio.gather(*(talk(port, n * 0.1 / calls, until) for n in range(calls)))
            found = await watch(tap.pid, began, until)
            await talking
        finally:
            tap.terminate()
            unwatched = await reading
            await tap.wait()
    settled = [each for each in found if each[0] >= SETTLED_S]
    if len(settled) < 2:
        print("too short to tell: give more than five minutes")
        return
    first, last = settled[0], settled[-1]
    hours = (last[0] - first[0]) / 3600
    growth = sum(last[1:]) - sum(first[1:])
    print(f"{calls} calls: {growth:+.1f} MB in {hours * 60:.1f} min, {growth / hours:+.1f} MB in an hour (limit 20)")
    if unwatched:
        print(f"{unwatched} of them were watched no more: this machine was too busy, and the figure says too little")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(soak(options.calls, options.minutes, folder))


if __name__ == "__main__":
    main()
