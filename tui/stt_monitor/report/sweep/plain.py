"""The result of a sweep for a terminal, as text alone: columns of words, no box drawing."""

from collections.abc import Iterator, Sequence
from typing import Final

from stt_monitor.core.sweep.columns import Column, shown_columns
from stt_monitor.core.sweep.result import Part, Recommendation, SettingResult, SweepResult
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import plural
from stt_monitor.report.sweep.columns import figure_text, figure_with_interval
from stt_monitor.report.sweep.words import (
    AHEAD,
    ahead_in_words,
    facts,
    points,
    remarks,
    standing_in_words,
    title,
    turns_in_words,
)

_GAP: Final = "  "
_WITH_INTERVAL: Final = ("eot_p50", "cut_turns")
"""Figures that a setting is chosen by; other formats have all intervals."""
_LISTED: Final = 10
"""Missing cells by name."""


def plain(result: SweepResult) -> Iterator[str]:
    """Yield the lines, without line breaks; nothing in them moves a cursor."""
    return map(clean_end, _lines(result))


def clean_end(line: str) -> str:
    """Sanitize a line, but keep the spaces that it begins with."""
    return line[: len(line) - len(line.lstrip(" "))] + clean(line)


def recommendation_lines(found: Recommendation) -> Iterator[str]:
    """Yield the recommendation, and the options to paste."""
    yield found.sentence
    if found.advice:
        yield f"options: {found.advice}"


def _lines(result: SweepResult) -> Iterator[str]:
    yield f"{title(result)}: {', '.join(facts(result))}"
    for part in result.parts:
        yield ""
        if len(result.parts) > 1:
            yield f"{part.name}:"
        yield from _part(part, exact=result.exact)
    yield ""
    yield from remarks(result)
    if result.missing:
        yield ""
        yield f"{plural(len(result.missing), 'cell')} missing:"
        for each in result.missing[:_LISTED]:
            cell = each.cell
            where = ", ".join(filter(None, (each.label, cell.recording, cell.arm, f"repetition {cell.repetition}")))
            yield f"{_GAP}{where}: {each.why}"
        if len(result.missing) > _LISTED:
            yield f"{_GAP}and {len(result.missing) - _LISTED} more"


def _part(part: Part, *, exact: bool) -> Iterator[str]:
    yield turns_in_words(part)
    columns = shown_columns(part)
    rows = [["setting", *(column.head(exact=exact) for column in columns), AHEAD, ""]]
    rows += [_row(each, columns) for each in part.settings]
    yield from _aligned(rows)
    yield ""
    compared = [[each.name, each.service, each.silence] for each in points(part)]
    yield from _aligned([["the field's figures", "service", "plain silence"], *compared])
    if part.recommendation is not None:
        yield ""
        yield from recommendation_lines(part.recommendation)


def _row(each: SettingResult, columns: Sequence[Column]) -> list[str]:
    figures = each.shown
    cells = (
        figure_with_interval(column, figures)
        if column.key in _WITH_INTERVAL
        else figure_text(column, column.of(figures))
        for column in columns
    )
    return [clean(each.label), *cells, ahead_in_words(each), standing_in_words(each)]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows with columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
