"""The page as a whole. It needs no network and no script; it fits light, dark, narrow screens and paper."""

from collections.abc import Iterable, Iterator

import msgspec

from stt_monitor import __version__
from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.text.moments import when_exactly
from stt_monitor.report.agent import AgentRow, agent_rows
from stt_monitor.report.comparison import group_names, how_sure
from stt_monitor.report.environment import environment, local_server_note, settings_changed
from stt_monitor.report.formatting import HOW_MEASURED, SHOWN, settings_rows
from stt_monitor.report.happened import happened
from stt_monitor.report.headline import Against, Headline, comparison_headlines, session_headline
from stt_monitor.report.html.comparison_section import Comparison, comparison
from stt_monitor.report.html.rendering import render
from stt_monitor.report.html.session_section import Count, Distribution, Tile, counts, distributions, tiles
from stt_monitor.report.html.turns_section import Turns, turns
from stt_monitor.report.model import LoadedSession, Report, SavedRun
from stt_monitor.report.stretches import HOW_MARKED, HOW_READ, Stretch, stretches
from stt_monitor.report.turn_by_turn import HOW_CHANGED


class SessionPart(msgspec.Struct, frozen=True):
    """Everything about one session."""

    number: int
    """From 1."""
    title: str
    lead: str
    local_server_note: str
    headline: Headline
    tiles: Iterable[Tile]
    distributions: Iterable[Distribution]
    turns: Turns
    counts: Iterable[Count]
    agent: list[AgentRow]
    """The agent's interruptions and slowest replies."""
    happened: list[tuple[str, str]]
    """What happened beside the turns: when, and what."""
    environment: list[tuple[str, str]]
    settings: list[tuple[str, str]]
    settings_changed: bool


class RunPart(msgspec.Struct, frozen=True):
    """Services side by side, row by row; rows are made while they are printed."""

    source: str
    services: list[str]
    rows: Iterable[Stretch]
    listed: int
    total: int


def html(report: Report) -> Iterator[str]:
    """Yield the page piece by piece; each session's part is made when it is printed."""
    sources = list(dict.fromkeys(each.title for each in report.sessions))
    several = len(report.sessions) > 1
    return render(
        "page.html",
        version=__version__,
        title=report.title,
        several=several,
        with_audio=any(each.clip is not None for each in report.sessions),
        about=", ".join([*(group_names(report) if len(report.groups) > 1 else ()), *sources]),
        comparison=_comparison(report),
        verdicts=_verdicts(report),
        sessions=(_session(number, each, report) for number, each in enumerate(report.sessions, 1)),
        shown=SHOWN,
        how_measured=HOW_MEASURED,
        how_sure=how_sure(report),
        how_changed=HOW_CHANGED,
        headline=HEADLINE.key,
        runs=(_run(each, report) for each in report.runs),
        several_runs=len(report.runs) > 1,
        how_read=f"{HOW_READ} {HOW_MARKED}",
    )


def _run(run: SavedRun, report: Report) -> RunPart:
    listed = min(report.listed, len(run.rows))
    services = [each.measured for each in run.sessions]
    return RunPart(run.source, services, stretches(run, listed), listed, len(run.rows))


def _comparison(report: Report) -> Comparison | None:
    return comparison(report) if len(report.groups) > 1 else None


def _verdicts(report: Report) -> list[Against]:
    return list(comparison_headlines(report))


def _session(number: int, each: LoadedSession, report: Report) -> SessionPart:
    session = each.snapshot.session
    return SessionPart(
        number=number,
        title=report.title_of(each),
        lead=" · ".join(filter(None, (session.url, session.recogniser_name, when_exactly(session.started_at)))),
        local_server_note=local_server_note(each),
        headline=session_headline(each),
        tiles=tiles(each.aggregate),
        distributions=distributions(each.aggregate),
        turns=turns(each, drawn=report.drawn, listed=report.listed, slowest_first=report.slowest_first),
        counts=counts(each.aggregate),
        agent=list(agent_rows(each)),
        happened=list(happened(each)),
        environment=environment(each),
        settings=settings_rows(each.schema, each.snapshot.settings),
        settings_changed=settings_changed(each),
    )
