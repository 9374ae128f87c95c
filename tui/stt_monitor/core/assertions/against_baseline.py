"""Whether sessions are worse than a baseline over the same audio (metrics.md 8.1). Pure.

Worse is what exceeds both tolerances and is no chance: of a latency, the interval of the median difference of the pairs
excludes zero; of cut-offs, as many more at other places of the speech would be rarer than one time in forty if
both were alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from heapq import nlargest
from math import comb
from operator import add
from statistics import median
from typing import Final, NamedTuple

from stt_monitor.core.assertions.baseline import Baseline, BaselineSession, baseline_session
from stt_monitor.core.assertions.tolerance import Tolerance
from stt_monitor.core.assertions.worst_turns import MOST, named
from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.intervals import CONFIDENCE
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import MIN_N
from stt_monitor.core.metrics.units import in_data
from stt_monitor.core.pairs.same_audio import Unpaired, why_unpaired
from stt_monitor.core.pairs.sessions import SessionPairs, pair_heard
from stt_monitor.core.pairs.values import Pair
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.summaries import AssertionRecord, Compared, WorstTurn
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.heard import Finder, Heard, HeardTurn, merged
from stt_monitor.core.sound.slowness import HELD_UP
from stt_monitor.core.text.sanitize import printable
from stt_monitor.core.text.wording import listed, part_of, plural

LATENCY: Final = METRICS["eot_latency"]
CUTOFFS: Final = METRICS["false_cutoffs"]
JUDGED: Final = (LATENCY, CUTOFFS)
"""The metrics that are compared: how late turns end, and how often too soon."""


class Judged(NamedTuple):
    """A session to compare."""

    name: str
    """Name of its recording."""
    snapshot: Snapshot
    """The last one of it."""
    service: str
    """Name of its service."""


class _Matched(NamedTuple):
    """A session, and its pairs with those of the baseline."""

    judged: Judged
    session: BaselineSession
    pairs: SessionPairs
    before: BaselineSession
    """The first of the baseline that heard the same audio."""


class _Told(NamedTuple):
    """What a comparison tells."""

    actual: float
    """The difference, in the unit of the metric in data; positive: more than before."""
    n: int
    """Pairs of turns, or spans of speech."""
    worse: bool
    worst: tuple[WorstTurn, ...]


class AgainstBaseline:
    """Compares sessions with a baseline."""

    def __init__(self, baseline: Baseline, name: str, tolerance: Tolerance, service: str = "") -> None:
        """Prepare.

        Args:
            baseline: what to compare with.
            name: what the user called it.
            tolerance: what is not worse.
            service: the one to compare with, by name, wherever it was; empty: the same at the same place.

        Raises:
            InputError: the baseline has no session of that service.
        """
        known = [each.service for each in baseline.sessions]
        if service and service not in known:
            raise InputError(
                f"--baseline-service: {name} has no session of {printable(service)}, only of {_listed(known)}"
            )
        self._baseline = baseline
        self._name = name
        self._tolerance = tolerance
        self._service = service

    def cannot_tell(self, reason: str, t: float = 0.0) -> list[AssertionRecord]:
        """Return a "cannot tell" for each metric, with the reason."""
        return [self._unknown(metric, reason, t) for metric in JUDGED]

    def verdicts(self, sessions: Sequence[Judged], t: float) -> list[AssertionRecord]:
        """Return the verdict for each metric; "cannot tell" where sessions cannot be compared.

        Args:
            sessions: complete ones, of one service or of several that are judged together.
            t: time for the records, seconds of session.
        """
        matched = []
        for each in sessions:
            found = self._match(each)
            if isinstance(found, str):
                return self.cannot_tell(found if len(sessions) == 1 else f"{each.name}: {found}", t)
            matched.append(found)
        return [self._latency(matched, t), self._cutoffs(matched, t)]

    def _match(self, judged: Judged) -> _Matched | str:
        """Pair a session with those of the baseline; return why that cannot be done, in words."""
        session = baseline_session(judged.snapshot, judged.service)
        known = self._baseline.sessions
        same = [each for each in known if self._is_same(each, session)]
        if not same:
            return f"the baseline is of {_listed(map(_whose, known))}, not of {_whose(session)}"
        if session.heard.reference == "none":
            return "there is no reference speech"
        pairs = pair_heard([each.heard for each in same], [session.heard])
        if pairs is None:
            return _why_unlike(session.heard, [each.heard for each in same])
        before = [each for each in same if any(each.heard is pair.before for pair in pairs.sessions)]
        if session.mostly_slow:
            return f"{part_of(session.slow, session.turns, 'turn')} slow: {HELD_UP}"
        if any(each.mostly_slow for each in before):
            return f"most turns of the baseline are slow: {HELD_UP}"
        return _Matched(judged, session, pairs, before[0])

    def _is_same(self, before: BaselineSession, session: BaselineSession) -> bool:
        """Return whether a session of the baseline is about the service to compare with."""
        if self._service:
            return before.service == self._service
        return (before.service, before.local) == (session.service, session.local)

    def _latency(self, matched: Sequence[_Matched], t: float) -> AssertionRecord:
        by_session = [(each.judged, each.pairs.of(LATENCY)) for each in matched]
        pairs = reduce(add, (each for _, each in by_session))
        difference = pairs.difference
        if difference is None or difference.interval is None:
            too_few = (
                f"only {plural(pairs.n, 'pair')} with turns of the baseline; {MIN_N} of different turns are needed"
            )
            return self._unknown(LATENCY, too_few, t, pairs.n)
        if pairs.n < pairs.only_before:
            missing = f"only {pairs.n} of {plural(pairs.n + pairs.only_before, 'turn')} of the baseline are there again"
            return self._unknown(LATENCY, missing, t, pairs.n)
        before, after = (median(getattr(each, name) for each in pairs.pairs) for name in ("before", "after"))
        interval = difference.interval
        compared = Compared(
            self._name,
            before=_data(before, LATENCY),
            after=_data(after, LATENCY),
            low=_data(interval.low, LATENCY),
            high=_data(interval.high, LATENCY),
            significant=difference.significant,
        )
        worse = difference.significant and self._tolerance.exceeded(difference.of_medians, before, LATENCY.unit)
        worst = _slowest((judged, pair) for judged, each in by_session for pair in each.pairs) if worse else ()
        told = _Told(_data(difference.of_medians, LATENCY), pairs.n, worse, worst)
        return self._record(LATENCY, t, compared, told)

    def _cutoffs(self, matched: Sequence[_Matched], t: float) -> AssertionRecord:
        first = {id(each.before): each for each in reversed(matched)}  # the same speech again is no more evidence
        found = [_cutoffs_of(each) for each in reversed(first.values())]
        n = sum(each.spans for each in found)
        if n < MIN_N:
            few = f"only {plural(n, 'span')} of speech can be compared with the baseline; {MIN_N} are needed"
            return self._unknown(CUTOFFS, few, t, n)
        new, gone = sum(len(each.new) for each in found), sum(each.gone for each in found)
        before = sum(each.before for each in found)
        significant = _by_chance(max(new, gone), new + gone) <= (1 - CONFIDENCE) / 2
        compared = Compared(self._name, before, before + new - gone, None, None, significant)
        worse = significant and self._tolerance.exceeded(new - gone, before, CUTOFFS.unit)
        worst = tuple(turn for each in found for turn in each.new)[:MOST] if worse else ()
        return self._record(CUTOFFS, t, compared, _Told(new - gone, n, worse, worst))

    def _record(self, metric: Metric, t: float, compared: Compared, told: _Told) -> AssertionRecord:
        return AssertionRecord(
            in_record(t), self._expression(metric), not told.worse, told.actual, metric.unit.value, told.n, "",
            "pairs" if metric is LATENCY else "spans", worst=told.worst, compared=compared,
        )  # fmt: skip

    def _unknown(self, metric: Metric, reason: str, t: float, n: int | None = None) -> AssertionRecord:
        return AssertionRecord(
            in_record(t), self._expression(metric), passed=False, actual=None, unit=metric.unit.value, n=n,
            reason=reason,
        )  # fmt: skip

    def _expression(self, metric: Metric) -> str:
        return f"{metric.key} no worse than {self._name} by {self._tolerance.text(metric.unit)}"


class _Cutoffs(NamedTuple):
    """The cut-offs of a session against the baseline's, by the span of speech that they are in or after."""

    spans: int
    """Spans that both heard, and of which both tell something."""
    before: int
    """Those in which the baseline has a cut-off."""
    new: tuple[WorstTurn, ...]
    """Turns that are cut off where the baseline's is not; one for each span."""
    gone: int
    """Spans in which only the baseline has one."""


def _cutoffs_of(matched: _Matched) -> _Cutoffs:
    before, after = matched.before, matched.session
    spans = merged(before.heard.speech, after.heard.speech)
    find = Finder(spans)
    until = min(before.heard.until, after.heard.until)
    told = {index for index, (_, end) in enumerate(spans) if end < until}
    for heard in (before.heard, after.heard):
        told -= {find(onset) for turn in heard.turns if not turn.counts for onset in _onsets(heard, turn)}
    was = {find(place) for place in before.cutoffs} & told
    now: dict[int, WorstTurn] = {}
    for each in matched.judged.snapshot.finished:
        if each.metrics.false_cutoff and not each.metrics.slow:
            index = find(each.end_position if each.end_in_file is None else each.end_in_file)
            now.setdefault(index, named(matched.judged.name, each, None))
    new = tuple(turn for index, turn in now.items() if index in told - was)
    return _Cutoffs(len(told), len(was), new, len(was - now.keys()))


def _onsets(heard: Heard, turn: HeardTurn) -> Iterator[float]:
    """Yield where the spans begin that a turn claims."""
    if turn.last is not None:
        yield from (onset for onset, _ in heard.speech[turn.first : turn.last + 1])


def _slowest(pairs: Iterable[tuple[Judged, Pair]]) -> tuple[WorstTurn, ...]:
    """Return the turns that are slower by the most."""
    slower = nlargest(MOST, (each for each in pairs if each[1].difference > 0), key=lambda each: each[1].difference)
    found = []
    for judged, pair in slower:
        turn = next(each for each in judged.snapshot.finished if each.turn.number == pair.turns[1])
        found.append(named(judged.name, turn, _data(pair.after, LATENCY), _data(pair.before, LATENCY)))
    return tuple(found)


def _by_chance(most: int, n: int) -> float:
    """Return how likely at least `most` of n are on one side, if each is on either side as likely."""
    return sum(comb(n, k) for k in range(most, n + 1)) / 2**n if n else 1.0


def _why_unlike(heard: Heard, others: Iterable[Heard]) -> str:
    """Say why no session of the baseline has pairs with one: the reason of the one that is most alike."""
    why = [(why_unpaired(each, heard), each) for each in others]
    if arms := [each for reason, each in why if reason is Unpaired.DEGRADED]:
        return f"the baseline heard this audio {_arm(arms)}, not {_arm([heard])}"
    if any(reason is Unpaired.REFERENCE for reason, _ in why):
        return "the reference speech of the baseline is from elsewhere: labels on one side, the detector on the other"
    return "the baseline heard other audio"


def _arm(heard: Iterable[Heard]) -> str:
    arms = dict.fromkeys(" ".join(each.degraded) for each in heard)
    return " or ".join(f"with {arm}" if arm else "as it is" for arm in arms)


def _listed(names: Iterable[str]) -> str:
    return listed(sorted(set(names)), "and")


def _whose(session: BaselineSession) -> str:
    return f"{session.service} by the local server" if session.local else session.service


def _data(value: float, metric: Metric) -> float:
    return in_data(value, metric.unit) or 0.0
