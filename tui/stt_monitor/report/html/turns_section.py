"""The turns of a session: their timelines, and a table of their figures."""

from collections.abc import Iterator
from typing import Final

from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.text.sanitize import clean, plural
from stt_monitor.report.formatting import MARKS, bare, clock, in_cell, marks
from stt_monitor.report.html.markup import e, note
from stt_monitor.report.html.timeline import timeline
from stt_monitor.report.model import Kept, notable

_LEGEND: Final = (
    '<div class="legend"><span><i class="speech"></i>reference speech</span>'
    '<span><i class="cut"></i>speech after turn.end</span><span><i class="wait"></i>wait for turn.end</span>'
    '<span><i class="speaking"></i>speaking</span><span><i class="eager"></i>eager end</span><span>▸ turn.start</span>'
    "<span>◐ turn.eager_end</span><span>↺ turn.resume</span><span>■ turn.end</span><span>| each event</span></div>\n"
)
_BAD: Final = ("cut off", "~cut off", "spurious", "dangling", "timeout")


def timelines(each: Kept, most: int) -> Iterator[str]:
    """Draw at most so many turns."""
    finished = each.snapshot.finished
    if not finished:
        yield note("There are no turns in this session.")
        return
    drawn = notable(finished, most)
    if len(drawn) < len(finished):
        of = plural(len(finished), "turn")
        yield note(f"Drawn are {len(drawn)} of {of}: half for what went wrong, half for the slowest.")
    yield _LEGEND
    for turn in drawn:
        tags = "".join(_tag(mark) for mark in marks(turn, labelled=each.labelled))
        figures = " ".join(
            f"<span>{metric.label} {in_cell(getattr(turn.figures, metric.key), metric.unit)}</span>"
            for metric in TURN_METRICS
        )
        yield (
            f'<article class="card turn"><header><b>{turn.turn.number}</b><span>{clock(turn.start_position)}</span>'
            f"{figures}{tags}</header><blockquote>{_words(turn)}</blockquote>{timeline(turn)}</article>\n"
        )


def turns_table(each: Kept, most: int) -> Iterator[str]:
    """List at most so many turns with their figures."""
    finished = each.snapshot.finished
    if not finished:
        return
    listed = notable(finished, most)
    heads = "".join(f'<th class="num">{metric.heading}</th>' for metric in TURN_METRICS)
    yield '<h3>All figures</h3>\n<div class="card scroll"><table class="all"><thead><tr><th class="num">turn</th>'
    yield f'<th class="num">at</th>{heads}<th>remarks</th><th>words</th></tr></thead><tbody>\n'
    for turn in listed:
        cells = "".join(
            f'<td class="num">{bare(getattr(turn.figures, metric.key), metric.unit)}</td>' for metric in TURN_METRICS
        )
        tags = " ".join(_tag(mark) for mark in marks(turn, labelled=each.labelled))
        yield (
            f'<tr><td class="num">{turn.turn.number}</td><td class="num">{clock(turn.start_position)}</td>{cells}'
            f"<td>{tags}</td><td>{_words(turn)}</td></tr>\n"
        )
    yield "</tbody></table></div>\n"
    if len(listed) < len(finished):
        yield note(
            f"Listed are {len(listed)} of {plural(len(finished), 'turn')}, those that went wrong and the slowest: "
            "report --format csv has all."
        )


def _tag(mark: str) -> str:
    return f'<span class="tag{" bad" if mark in _BAD else ""}" title="{e(MARKS[mark])}">{e(mark)}</span>'


def _words(each: FinishedTurn) -> str:
    return e(clean(each.turn.transcript)) or "<em>no words</em>"
