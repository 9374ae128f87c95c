"""The result of a sweep as a page, which needs no network and no script."""

from collections.abc import Iterator, Sequence

import msgspec

from stt_monitor import __version__
from stt_monitor.core.sweep.columns import COLUMNS, Column, shown_columns
from stt_monitor.core.sweep.letters import letter
from stt_monitor.core.sweep.result import Part, Recommendation, SettingResult, SweepResult, Verdict, WorstTurn
from stt_monitor.core.text.wording import plural
from stt_monitor.report.formatting import clock
from stt_monitor.report.html.rendering import render
from stt_monitor.report.sweep.chart import Curve, curve
from stt_monitor.report.sweep.columns import figure_interval, figure_text
from stt_monitor.report.sweep.words import (
    AHEAD,
    FIELD,
    Point,
    ahead_in_words,
    facts,
    points,
    remarks,
    standing_in_words,
    title,
    turns_in_words,
)


class Value(msgspec.Struct, frozen=True):
    """A figure as it is written."""

    name: str
    value: str
    interval: str


class Row(msgspec.Struct, frozen=True):
    """A setting in the table."""

    mark: str
    """Its letter on the curve."""
    label: str
    options: str
    values: list[Value]
    ahead: str
    standing: str


class Worst(msgspec.Struct, frozen=True):
    """A turn worth a look."""

    setting: str
    recording: str
    at: str
    what: str
    text: str


class PartPage(msgspec.Struct, frozen=True):
    """What the page shows of a part."""

    name: str
    turns: str
    recommendation: Recommendation | None
    is_sure: bool
    curve: Curve | None
    heads: list[str]
    rows: list[Row]
    points: list[Point]
    worst: list[Worst]


class Missing(msgspec.Struct, frozen=True):
    """A cell without an outcome."""

    setting: str
    recording: str
    sound: str
    repetition: int
    why: str


def html(result: SweepResult) -> Iterator[str]:
    """Yield the page piece by piece."""
    return render(
        "sweep.html",
        version=__version__,
        title=title(result),
        facts=" · ".join(facts(result)),
        parts=[_part(each, exact=result.exact) for each in result.parts],
        several=len(result.parts) > 1,
        field=FIELD,
        ahead=AHEAD,
        remarks=list(remarks(result)),
        meanings=COLUMNS,
        exact=result.exact,
        missing=[
            Missing(each.label, each.cell.recording, each.cell.arm or "clean", each.cell.repetition, each.why)
            for each in result.missing
        ],
        cells_missing=plural(len(result.missing), "cell"),
    )


def _part(part: Part, *, exact: bool) -> PartPage:
    columns = shown_columns(part)
    recommendation = part.recommendation
    return PartPage(
        name=part.name,
        turns=turns_in_words(part),
        recommendation=recommendation,
        is_sure=recommendation is not None and recommendation.verdict is Verdict.RECOMMENDED,
        curve=curve(part),
        heads=[each.head(exact=exact) for each in columns],
        rows=[_row(letter(place), each, columns, exact=exact) for place, each in enumerate(part.settings)],
        points=list(points(part)),
        worst=[_worst(each, worst) for each in part.settings for worst in each.worst],
    )


def _row(mark: str, each: SettingResult, columns: Sequence[Column], *, exact: bool) -> Row:
    figures = each.shown
    values = [
        Value(column.head(exact=exact), figure_text(column, figure), figure_interval(column, figure))
        for column in columns
        for figure in [column.of(figures)]
    ]
    return Row(mark, each.label, each.options, values, ahead_in_words(each), standing_in_words(each))


def _worst(each: SettingResult, worst: WorstTurn) -> Worst:
    where = f"{worst.recording}, {worst.arm}" if worst.arm else worst.recording
    return Worst(each.label, where, clock(worst.position), worst.what, worst.text)
