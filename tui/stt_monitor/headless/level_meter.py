"""Live level meter for a microphone, on one line."""

import asyncio
import math
import signal
import sys
from typing import Final

import numpy as np

from stt_monitor.audio.formats import decode
from stt_monitor.audio.sources.source import Source
from stt_monitor.core.text.sanitize import printable
from stt_monitor.system.streams import Output

WIDTH: Final = 40
"""Columns of the bar."""

FLOOR_DB: Final = -60.0
"""Level of an empty bar; full scale, 0 dB, fills it."""

CLIPPING: Final = 0.999
"""Share of full scale at which a sample counts as clipped."""


def show_level(source: Source) -> None:
    """Print the peak of every chunk until ctrl+c.

    Raises:
        MicrophoneError: the device cannot be started, or has stopped working.
        InputError: standard output cannot be written.
        ReaderLeftError: the reader of standard output has closed it.
    """
    asyncio.run(_show(source))


async def _show(source: Source) -> None:
    signal.signal(signal.SIGINT, lambda *_: source.stop())
    output = Output()
    output.write_lines([f"{printable(source.name)}, {source.format.sample_rate} Hz; ctrl+c ends"])
    over = "\r" if sys.stdout.isatty() else ""
    async for chunk in source.chunks():
        peak = float(np.max(np.abs(decode(chunk.data, source.format.encoding)), initial=0.0))
        output.write([f"{over}{level_line(peak)}{'' if over else chr(10)}"])
        output.flush()
    output.write(["\n" if over else ""])
    output.flush()


def level_line(peak: float) -> str:
    """Draw a peak (0..1 of full scale) as a bar with its value; always the same width."""
    level = 20 * math.log10(peak) if peak > 0 else -math.inf
    filled = round(WIDTH * min(max((level - FLOOR_DB) / -FLOOR_DB, 0.0), 1.0))
    value = f"{level:6.1f} dB" if level > -math.inf else " silence "
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {value}{'  CLIPS' if peak >= CLIPPING else '       '}"
