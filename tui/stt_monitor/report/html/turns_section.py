"""The turns of a session: timelines, and a table of metrics."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.why.account import account_of, word_of
from stt_monitor.core.why.others import Others
from stt_monitor.report.formatting import REMARKS, bare_figure, clock, figure, remarks
from stt_monitor.report.html.timeline import Timeline, timeline
from stt_monitor.report.model import LoadedSession, notable

_BAD: Final = ("cut off", "~cut off", "spurious", "interrupted", "dangling", "timeout")


class Tag(msgspec.Struct, frozen=True):
    """A remark, and what it means."""

    name: str
    meaning: str
    bad: bool


class TurnRow(msgspec.Struct, frozen=True):
    """A turn with its metrics."""

    number: int
    at: str
    metrics: tuple[tuple[Metric, str], ...]
    why: str
    """Why it ended when it did, in a word."""
    tags: tuple[Tag, ...]
    transcript: str


class DrawnTurn(msgspec.Struct, frozen=True):
    """A turn with its timeline."""

    row: TurnRow
    timeline: Timeline
    why: str
    """Why it ended when it did, in an equation and in sentences."""
    audio: str
    """A `data:` URL; empty without audio."""


class Turns(msgspec.Struct, frozen=True):
    """The turns of a session; timelines and rows are made while they are printed."""

    total: int
    drawn: int
    timelines: Iterable[DrawnTurn]
    listed: int
    metrics: list[Metric]
    """Those of the rows, in order."""
    rows: Iterable[TurnRow]


def turns(each: LoadedSession, *, drawn: int, listed: int) -> Turns:
    """Return the turns, at most so many of them drawn and listed."""
    finished = each.snapshot.finished
    others = Others(each.snapshot, each.schema)
    to_draw, to_list = notable(finished, drawn), notable(finished, listed)
    return Turns(
        total=len(finished),
        drawn=len(to_draw),
        timelines=(_drawn(turn, each, others) for turn in to_draw),
        listed=len(to_list),
        metrics=list(each.aggregate.marks.worth_showing(TURN_METRICS)),
        rows=(_row(turn, each, bare_figure) for turn in to_list),
    )


def _drawn(turn: FinishedTurn, session: LoadedSession, others: Others) -> DrawnTurn:
    audio = "" if session.clip is None else session.clip(turn)
    why = account_of(turn, session.schema, others).in_full
    return DrawnTurn(_row(turn, session, figure), timeline(turn), why, audio)


def _row(each: FinishedTurn, session: LoadedSession, write: Callable[[Metric, float | None, Marks], str]) -> TurnRow:
    metrics = session.aggregate.marks.worth_showing(TURN_METRICS)
    return TurnRow(
        each.turn.number,
        clock(each.start_position),
        tuple((metric, write(metric, getattr(each.metrics, metric.key), each.marks)) for metric in metrics),
        word_of(each),
        tuple(Tag(mark, REMARKS[mark], mark in _BAD) for mark in remarks(each)),
        clean(each.turn.transcript),
    )
