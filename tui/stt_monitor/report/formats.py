"""All forms of a report by name."""

from collections.abc import Callable, Iterator
from typing import Final

from stt_monitor.report.contents import Report
from stt_monitor.report.data import csv_report, json_report
from stt_monitor.report.html import html
from stt_monitor.report.markdown import markdown

FORMATS: Final[dict[str, Callable[[Report], Iterator[str]]]] = {
    "html": html,
    "md": markdown,
    "json": json_report,
    "csv": csv_report,
}
