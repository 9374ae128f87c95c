"""Reports as data: JSON with everything, CSV with a row for each turn."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from stt_monitor import __version__
from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import HEADLINE, METRICS, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.intervals import Interval, difference, median_interval
from stt_monitor.core.metrics.marks import names_in_data
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import Summary, summarise
from stt_monitor.core.metrics.session_metrics import session_value
from stt_monitor.core.metrics.units import in_data, summary_in_data
from stt_monitor.core.side_by_side.rows import Row as Stretch
from stt_monitor.export.json_stream import json_pieces
from stt_monitor.export.table import Row, column_names, csv_rows, csv_turn_rows, turn_rows
from stt_monitor.report.comparison import pairs_of, why_not
from stt_monitor.report.headline import Against, comparison_headlines, session_headline
from stt_monitor.report.model import Group, LoadedSession, Report, SavedRun
from stt_monitor.report.turn_by_turn import TurnByTurn, turn_by_turn
from stt_monitor.services.registry import service_of

_OF_SESSION = ("recording", "source", "url", "model", "server", "service")


def csv_report(report: Report) -> Iterator[str]:
    """Yield a row for each turn of all sessions, with columns about its session."""
    rows = ({**_session_cells(each), **cells} for each in report.sessions for cells in csv_turn_rows(each.snapshot))
    return csv_rows((*_OF_SESSION, *column_names(each.schema for each in report.sessions), "degraded"), rows)


def json_report(report: Report) -> Iterator[str]:
    """Yield everything that other formats show; times in milliseconds."""
    paired = {each.place: each for each in turn_by_turn(report)}
    verdicts = [None, *comparison_headlines(report)]
    return json_pieces(
        {
            "made_by": f"stt-monitor {__version__}",
            **({"title": report.named} if report.named else {}),
            "by": report.asked or report.by.value,
            "definitions": {
                key: {"unit": each.unit.value, "label": each.label, "meaning": each.meaning}
                for key, each in METRICS.items()
            },
            "groups": [
                _group(group, report, paired.get(place), verdict)
                for place, (group, verdict) in enumerate(zip(report.groups, verdicts, strict=True))
            ],
            **({"side_by_side": (_run(run) for run in report.runs)} if report.runs else {}),
            "sessions": (_session(each) for each in report.sessions),
        }
    )


def _session_cells(each: LoadedSession) -> Row:
    session = each.snapshot.session
    known = {name: getattr(session, name) for name in _OF_SESSION[1:-1]}
    arms = " ".join(session.degraded or ())
    return {"recording": each.name, **known, "service": service_of(session).name, "degraded": arms}


def _group(group: Group, report: Report, paired: TurnByTurn | None, verdict: Against | None) -> dict[str, Any]:
    compared: dict[str, Any] = {}
    if verdict is not None:
        compared["verdict"] = verdict.judgement.value
        compared["headline"] = verdict.sentence
        compared["against_first_group"] = _differences(group, report)
        turns = {"unpaired": why_not(report, group)} if paired is None else _turn_by_turn(paired)
        compared["turn_by_turn"] = turns
    return {"label": group.label, "turns": group.turns, **_metrics(group.aggregate), **compared}


def _turn_by_turn(paired: TurnByTurn) -> dict[str, Any]:
    """Return which turns differ from those of the first group; `metric` is that of the turns that changed most."""
    return {
        **dict(paired.changes.counts()),
        "sessions_left_out": paired.left_out,
        "metric": HEADLINE.key,
        "changed_most": [
            {
                "source": each.source,
                "at_s": round(each.pair.at, 3),
                "turns": each.pair.turns,
                f"before_{HEADLINE.unit.word}": in_data(each.pair.before, HEADLINE.unit),
                f"after_{HEADLINE.unit.word}": in_data(each.pair.after, HEADLINE.unit),
            }
            for each in paired.changed
        ],
    }


def _run(run: SavedRun) -> dict[str, Any]:
    return {
        "recordings": [each.name for each in run.sessions],
        "services": [service_of(each.snapshot.session).name for each in run.sessions],
        "speech": (_stretch(row) for row in run.rows),
    }


def _stretch(row: Stretch) -> dict[str, Any]:
    """Return a stretch of reference speech; the numbers of turns lead to those of the sessions."""
    spoken = (None, None) if row.speech is None else (row.speech.onset_position, row.speech.end_position)
    start, end = (None if position is None else round(position, 3) for position in spoken)
    return {
        "start_s": start,
        "end_s": end,
        "answers": [
            {
                "turns": [part.finished.turn.number for part in answer.parts],
                "turns_ending": [part.finished.turn.number for part in answer.parts if part.ends],
                "missed": answer.missed,
                "heard": answer.heard,
            }
            for answer in row.answers
        ],
    }


def _session(each: LoadedSession) -> dict[str, Any]:
    snapshot, headline = each.snapshot, session_headline(each)
    return {
        "recording": each.name,
        "headline": f"{headline.figures} {headline.worst}".rstrip(),
        "program": each.program,
        "platform": each.platform,
        "session": msgspec.to_builtins(snapshot.session),
        "settings": {name: snapshot.settings.get(name) for name in each.schema.names},
        **_metrics(each.aggregate),
        "turns": turn_rows(snapshot),
    }


def _metrics(aggregate: Aggregate) -> dict[str, Any]:
    return {
        **_by_unit("figures", {metric: _summary(aggregate.values[metric.key], metric) for metric in TURN_METRICS}),
        **_by_unit("first_turns", {metric: _first(aggregate, metric) for metric in TURN_METRICS}),
        "not_applicable": names_in_data(aggregate.marks.absent),
        "derived": names_in_data(aggregate.marks.derived),
        "counts": {metric.key: in_data(session_value(metric, aggregate), metric.unit) for metric in SESSION_METRICS},
    }


def _by_unit(name: str, of: dict[Metric, Any]) -> dict[str, dict[str, Any]]:
    """Group metrics by keys that end in their units."""
    said: dict[str, dict[str, Any]] = {}
    for metric, value in of.items():
        said.setdefault(f"{name}_{metric.unit.word}", {})[metric.key] = value
    return said


def _first(aggregate: Aggregate, metric: Metric) -> Summary:
    return summary_in_data(summarise(aggregate.first_values[metric.key]), metric.unit)


def _summary(values: Sequence[float], metric: Metric) -> dict[str, Any]:
    summary = summary_in_data(summarise(values), metric.unit)
    return {**msgspec.structs.asdict(summary), "p50_interval": _interval(median_interval(values), metric)}


def _interval(interval: Interval | None, metric: Metric) -> list[float | None] | None:
    return None if interval is None else [in_data(end, metric.unit) for end in (interval.low, interval.high)]


def _differences(group: Group, report: Report) -> dict[str, Any]:
    return {metric.key: _difference(metric, group, report) for metric in TURN_METRICS}


def _difference(metric: Metric, group: Group, report: Report) -> dict[str, Any] | None:
    paired = pairs_of(metric, group, report)
    if paired is None:
        baseline = report.groups[0].aggregate
        found = difference(baseline.values[metric.key], group.aggregate.values[metric.key])
    else:
        found = paired.difference
    if found is None:
        return None
    told = {
        f"p50_{metric.unit.word}": in_data(found.of_medians, metric.unit),
        f"interval_{metric.unit.word}": _interval(found.interval, metric),
        "sure": found.significant,
    }
    if paired is None:
        return told
    return {
        **told,
        "pairs": paired.n,
        "pairs_less": paired.faster,
        "pairs_more": paired.slower,
        "pairs_equal": paired.equal,
        "only_here": paired.only_after,
        "only_in_first_group": paired.only_before,
    }
