"""What a tap adds to the delay of messages on this machine, and what it costs.

    python tests/benchmarks/tap.py [--calls 1 50] [--seconds 20]

Each call sends a frame of 100 ms of audio ten times a second, and gets an event for each. A delay is the time from
handing a message to the socket to having received it at the other end; peers are in this process, the tap is in one of
its own, as always, with copies going to this one. The same is measured without a tap, and through a relay that only
copies bytes: what any other process on the way costs, which on a busy machine is mostly waiting for a processor. Limits
of what the tap adds: at one call 0.3 ms at the median and 2 ms at the 99th percentile; at 50 calls 5 ms at the 99th
percentile, and one core.
"""

import argparse
import asyncio
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from typing import Final

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.server_load import Cost

from stt_monitor.tap.process import TapProcess
from stt_monitor.tap.settings import TapSettings

FRAME_S: Final = 0.1
FRAME: Final = bytes(3200 - 8)
EVENT: Final = bytes(400)
WARM_UP_S: Final = 2.0


RELAY: Final = """
import socket, sys, threading

def pump(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.close()

there = socket.create_server(("127.0.0.1", 0))
print(there.getsockname()[1], flush=True)
while True:
    near, far = there.accept()[0], socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    for ends in ((near, far), (far, near)):
        ends[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=pump, args=ends, daemon=True).start()
"""


class Peers:
    """Clients and a server, and the delays of what they sent each other, seconds."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self._measures_from = 0.0

    async def answer(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in socket:
                self._received(message)
                await socket.send(struct.pack("d", time.perf_counter()) + EVENT)

    async def talk(self, port: int, seconds: float, offset: float) -> None:
        """Send frames for so long, from `offset` seconds on."""
        await asyncio.sleep(offset)
        async with connect(f"ws://127.0.0.1:{port}/stt/turns/websocket", compression=None) as socket:
            reading = asyncio.create_task(self._read(socket))
            began = time.perf_counter()
            for number in range(round(seconds / FRAME_S)):
                await asyncio.sleep(began + number * FRAME_S - time.perf_counter())
                await socket.send(struct.pack("d", time.perf_counter()) + FRAME)
            await socket.close()
            await reading

    async def run(self, port: int, calls: int, seconds: float) -> list[float]:
        """Return the delays of `calls` at once, in the order of size; those of the first seconds do not count."""
        self.delays.clear()
        self._measures_from = time.perf_counter() + WARM_UP_S
        await asyncio.gather(*(self.talk(port, WARM_UP_S + seconds, n * FRAME_S / calls) for n in range(calls)))
        return sorted(self.delays)

    async def _read(self, socket: object) -> None:
        async for message in socket:  # type: ignore[attr-defined]  # a connection
            self._received(message)

    def _received(self, message: str | bytes) -> None:
        now = time.perf_counter()
        assert isinstance(message, bytes)
        (sent,) = struct.unpack("d", message[:8])
        if sent > self._measures_from:
            self.delays.append(now - sent)


def shares(delays: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, milliseconds."""
    cuts = quantiles(delays, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def drain(tap: TapProcess) -> None:
    """Take the copies, and nothing else: reading them here would delay what is measured."""
    assert tap._process is not None
    assert tap._process.stdout is not None
    while os.read(tap._process.stdout.fileno(), 1 << 20):
        pass


@contextmanager
def relay(port: int) -> Iterator[int]:
    """A relay to a port in a process of its own; yields its port."""
    with subprocess.Popen([sys.executable, "-c", RELAY, str(port)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


async def measure(calls: int, seconds: float) -> None:
    peers = Peers()
    settings = {"ping_interval": None, "compression": None}
    async with serve(peers.answer, "127.0.0.1", 0, **settings) as there:  # type: ignore[arg-type]  # its own
        port = there.sockets[0].getsockname()[1]
        with TapProcess(TapSettings(port=0, to=f"http://127.0.0.1:{port}")) as tap, relay(port) as relayed:
            threading.Thread(target=drain, args=[tap], daemon=True).start()
            found = {}
            for name, way in (("directly", port), ("relayed", relayed), ("tapped", tap.listening.port)):
                before = Cost.of(tap.pid)
                found[name] = shares(await peers.run(way, calls, seconds))
                after = Cost.of(tap.pid)
            told = ", ".join(f"{p50:.2f} / {p99:.2f} ms {name}" for name, (p50, p99) in found.items())
            cores = (after.cpu_s - before.cpu_s) / (seconds + WARM_UP_S)
            load = os.getloadavg()[0]
            print(
                f"{calls} calls (p50 / p99): {told}; tap: {cores:.2f} cores, {after.memory_mb:.0f} MB; load {load:.1f}"
            )
            tap.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, nargs="*", default=[1, 50])
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    sys.setswitchinterval(0.0001)  # who reads the copies is in this process, too, and must not delay what is measured
    for calls in options.calls:
        asyncio.run(measure(calls, options.seconds))


if __name__ == "__main__":
    main()
