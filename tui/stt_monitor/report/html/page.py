"""A report as one HTML page that needs nothing else: no network, no script; light, dark, narrow and on paper."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Final

from stt_monitor import __version__
from stt_monitor.core.text.moments import when_exactly
from stt_monitor.core.text.sanitize import plural
from stt_monitor.report.environment import changed_on_the_way, facts, measured
from stt_monitor.report.formatting import settings_rows
from stt_monitor.report.html.comparison_section import comparison
from stt_monitor.report.html.markup import e, note
from stt_monitor.report.html.session_section import counts_table, figures_table, tiles
from stt_monitor.report.html.turns_section import timelines, turns_table
from stt_monitor.report.model import Kept, Report

_HEAD: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="stt-monitor {version}">
<title>{title} · stt-monitor</title>
<style>
{style}</style>
</head>
<body>
<main>
<p class="brand">stt-monitor · turn detection report</p>
<h1>{title}</h1>
"""
_FOOT: Final = "</main>\n</body>\n</html>\n"


def html(report: Report) -> Iterator[str]:
    """Give the page."""
    sessions = report.sessions
    title = sessions[0].title if len(sessions) == 1 else plural(len(sessions), "session")
    style = (files("stt_monitor.report.html") / "page.css").read_text("utf-8")
    yield _HEAD.format(version=__version__, title=e(title), style=style)
    yield from _body(report)
    yield _FOOT


def _body(report: Report) -> Iterator[str]:
    several = len(report.sessions) > 1
    if several:
        sources = dict.fromkeys(each.title for each in report.sessions)
        yield f'<p class="lead">{e(", ".join(sources))}</p>\n'
    if len(report.groups) > 1:
        yield from comparison(report)
    for each in report.sessions:
        session = each.snapshot.session
        if several:
            yield f'<h1 class="session">{e(each.title)}</h1>\n'
        lead = filter(None, (session.url, session.heard_by, when_exactly(session.started_at)))
        yield f'<p class="lead">{e(" · ".join(lead))}</p>\n'
        if what := measured(each):
            yield f'<p class="measured">{e(what)}</p>\n'
        yield from _session(each, report)


def _session(each: Kept, report: Report) -> Iterator[str]:
    pool = each.pool
    yield from tiles(pool, labelled=each.labelled)
    yield "<h2>Latency</h2>\n"
    yield from figures_table(pool)
    yield "<h2>Turns</h2>\n"
    yield from timelines(each, report.drawn)
    yield from turns_table(each, report.listed)
    yield "<h2>Counts and health</h2>\n"
    yield from counts_table(pool)
    yield "<h2>Settings and environment</h2>\n"
    yield f'<div class="two">\n<div class="card">{_list(facts(each))}</div>\n'
    yield f'<div class="card">{_list(settings_rows(each.schema, each.snapshot.settings))}'
    if changed_on_the_way(each):
        yield note("Those in force at the end; there were others on the way: report --by settings compares them.")
    yield "</div>\n</div>\n"


def _list(rows: Iterable[tuple[str, str]]) -> str:
    return f'<dl class="facts">{"".join(f"<dt>{e(name)}</dt><dd>{e(value)}</dd>" for name, value in rows)}</dl>'
