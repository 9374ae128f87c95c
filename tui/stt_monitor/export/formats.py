"""Export formats by name; the name is also the file's ending."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.export.rttm import rttm, rttm_side_by_side
from stt_monitor.export.srt_vtt import srt, vtt
from stt_monitor.export.table import csv_side_by_side, csv_text, json_side_by_side, json_text
from stt_monitor.export.text import audacity, plain_text
from stt_monitor.export.textgrid import textgrid, textgrid_side_by_side


class Format(msgspec.Struct, frozen=True):
    """A format."""

    write: Callable[[Snapshot], Iterator[str]]
    """Yield a session."""
    write_side_by_side: Callable[[Mapping[str, Snapshot]], Iterator[str]] | None = None
    """Yield those of several services, by name; None where a file has room for one."""


FORMATS: Final[dict[str, Format]] = {
    "srt": Format(srt),
    "vtt": Format(vtt),
    "txt": Format(plain_text),
    "csv": Format(csv_text, csv_side_by_side),
    "json": Format(json_text, json_side_by_side),
    "audacity": Format(audacity),
    "rttm": Format(rttm, rttm_side_by_side),
    "textgrid": Format(textgrid, textgrid_side_by_side),
}
