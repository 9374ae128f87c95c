"""How exactly a file is played: drift and jitter of the chunks, beside the vendor's example loop.

    python tests/benchmarks/pacing.py [SECONDS] [BUSY_MS]

Each chunk is due when its last sample has been spoken. With BUSY_MS the same event loop is blocked for so long thirty
times a second, as by a screen that draws. The vendor's example sends a chunk and sleeps for its length.
"""

import argparse
import asyncio
import tempfile
import time
import wave
from pathlib import Path
from typing import Final

import numpy as np

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.sources.file_source import DEFAULT_CHUNK_MS, FileSource

RATE: Final = 16_000
SENDING_S: Final = 0.000_2
"""What encoding and handing a frame to the socket takes."""
DRAWINGS_A_SECOND: Final = 30


async def keep_busy(seconds: float) -> None:
    """Block the loop again and again."""
    while True:
        time.sleep(seconds)  # noqa: ASYNC251  it is meant to block
        await asyncio.sleep(1 / DRAWINGS_A_SECOND)


async def play(path: Path) -> list[float]:
    """Play a file; return by how many seconds each chunk came late."""
    late = []
    async for chunk in FileSource(open_audio_file(path)).chunks():
        late.append(time.monotonic() - chunk.spoken_at - chunk.samples / RATE)
        time.sleep(SENDING_S)  # noqa: ASYNC251  it stands for work
    return late


async def play_as_the_example_does(seconds: float) -> list[float]:
    """Send and sleep; return by how many seconds each chunk came late."""
    late = []
    start = time.monotonic()
    length = DEFAULT_CHUNK_MS / 1000
    for index in range(round(seconds / length)):
        late.append(time.monotonic() - start - index * length)
        time.sleep(SENDING_S)  # noqa: ASYNC251  it stands for work
        await asyncio.sleep(length)
    return late


def describe(name: str, late: list[float]) -> None:
    """Print drift, the difference of the medians of the last and the first tenth, and jitter around the trend."""
    ms = np.array(late) * 1000
    tenth = max(1, len(ms) // 10)
    drift = np.median(ms[-tenth:]) - np.median(ms[:tenth])
    jitter = ms - np.polyval(np.polyfit(np.arange(len(ms)), ms, 1), np.arange(len(ms)))
    print(
        f"{name:>16}: {len(ms)} chunks, drift {drift:+8.2f} ms, late p50 {np.median(ms):.2f} p99 "
        f"{np.percentile(ms, 99):.2f} max {ms.max():.2f} ms, jitter p99 {np.percentile(np.abs(jitter), 99):.2f} ms"
    )


async def measure(seconds: float, busy_ms: float) -> None:
    """Play both ways at the same time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "silence.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
            file.writeframes(bytes(2 * round(seconds * RATE)))
        busy = asyncio.create_task(keep_busy(busy_ms / 1000)) if busy_ms else None
        ours, example = await asyncio.gather(play(path), play_as_the_example_does(seconds))
        if busy is not None:
            busy.cancel()
    describe("stt-monitor", ours)
    describe("vendor's example", example)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", nargs="?", type=float, default=600.0)
    parser.add_argument("busy_ms", nargs="?", type=float, default=0.0)
    options = parser.parse_args()
    asyncio.run(measure(options.seconds, options.busy_ms))


if __name__ == "__main__":
    main()
