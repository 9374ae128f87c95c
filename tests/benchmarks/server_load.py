"""How many sessions the local server serves at once, how late its events are, and what it costs.

    python tests/benchmarks/server_load.py [--sessions 1 4 8 12 16 20] [--seconds 40] [WAV ...]

Each session plays the same speech from another place on, in real time, 100 ms a frame. The same audio gives the same
events at any load, so what each session must hear, and at which position of the audio, is found out beforehand by
listening without a server; `lag` is then the time from sending the frame that holds that position to receiving the
event. WAVs are mono, of 16 bits; without any, a recording that comes with the recogniser is played.
"""

import argparse
import asyncio
import json
import os
import time
import wave
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from websockets.asyncio.client import connect

from stt_monitor.audio.formats import Encoding, Samples, decode
from stt_monitor.audio.resampling import SPEECH_RATE, SpeechResampler
from stt_monitor.core.events import TurnEvent
from stt_monitor.server.asr.models import Models
from stt_monitor.server.child import LocalServerProcess
from stt_monitor.server.turn_detection.detector import Detector
from stt_monitor.services.cartesia.server_side import SERVER_SIDE
from stt_monitor.services.cartesia.server_side.turn_settings import completed, thresholds
from stt_monitor.services.server_side import Head, Session, Visit

FRAME_S: Final = 0.1
FRAME: Final = int(FRAME_S * SPEECH_RATE)
DEFAULTS: Final = thresholds(completed({}))
TARGET: Final = f"{SERVER_SIDE.path}?{SERVER_SIDE.example_query}"
LIMIT_S: Final = 0.3
"""The lag at the 90th percentile that counts as keeping up."""

STARTS: Final = 3
"""How often the server is started; the fastest counts, the others pay for what else the machine does."""


class Cost(msgspec.Struct, frozen=True):
    """What a process has used: seconds of processor time, and resident memory (MB)."""

    cpu_s: float
    memory_mb: float

    @classmethod
    def of(cls, pid: int) -> "Cost":
        """Ask the system; only Linux tells."""
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(stat[11]) + int(stat[12])
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return cls(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


class Script(msgspec.Struct, frozen=True):
    """What a session sends, and what it must hear."""

    audio: bytes
    heard: list[TurnEvent]


def speech(paths: list[Path]) -> Samples:
    """Return all recordings, one after another, at 16 kHz."""
    parts = []
    for path in paths or [_bundled()]:
        with wave.open(str(path)) as recording:
            samples = decode(recording.readframes(recording.getnframes()), Encoding.PCM_S16LE)
            parts.append(SpeechResampler(recording.getframerate()).feed(samples, last=True))
    return np.concatenate(parts)


def _bundled() -> Path:
    spec = find_spec("moonshine_voice")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "assets" / "two_cities.wav"


def scripts(sound: Samples, count: int, seconds: float) -> list[Script]:
    """Return `count` scripts of `seconds` each, beginning at evenly spread places of the sound."""
    models, made = Models.load(), []
    looped = np.tile(sound, int(seconds * SPEECH_RATE / len(sound)) + 2)
    for n in range(count):
        start = n * len(sound) // count
        audio = (looped[start : start + int(seconds * SPEECH_RATE)] * 32767).astype("<i2").tobytes()
        detector = Detector(models, DEFAULTS)
        made.append(Script(audio, detector.feed(decode(audio, Encoding.PCM_S16LE)) + detector.finish()))
    return made


async def play(base_url: str, script: Script, begin: float) -> list[float]:
    """Run one session, from `begin` on the loop's clock. Return the lag (s) of each event that it hears."""
    loop = asyncio.get_running_loop()
    url = base_url.replace("http", "ws") + TARGET
    session = _session()
    async with connect(url, compression=None) as socket:

        async def send() -> None:
            for n, at in enumerate(range(0, len(script.audio), 2 * FRAME)):
                await asyncio.sleep(begin + (n + 1) * FRAME_S - loop.time())
                await socket.send(script.audio[at : at + 2 * FRAME])
            await socket.send('{"type":"close"}')

        sending = asyncio.create_task(send())
        lags, expected = [], iter(script.heard)
        async for message in socket:
            now = loop.time() - begin
            event = json.loads(message)
            if event["type"] == "connected":
                continue
            heard = next(expected)
            (expected_text,) = session.write(heard)
            wanted = json.loads(expected_text) | {"request_id": event["request_id"]}
            assert wanted == event, f"at load, {event} instead of {wanted}"
            sent = np.ceil(round((heard.at or 0) / FRAME_S, 6)) * FRAME_S
            lags.append(now - min(sent, len(script.audio) / 2 / SPEECH_RATE))
        await sending
    assert next(expected, None) is None, "at load, events are missing"
    return lags


def _session() -> Session:
    return SERVER_SIDE.open(Head(TARGET), Visit())


async def measure(base_url: str, pid: int, played: list[Script]) -> str:
    """Play all scripts at once and return a row of the table."""
    loop = asyncio.get_running_loop()
    # Spread over one frame: real clients do not send at the same instant either.
    begins = [loop.time() + 0.5 + n * FRAME_S / len(played) for n in range(len(played))]
    before, began = Cost.of(pid), time.monotonic()
    sessions = await asyncio.gather(*(play(base_url, *each) for each in zip(played, begins, strict=True)))
    after, wall = Cost.of(pid), time.monotonic() - began
    lags = [lag for session in sessions for lag in session]
    p50, p90 = np.percentile(lags, [50, 90])
    cores = (after.cpu_s - before.cpu_s) / wall
    return (
        f"{len(played):8d}  {len(lags):6d}  {p50:7.2f}  {p90:7.2f}  {max(lags):7.2f}  {cores:9.2f}  "
        f"{cores / len(played):12.3f}  {after.memory_mb:6.0f}  {'yes' if p90 <= LIMIT_S else 'no'}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wav", nargs="*", type=Path)
    parser.add_argument("--sessions", nargs="+", type=int, default=[1, 4, 8, 12, 16, 20])
    parser.add_argument("--seconds", type=float, default=40)
    options = parser.parse_args()
    starts = []
    for _ in range(STARTS):
        with LocalServerProcess() as server:
            began = time.monotonic()
            server.start()
            starts.append(time.monotonic() - began)
    print("start, s:", ", ".join(f"{each:.2f}" for each in sorted(starts)))
    print(f"listening to {max(options.sessions)} scripts of {options.seconds:g} s without a server", flush=True)
    made = scripts(speech(options.wav), max(options.sessions), options.seconds)
    print("sessions  events  lag p50  lag p90  lag max  cores all  cores/session  mem MB  keeps up")
    for count in options.sessions:
        with LocalServerProcess() as server:
            url = server.start()
            assert server.pid is not None
            print(asyncio.run(measure(url, server.pid, made[:: max(1, len(made) // count)][:count])), flush=True)


if __name__ == "__main__":
    main()
