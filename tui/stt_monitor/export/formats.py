"""Export formats by name; the name is also the file's ending."""

from collections.abc import Callable, Iterator
from typing import Final

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.export.rttm import rttm
from stt_monitor.export.srt_vtt import srt, vtt
from stt_monitor.export.table import csv_text, json_text
from stt_monitor.export.text import audacity, plain_text
from stt_monitor.export.textgrid import textgrid

FORMATS: Final[dict[str, Callable[[Snapshot], Iterator[str]]]] = {
    "srt": srt,
    "vtt": vtt,
    "txt": plain_text,
    "csv": csv_text,
    "json": json_text,
    "audacity": audacity,
    "rttm": rttm,
    "textgrid": textgrid,
}
