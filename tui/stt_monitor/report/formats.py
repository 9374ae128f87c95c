"""Report formats by name; the name is also the file's ending."""

from collections.abc import Callable, Iterator
from typing import Final

from stt_monitor.report.data import csv_report, json_report
from stt_monitor.report.html.page import html
from stt_monitor.report.markdown import markdown
from stt_monitor.report.model import Report

FORMATS: Final[dict[str, Callable[[Report], Iterator[str]]]] = {
    "html": html,
    "md": markdown,
    "json": json_report,
    "csv": csv_report,
}
