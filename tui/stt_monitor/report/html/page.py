"""A report as one HTML page that needs nothing else: no network, no script; light, dark, narrow and on paper.

What it says is made here and beside; `templates/` lays it out.
"""

from collections.abc import Iterable, Iterator

import msgspec

from stt_monitor import __version__
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.text.moments import when_exactly
from stt_monitor.core.text.sanitize import plural
from stt_monitor.report.comparison import how_sure
from stt_monitor.report.environment import changed_on_the_way, facts, measured
from stt_monitor.report.formatting import HOW_MEASURED, NONE, SHOWN, settings_rows
from stt_monitor.report.html.comparison_section import Comparison, comparison
from stt_monitor.report.html.rendering import fill_in
from stt_monitor.report.html.session_section import Count, Distribution, Tile, counted, distributions, tiles
from stt_monitor.report.html.turns_section import Turns, turns
from stt_monitor.report.model import LoadedSession, Report


class SessionPart(msgspec.Struct, frozen=True):
    """All that the page says of a session."""

    title: str
    lead: str
    measured: str
    tiles: Iterable[Tile]
    distributions: Iterable[Distribution]
    turns: Turns
    counts: Iterable[Count]
    facts: list[tuple[str, str]]
    settings: list[tuple[str, str]]
    changed: bool
    """The settings were others at times."""


def html(report: Report) -> Iterator[str]:
    """Yield the page piece by piece; a session is looked at when it is its turn."""
    sources = list(dict.fromkeys(each.title for each in report.sessions))
    several = len(report.sessions) > 1
    return fill_in(
        "page.html",
        version=__version__,
        title=plural(len(report.sessions), "session") if several else sources[0],
        several=several,
        sources=", ".join(sources),
        comparison=_comparison(report),
        sessions=(_session(each, report) for each in report.sessions),
        shown=SHOWN,
        turn_metrics=TURN_METRICS,
        no_value=NONE,
        how_measured=HOW_MEASURED,
        how_sure=how_sure(),
    )


def _comparison(report: Report) -> Comparison | None:
    return comparison(report) if len(report.groups) > 1 else None


def _session(each: LoadedSession, report: Report) -> SessionPart:
    session = each.snapshot.session
    return SessionPart(
        title=each.title,
        lead=" · ".join(filter(None, (session.url, session.heard_by, when_exactly(session.started_at)))),
        measured=measured(each),
        tiles=tiles(each.pool, labelled=each.labelled),
        distributions=distributions(each.pool),
        turns=turns(each, drawn=report.drawn, listed=report.listed),
        counts=counted(each.pool),
        facts=facts(each),
        settings=settings_rows(each.schema, each.snapshot.settings),
        changed=changed_on_the_way(each),
    )
