"""The first sentences of a report: what a session came to, and whether a group is better than the baseline."""

from collections.abc import Iterator
from enum import Enum
from typing import Final

import msgspec

from stt_monitor.core.finished_turn import index_of
from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import HEADLINE, METRICS
from stt_monitor.core.metrics.intervals import Difference, Interval, difference, share_interval
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import MIN_N, summarise
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.worst import worst_turns
from stt_monitor.core.pairs.words import counted
from stt_monitor.core.text.wording import NOT_APPLICABLE, plural
from stt_monitor.core.why.account import account_of
from stt_monitor.report.comparison import letter, pairs_of, why_not
from stt_monitor.report.formatting import bare_value, cell_value, clock, number, signed
from stt_monitor.report.model import Group, LoadedSession, Report

_HARMS: Final = (METRICS["false_cutoffs"], METRICS["missed"])
"""What makes a faster service no better one."""
_SHORT: Final = {"false_cutoffs": "cut-offs", "missed": "missed"}
_UNIT: Final = HEADLINE.unit


class Headline(msgspec.Struct, frozen=True):
    """What a session came to."""

    figures: str
    """A sentence."""
    worst: str
    """Its worst turn and why, a sentence; empty where none can be told."""


class Judgement(Enum):
    """How a group compares with the baseline; values are for data."""

    BETTER = "better"
    WORSE = "worse"
    MIXED = "mixed"
    """Faster, but with more harm; or slower, with less."""
    UNKNOWN = "cannot tell"


_FASTER: Final = (
    (Judgement.BETTER, "{0} is better than {1}"),
    (Judgement.MIXED, "{0} is faster than {1}, but cuts off or misses more"),
)
"""Without more harm, and with it."""
_SLOWER: Final = (
    (Judgement.WORSE, "{0} is worse than {1}"),
    (Judgement.MIXED, "{0} is slower than {1}, but cuts off or misses less"),
)
"""Without less harm, and with it."""
_UNKNOWN: Final = "Cannot tell whether {0} is better than {1}"


class Against(msgspec.Struct, frozen=True):
    """A group against the baseline."""

    judgement: Judgement
    sentence: str


def session_headline(each: LoadedSession) -> Headline:
    """Say what a session came to."""
    return Headline(f"{'. '.join(_figures(each.aggregate))}.", _worst(each))


def _figures(aggregate: Aggregate) -> Iterator[str]:
    counts = aggregate.counts
    slow = f" ({counts.slow} slow, in no figure)" if counts.slow else ""
    yield f"{plural(counts.turns, 'turn')}{slow}"
    if counts.turns:
        yield _end_of_turn(aggregate)
    yield from (told for metric in _HARMS if (told := _harm(metric, aggregate)))


def _end_of_turn(aggregate: Aggregate) -> str:
    found = summarise(aggregate.values[HEADLINE.key])
    if found.n:
        few = f", fewer than {MIN_N}: it says little" if found.few else ""
        unit = _UNIT.suffix
        p50, p90 = (bare_value(value, _UNIT) + unit for value in (found.p50, found.p90))
        return f"End of turn: p50 {p50}, p90 {p90} (n {found.n}{few})"
    first = summarise(aggregate.first_values[HEADLINE.key])
    if first.n:
        return f"End of turn: only first turns have one ({bare_value(first.p50, _UNIT)}{_UNIT.suffix}), listed apart"
    if not aggregate.referenced:
        return "End of turn: cannot tell without reference speech"
    return "End of turn: no turn has one"


def _harm(metric: Metric, aggregate: Aggregate) -> str:
    """Count cut-offs or missed speech; of what is missed only where there is some."""
    value = session_value(metric, aggregate)
    if not value and (metric.key == "missed" or not aggregate.counts.turns):
        return ""
    return f"{_SHORT[metric.key].capitalize()}: {_counted(metric, aggregate)}"


def _counted(metric: Metric, aggregate: Aggregate) -> str:
    value, n = session_value(metric, aggregate), basis_size(metric, aggregate)
    if value is None:
        return NOT_APPLICABLE if metric.key in aggregate.marks.absent else "cannot tell"
    of = "" if n is None else f" of {n}"
    return f"{aggregate.marks.sign(metric, value)}{number(value)}{of}"


def _worst(each: LoadedSession) -> str:
    """Name the turn that ended latest after speech, and why."""
    finished = each.snapshot.finished
    worst = worst_turns(finished)
    index = index_of(finished, worst[0]) if worst else None
    if index is None:
        return ""
    turn = finished[index]
    account = account_of(turn, each.schema)
    why = account.equation or cell_value(turn.metrics.eot_latency, _UNIT) + _UNIT.suffix
    return f"Worst: turn {turn.turn.number} at {clock(turn.start_position)}, {why}."


def comparison_headlines(report: Report) -> Iterator[Against]:
    """Say of each group but the baseline whether it is better, turn by turn where they heard the same audio."""
    for place, group in list(enumerate(report.groups))[1:]:
        yield against_baseline(report, place, group)


def against_baseline(report: Report, place: int, group: Group) -> Against:
    """Judge a group; `place` is its number, from 0.

    Over other audio it is unknown: other turns may be as different as other settings.
    """
    before, after = report.groups[0].aggregate, group.aggregate
    pairs = pairs_of(HEADLINE, group, report)
    found = difference(before.values[HEADLINE.key], after.values[HEADLINE.key]) if pairs is None else pairs.difference
    if pairs is None:
        judgement, words = Judgement.UNKNOWN, f"{_UNKNOWN} ({why_not(report, group)})"
        what = "over all turns"
    else:
        judgement, words = _judge(found, [_change(metric, before, after) for metric in _HARMS])
        what = f"{counted(pairs)} (same audio, turn by turn)"
    told = [f"{words.format(letter(place), letter(0))}: {_latency(found)}", *([what] if found else [])]
    told += [
        f"{_SHORT[metric.key]} {_counted(metric, before)} → {_counted(metric, after)}"
        for metric in _HARMS
        if metric.key != "missed" or session_value(metric, before) or session_value(metric, after)
    ]
    return Against(judgement, f"{'; '.join(told)}.")


class _Change(msgspec.Struct, frozen=True):
    """How often something is a harm, before and after: 1 more, -1 less, 0 the same or unknown."""

    direction: int
    sure: bool
    """Whether intervals of the shares are apart."""


def _change(metric: Metric, before: Aggregate, after: Aggregate) -> _Change:
    shares = [_share(metric, each) for each in (before, after)]
    (one, one_in), (other, other_in) = shares
    if one is None or other is None:
        return _Change(0, sure=False)
    apart = one_in is not None and other_in is not None and (one_in.high < other_in.low or other_in.high < one_in.low)
    return _Change((other > one) - (other < one), sure=apart)


def _share(metric: Metric, aggregate: Aggregate) -> tuple[float | None, Interval | None]:
    value = session_value(metric, aggregate)
    n = aggregate.speech_checked if metric.key == "missed" else basis_size(metric, aggregate)
    if value is None or not n:
        return None, None
    return value / n, share_interval(min(round(value), n), n)


def _judge(found: Difference | None, harms: list[_Change]) -> tuple[Judgement, str]:
    """Weigh latency against harm; the words have places for both letters."""
    speed = 0 if found is None or not found.significant else 1 if found.of_medians < 0 else -1
    more, less = (any(each.direction == way for each in harms) for way in (1, -1))
    surely_more, surely_less = (any(each.direction == way and each.sure for each in harms) for way in (1, -1))
    if speed:
        return _FASTER[more] if speed > 0 else _SLOWER[less]
    if surely_more and not less:
        return Judgement.WORSE, "{0} is worse than {1}: it cuts off or misses more"
    if surely_less and not more:
        return Judgement.BETTER, "{0} is better than {1}: it cuts off or misses less"
    return Judgement.UNKNOWN, _UNKNOWN


def _latency(found: Difference | None) -> str:
    """Say by how much the end of turn differs."""
    if found is None:
        return "no end of turn to compare"
    told = f"end of turn {signed(found.of_medians, _UNIT)}{_UNIT.suffix} in the median"
    if found.interval is None:
        return f"{told} (too few turns to be sure)"
    return f"{told} [{signed(found.interval.low, _UNIT)} … {signed(found.interval.high, _UNIT)}]"
