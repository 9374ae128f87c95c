"""The result of a sweep as Markdown."""

from collections.abc import Iterator

from stt_monitor.core.sweep.columns import COLUMNS, shown_columns
from stt_monitor.core.sweep.result import Part, SettingResult, SweepResult
from stt_monitor.core.text.wording import plural
from stt_monitor.report.formatting import clock
from stt_monitor.report.markdown import escape, table_head, table_row
from stt_monitor.report.sweep.columns import figure_with_interval
from stt_monitor.report.sweep.words import (
    AHEAD,
    FIELD,
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
        yield from table_head(["settings", "recording", "sound", "repetition", "why"])
        for each in result.missing:
            cell = each.cell
            texts = (each.label, cell.recording, cell.arm or "clean", str(cell.repetition), each.why)
            yield table_row(map(escape, texts))
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
    yield from table_head(["setting", *(escape(each.head(exact=exact)) for each in columns), AHEAD, ""])
    for setting in part.settings:
        cells = [escape(figure_with_interval(each, setting.shown)) for each in columns]
        yield table_row([escape(setting.label), *cells, ahead_in_words(setting), standing_in_words(setting)])
    yield ""
    yield from table_head(["the field's figures", "service", "plain silence"])
    for point in points(part):
        how = [f" ({escape(each)})" if each else "" for each in (point.how, point.silence_how)]
        yield table_row([point.name, escape(point.service) + how[0], escape(point.silence) + how[1]])
    yield ""
    yield FIELD
    yield ""
    yield from _worst(part)


def escape_code(text: str) -> str:
    """Return text for an indented block of code: one line."""
    return " ".join(text.split())


def _worst(part: Part) -> Iterator[str]:
    rows = [(setting, worst) for setting in part.settings for worst in setting.worst]
    if not rows:
        return
    yield from table_head(["worst turns of", "recording", "at", "what", "words"])
    for setting, worst in rows:
        where = worst.recording + (f", {worst.arm}" if worst.arm else "")
        yield table_row(map(escape, (_name(setting), where, clock(worst.position), worst.what, worst.text)))
    yield ""


def _name(setting: SettingResult) -> str:
    return setting.label
