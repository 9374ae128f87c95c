"""Formats of a sweep's result by name; the name is also the file's ending."""

from collections.abc import Callable, Iterator
from typing import Final

from stt_monitor.core.sweep.result import SweepResult
from stt_monitor.report.sweep.data import csv_result, json_result
from stt_monitor.report.sweep.markdown import markdown
from stt_monitor.report.sweep.page import html

FORMATS: Final[dict[str, Callable[[SweepResult], Iterator[str]]]] = {
    "html": html,
    "md": markdown,
    "json": json_result,
    "csv": csv_result,
}
