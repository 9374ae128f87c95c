"""The turns of a session: timelines, and a table of metrics."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.why.account import word_of
from stt_monitor.core.why.accounts import Accounts
from stt_monitor.report.formatting import REMARKS, bare_figure, clock, figure, remarks
from stt_monitor.report.html.timeline import Timeline, timeline
from stt_monitor.report.model import LoadedSession
from stt_monitor.report.notable import notable, ranked

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
    rank: int
    """Its place among those that are shown, the slowest first."""


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
    with_likelihood: bool
    """Whether the likelihood is known of some."""
    with_agent: bool
    """Whether the agent is heard."""
    slowest_first: bool
    """Their order, unless the reader chooses the other."""


def turns(each: LoadedSession, *, drawn: int, listed: int, slowest_first: bool = False) -> Turns:
    """Return the turns, at most so many of them drawn and listed."""
    finished = each.snapshot.finished
    to_draw, to_list = (notable(finished, most, slowest_first=slowest_first) for most in (drawn, listed))
    return Turns(
        total=len(finished),
        drawn=len(to_draw),
        timelines=_drawn(to_draw, each),
        listed=len(to_list),
        metrics=list(each.aggregate.marks.worth_showing(TURN_METRICS)),
        rows=(_row(turn, rank, each, bare_figure) for turn, rank in ranked(to_list)),
        with_likelihood=bool(each.snapshot.likelihood),
        with_agent=bool(each.snapshot.agent_speech),
        slowest_first=slowest_first,
    )


def _drawn(turns: Sequence[FinishedTurn], session: LoadedSession) -> Iterator[DrawnTurn]:
    snapshot, schema = session.snapshot, session.schema
    accounts = Accounts(snapshot, schema)
    for turn, rank in ranked(turns):
        audio = "" if session.clip is None else session.clip(turn)
        why = accounts.of(turn).in_full
        yield DrawnTurn(_row(turn, rank, session, figure), timeline(turn, of=(snapshot, schema)), why, audio)


def _row(
    each: FinishedTurn, rank: int, session: LoadedSession, write: Callable[[Metric, float | None, Marks], str]
) -> TurnRow:
    metrics = session.aggregate.marks.worth_showing(TURN_METRICS)
    return TurnRow(
        each.turn.number,
        clock(each.start_position),
        tuple((metric, write(metric, getattr(each.metrics, metric.key), each.marks)) for metric in metrics),
        word_of(each),
        tuple(Tag(mark, REMARKS[mark], mark in _BAD) for mark in remarks(each)),
        clean(each.turn.transcript),
        rank,
    )
