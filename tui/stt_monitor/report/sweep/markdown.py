"""The result of a sweep as Markdown."""

from collections.abc import Iterator

from stt_monitor.core.sweep.columns import COLUMNS, shown_columns
from stt_monitor.core.sweep.result import Part, SettingResult, SweepResult, WorstTurn
from stt_monitor.core.text.wording import plural
from stt_monitor.report.formatting import clock
from stt_monitor.report.markup import escape, paragraph, table
from stt_monitor.report.sweep.columns import figure_with_interval
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


def markdown(result: SweepResult) -> Iterator[str]:
    """Yield the result line by line."""
    return (f"{line}\n" for line in _lines(result))


def _lines(result: SweepResult) -> Iterator[str]:
    yield f"# {escape(title(result))}"
    yield ""
    yield escape(" · ".join(facts(result)))
    yield ""
    for part in result.parts:
        if len(result.parts) > 1:
            yield f"## {escape(part.name)}"
            yield ""
        yield from _part(part, exact=result.exact)
    yield from (f"- {escape(each)}" for each in remarks(result))
    yield from (f"- {each.heading}: {escape(each.meaning)}" for each in COLUMNS)
    yield ""
    if result.missing:
        yield f"**{plural(len(result.missing), 'cell')} missing**"
        yield ""
        rows = (
            map(
                escape, (each.label, each.cell.recording, each.cell.arm or "clean", str(each.cell.repetition), each.why)
            )
            for each in result.missing
        )
        yield from table(["settings", "recording", "sound", "repetition", "why"], rows)
        yield ""


def _part(part: Part, *, exact: bool) -> Iterator[str]:
    if (found := part.recommendation) is not None:
        yield f"**{escape(found.sentence)}**"
        yield ""
        if found.advice:
            yield f"    {escape_code(found.advice)}"
            yield ""
    yield f"{turns_in_words(part)}."
    yield ""
    columns = shown_columns(part)
    rows = (
        [
            escape(setting.label),
            *(escape(figure_with_interval(each, setting.shown)) for each in columns),
            ahead_in_words(setting),
            standing_in_words(setting),
        ]
        for setting in part.settings
    )
    yield from table(["setting", *(escape(each.head(exact=exact)) for each in columns), AHEAD, ""], rows)
    yield ""
    field = (
        [point.name, *(escape(f"{value} ({how})" if how else value) for value, how in _field(point))]
        for point in points(part)
    )
    yield from table(["the field's figures", "service", "plain silence"], field)
    yield ""
    yield from paragraph(FIELD)
    yield ""
    yield from _worst(part)


def _field(point: Point) -> tuple[tuple[str, str], tuple[str, str]]:
    return (point.service, point.how), (point.silence, point.silence_how)


def escape_code(text: str) -> str:
    """Return text for an indented block of code: one line."""
    return " ".join(text.split())


def _worst(part: Part) -> Iterator[str]:
    rows = [(setting, worst) for setting in part.settings for worst in setting.worst]
    if not rows:
        return
    told = (
        map(escape, (_name(setting), _where(worst), clock(worst.position), worst.what, worst.text))
        for setting, worst in rows
    )
    yield from table(["worst turns of", "recording", "at", "what", "words"], told)
    yield ""


def _where(worst: WorstTurn) -> str:
    return worst.recording + (f", {worst.arm}" if worst.arm else "")


def _name(setting: SettingResult) -> str:
    return setting.label
