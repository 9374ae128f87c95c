"""Pauses of sessions: the longest that was survived and the shortest that cut, in all places that tell them."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.metrics.test_claims import Event, session

from stt_monitor.core.metrics.aggregate import Aggregate, aggregate_session, aggregate_sessions, aggregate_turns
from stt_monitor.core.metrics.batch import Batch
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.pauses import Pauses, together
from stt_monitor.core.metrics.session_metrics import session_value
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.snapshot import Snapshot

Lengths = list[tuple[float | None, float | None]]
lengths = st.lists(st.tuples(st.none() | st.floats(0, 9), st.none() | st.floats(0, 9)), max_size=6)


def of(several: Lengths) -> Pauses:
    pauses = Pauses()
    for survived, cut in several:
        pauses = pauses.with_turn(TurnMetrics(pause_survived=survived, pause_cut=cut))
    return pauses


@given(one=lengths, other=lengths)
def test_extremes_of_sessions_are_those_of_all_their_turns(one: Lengths, other: Lengths):
    both = together([of(one), of(other)])
    assert both == of([*one, *other])
    survived = [length for length, _ in (*one, *other) if length is not None]
    cuts = [length for _, length in (*one, *other) if length is not None]
    assert both == Pauses(max(survived, default=None), min(cuts, default=None))


Heard = tuple[list[tuple[float, float]], list[Event]]
"""Spans of speech, and what the service says."""


def turn(at: float, *, cut: bool, pause: float) -> Heard:
    """A turn of a second, a pause, a second; the service ends it in the pause, and another one, or after it."""
    spans = [(at, at + 1), (at + 1 + pause, at + 2 + pause)]
    first: list[Event] = [(at + 0.2, "turn.start"), (at + 0.4, "turn.eager_end", "a"), (at + 0.5, "turn.resume")]
    middle: list[Event] = [(at + 1.2, "turn.end", "a"), (at + 1.2 + pause, "turn.start")] if cut else []
    return spans, [*first, *middle, (at + 2.3 + pause, "turn.end", "a b")]


def played(*turns: Heard, slow: tuple[float, float] | None = None) -> Snapshot:
    spans = [span for own, _ in turns for span in own]
    return session(spans, [event for _, own in turns for event in own], slow=None if slow is None else [slow])


def in_ms(aggregate: Aggregate) -> tuple[int | None, int | None]:
    values = (session_value(METRICS[key], aggregate) for key in ("pause_survived_max", "pause_cut_min"))
    survived, cut = (None if value is None else round(1000 * value) for value in values)
    return survived, cut


def everywhere(snapshot: Snapshot) -> Iterator[tuple[int | None, int | None]]:
    """As a session, as its turns, as a group, and as a file of a run tell them."""
    batch = Batch(1)
    batch.add(snapshot)
    (group,) = snapshot.groups
    record = batch.total(1.0)
    yield in_ms(aggregate_session(snapshot))
    yield in_ms(aggregate_turns(snapshot.finished))
    for pauses in (
        snapshot.pauses,
        group.pauses,
        batch.with_results(snapshot, playing=1, going_on=False).files[0].pauses,
    ):
        yield in_ms(msgspec.structs.replace(aggregate_session(snapshot), pauses=pauses))
    told = (record.pause_survived_max_ms, record.pause_cut_min_ms)
    yield None if told[0] is None else round(told[0]), None if told[1] is None else round(told[1])


def test_a_session_has_the_longest_and_the_shortest_in_all_places():
    mixed = played(turn(1, cut=False, pause=0.7), turn(6, cut=False, pause=0.9), turn(12, cut=True, pause=0.6))
    assert set(everywhere(mixed)) == {(900, 600)}
    assert set(everywhere(played(turn(1, cut=False, pause=0.7)))) == {(700, None)}
    assert set(everywhere(played(turn(1, cut=True, pause=0.7)))) == {(None, 700)}
    both = aggregate_sessions([mixed, played(turn(1, cut=True, pause=0.4)), played(turn(1, cut=False, pause=1.5))])
    assert in_ms(both) == (1500, 400)
    assert both.counts.wasted_replies == 5


@pytest.mark.parametrize("slow", [(1.3, 2.1), (2.0, 3.5)])
def test_slow_turns_tell_nothing_of_pauses_and_replies(slow: tuple[float, float]):
    snapshot = played(turn(1, cut=False, pause=0.7), turn(8, cut=False, pause=0.5), slow=slow)
    assert [each.metrics.slow for each in snapshot.finished] == [True, False]
    assert set(everywhere(snapshot)) == {(500, None)}
    assert snapshot.finished[0].metrics.wasted_replies is None
    assert snapshot.counts.wasted_replies == 1


def test_turns_that_the_service_did_not_end_tell_nothing():
    lost = session([(1, 2), (2.5, 3.5)], [(1.2, "turn.start"), (1.4, "turn.eager_end", "a"), (1.5, "turn.resume")])
    assert [each.metrics.pause_survived for each in lost.finished] == [None]
    assert lost.pauses == Pauses()
    assert (lost.counts.resumes, lost.counts.wasted_replies) == (1, 0)
