import msgspec
import pytest
from tests.ui.scripted import Script

from stt_monitor.core.journal import CloseSent, Finished
from stt_monitor.core.metrics.aggregate import (
    Aggregate,
    aggregate_session,
    aggregate_sessions,
    aggregate_turns,
    combine,
)
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.session_result import result_of
from stt_monitor.core.records.session import Health
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.snapshot import Snapshot


def talk(turns: int, eot: float = 0.4, *, reference: str = "vad", said: str = "Book a table.") -> Snapshot:
    script = Script(reference=reference, duration=None).connect()
    for number in range(turns):
        script.turn(1.0 + 5 * number, said, eot=eot, resumed=number == 1)
    script.decided().monitor.apply(Finished(script.at + 5))
    return script.snapshot()


def test_a_pool_of_one_session_is_that_session():
    snapshot = talk(4)
    aggregate = aggregate_session(snapshot)
    assert (aggregate.summaries, aggregate.counts, aggregate.health) == (
        snapshot.summaries,
        snapshot.counts,
        snapshot.health,
    )
    first = snapshot.finished[0].metrics
    assert aggregate.first_summaries["eot_latency"].max == first.eot_latency
    turns = aggregate_turns(snapshot.finished)
    assert turns.summaries == aggregate.summaries
    assert turns.counts == snapshot.counts
    assert (aggregate.counts.turns_checked, aggregate.words) == (4, None)


def test_sessions_are_pooled_value_by_value():
    aggregate = aggregate_sessions([talk(4, 0.4), talk(2, 0.8)])
    eot = aggregate.summaries["eot_latency"]
    assert (eot.n, round(eot.p50 or 0, 3), round(eot.max or 0, 3)) == (4, 0.4, 0.8)
    assert aggregate.first_summaries["eot_latency"].n == 2
    assert (aggregate.counts.turns, aggregate.counts.resumes) == (6, 2)
    assert aggregate.eager_gained == pytest.approx(4 * 0.2 + 2 * 0.4)


def test_health_is_added_up_or_the_worst():
    parts = [
        Health(audio_sent_s=10, send_lag_max=0.2, round_trip=None, dropped_s=1, clipped=2, peak_db=-3, reconnects=1),
        Health(audio_sent_s=5, send_lag_max=0.1, round_trip=0.3, dropped_s=2, clipped=1, peak_db=-9, reconnects=1),
    ]
    aggregates = [msgspec.structs.replace(aggregate_turns(()), health=part) for part in parts]
    assert combine(aggregates).health == Health(
        audio_sent_s=15, send_lag_max=0.2, round_trip=0.3, dropped_s=3, clipped=3, peak_db=-3, reconnects=2
    )
    assert combine([*aggregates, aggregate_turns(())]).health is None


def test_words_are_counted_over_all_sessions_that_somebody_wrote_down():
    aggregate = aggregate_sessions([talk(2), talk(1)], ["book a table book the table", "book a chair"])
    assert aggregate.words is not None
    assert (aggregate.words.errors, aggregate.words.words) == (2, 9)
    assert combine([aggregate, aggregate_session(talk(1))]).words is None


def test_what_turns_cannot_tell_is_not_made_up():
    aggregate = aggregate_turns(talk(3).finished)
    assert [session_value(METRICS[name], aggregate) for name in ("missed", "violations", "errors", "audio_sent_s")] == [
        None
    ] * 4
    unheard = aggregate_session(talk(3, reference="none"))
    assert [session_value(METRICS[name], unheard) for name in ("missed", "spurious", "false_cutoffs")] == [None] * 3


def test_where_only_our_own_close_ended_turns_nobody_can_tell_of_wasted_replies_and_cut_offs():
    script = Script(duration=None).connect().event(1.2, "turn.start").event(1.4, "turn.eager_end", "Book")
    script.event(1.6, "turn.resume").monitor.apply(CloseSent(2.0))
    closed = script.event(2.1, "turn.end", "Book a table").decided().snapshot()
    wasted, gained = METRICS["wasted_replies"], METRICS["eager_gained"]
    assert [session_value(each, aggregate_session(closed)) for each in (wasted, gained)] == [None, None]
    assert session_value(wasted, aggregate_sessions([closed, talk(2)])) == 1
    assert [result_of(each).cutoffs for each in (closed, talk(2))] == ["–", "~0"]


def test_nothing_pooled_is_nothing():
    empty = combine([])
    assert isinstance(empty, Aggregate)
    assert set(empty.summaries.values()) == {Summary()}
    assert (empty.counts, empty.counts.eager_precision) == (Counts(), None)


def test_a_guess_that_nobody_decided_is_neither_right_nor_wrong():
    counts = Counts(eager_ends=6, eager_ends_confirmed=4, resumes=1)  # the sixth was lost with its connection
    precision = METRICS["eager_precision"]
    aggregate = msgspec.structs.replace(combine([]), counts=counts)
    assert session_value(precision, aggregate) == 0.8
    assert basis_size(precision, aggregate) == 5


def test_everything_that_is_counted_has_a_name_and_a_meaning():
    assert set(Counts.__struct_fields__) <= set(METRICS)
    assert set(Health.__struct_fields__) - set(METRICS) == {"level_db"}  # of the newest chunk alone
