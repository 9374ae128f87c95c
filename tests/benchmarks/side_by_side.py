"""What several services at once cost, and how late their audio is. Run from the root of the repository:

python -m tests.benchmarks.side_by_side [cost] [sockets]
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile
from tests.server.stand_in import LoudnessDetector
from tests.support.beside import beside
from tests.support.sound import READING
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from stt_monitor.core.journal import Entry, Sent
from stt_monitor.core.key import Keys
from stt_monitor.core.listeners import Listeners, ignore
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.core.session_options import UrlService
from stt_monitor.core.settings.requested import Settings
from stt_monitor.server.server import LocalServer
from stt_monitor.services import registry
from stt_monitor.session.factory import SessionFactory
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.session.sources import Reference, SessionInput, detected_speech, recording

COST_S = 60.0
SERVICES = ("cartesia", "flux", "voxtral")
MOST_TIMES = 1.6
"""Three services may cost so many times what one does."""

SOCKETS = 60
DRIFT_S = 30.0
MOST_LATE_MS = 10.0
TEXTS_PER_S = 10


def main() -> None:
    """Measure what was asked for, or all."""
    wanted = sys.argv[1:] or ["cost", "sockets"]
    if wanted == ["serve"]:
        asyncio.run(_serve())
        return
    with tempfile.TemporaryDirectory() as place:
        if "cost" in wanted:
            cost(speech(Path(place, "talk.wav"), COST_S))
        if "sockets" in wanted:
            sockets(speech(Path(place, "talk.wav"), DRIFT_S))


def cost(wav: Path) -> None:
    """The processor time of the client for three services, against that for one; the server is another process."""
    with beside(LocalServer(LoudnessDetector)) as server:
        alone = [_client_cpu(wav, server.base_url, [service]) for service in SERVICES]
        together = _client_cpu(wav, server.base_url, SERVICES)
    mean = sum(alone) / len(alone)
    print(
        f"cost: one service {100 * mean / COST_S:.1f} % of a core, start included, {len(SERVICES)} at once"
        f" {100 * together / COST_S:.1f} %: {together / mean:.2f} times as much (at most {MOST_TIMES})"
    )


def _client_cpu(wav: Path, url: str, services: Sequence[str]) -> float:
    chosen = [word for service in services for word in ("--service", service, "--url", f"{service}={url}")]
    command = [sys.executable, "-m", "stt_monitor", str(wav), *chosen, "--no-record", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, status
    return usage.ru_utime + usage.ru_stime


def sockets(wav: Path) -> None:
    """How late the audio of many sessions in one event loop is handed over: of one input, and of several."""
    server = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.side_by_side", "serve"], stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        url = server.stdout.readline().decode().strip()
        for inputs in (1, SOCKETS // len(SERVICES)):
            cpu = time.process_time()
            late = sorted(asyncio.run(_stream(wav, url, inputs)))
            cpu = time.process_time() - cpu
            chunks = len(late)
            p50, p99 = late[chunks // 2], late[chunks * 99 // 100]
            print(
                f"sockets: {SOCKETS} over {inputs} input{'s' if inputs > 1 else ''} for {DRIFT_S:.0f} s,"
                f" {100 * cpu / DRIFT_S:.0f} % of a core; {chunks} chunks handed over"
                f" p50 {p50:.2f}, p99 {p99:.2f} (at most {MOST_LATE_MS:.0f}), max {late[-1]:.2f} ms late"
            )
    finally:
        server.kill()
        server.wait()


class Journal:
    """Notes how late each chunk was, in milliseconds."""

    state = None

    def __init__(self, late: list[float]) -> None:
        self._late = late

    def on_entry(self, entry: Entry) -> None:
        if isinstance(entry, Sent):
            self._late.append(1000 * entry.chunk.send_lag)

    def on_result(self, result: SessionResult) -> None:
        pass

    def on_audio(self, position: int, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


async def _stream(wav: Path, url: str, inputs: int) -> list[float]:
    """Stream to all sockets; reference speech is found in one input, and known of several, as a sweep knows it."""
    late: list[float] = []

    async def none() -> str:
        raise AssertionError

    names = SERVICES * (SOCKETS // len(SERVICES) // inputs)
    setups = [
        ServiceSetup(registry.service(name), UrlService(url), Settings(), keys=Keys(None), start_server=none)
        for name in names
    ]
    find = detected_speech if inputs == 1 else lambda _: Reference("none", None)
    chosen = SessionInput(recording(wav, "mix", 100), find)
    factory = SessionFactory([chosen], setups, chunk_ms=100, observe=lambda _: Journal(late))
    sessions = []
    for _ in range(inputs):
        made = factory.make(chosen, [Listeners(ignore, ignore)] * len(names)).sessions
        sessions += [asyncio.create_task(session.run()) for session in made]
        await asyncio.sleep(0.1 / inputs)
    for outcome in await asyncio.gather(*sessions):
        assert not outcome.sentence, outcome
    return late


async def _serve() -> None:
    """Speak Cartesia, Flux or Voxtral by the path: one turn that grows, ten times a second."""

    async def talk(socket: ServerConnection) -> None:
        assert socket.request is not None
        path = socket.request.path
        with suppress(ConnectionClosed):
            if "/turns/" in path:
                await _talk(socket, ['{"type":"connected"}', '{"type":"turn.start"}'], _cartesia, "close")
            elif "/listen" in path:
                await _talk(socket, ['{"type":"Connected","request_id":"r","sequence_id":0}'], _flux, "CloseStream")
            else:
                created = '{"type":"session.created","session":{"request_id":"r","model":"m"}}'
                await _talk(socket, [created, '{"type":"turn.start"}'], _voxtral, "input_audio.end")

    async with serve(talk, "127.0.0.1", 0) as server:
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


async def _talk(socket: ServerConnection, first: list[str], text: Callable[[int], object], last: str) -> None:
    for message in first:
        await socket.send(message)

    async def tell() -> None:
        for number in range(1_000_000):
            await socket.send(json.dumps(text(number)))
            await asyncio.sleep(1 / TEXTS_PER_S)

    telling = asyncio.create_task(tell())
    async for heard in socket:
        if isinstance(heard, str) and f'"{last}"' in heard:
            break
    telling.cancel()
    if last == "input_audio.end":
        await socket.send('{"type":"transcription.done","text":"","model":"m","usage":{},"language":null}')


def _cartesia(number: int) -> dict[str, object]:
    return {"type": "turn.update", "transcript": " word" * (number % 20), "turn_id": "1"}


def _flux(number: int) -> dict[str, object]:
    return {
        "type": "TurnInfo", "request_id": "r", "sequence_id": number + 1, "turn_index": 0,
        "event": "Update" if number else "StartOfTurn", "audio_window_start": 0.0, "audio_window_end": 0.1 * number,
        "transcript": "word " * (number % 20 + 1), "words": [], "end_of_turn_confidence": 0.1,
    }  # fmt: skip


def _voxtral(_: int) -> dict[str, object]:
    return {"type": "transcription.text.delta", "text": " word"}


def speech(path: Path, seconds: float) -> Path:
    samples, rate = soundfile.read(READING)
    length = round(seconds * rate)
    soundfile.write(path, np.tile(samples, length // len(samples) + 1)[:length], rate, subtype="PCM_16")
    return path


if __name__ == "__main__":
    main()
