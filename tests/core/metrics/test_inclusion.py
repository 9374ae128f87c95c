"""Which turns count, everywhere that turns are counted."""

import msgspec
import pytest
from tests.ui.scripted import Script

from stt_monitor.core.assertions.checks import check
from stt_monitor.core.assertions.expressions import parse
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.journal import CloseSent, ConnectionLost, Entry, Finished, HealthReported, SpeechOnset
from stt_monitor.core.metrics.aggregate import aggregate_session, aggregate_turns
from stt_monitor.core.metrics.anchors import anchors
from stt_monitor.core.metrics.batch import Batch
from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.turn_metrics import TurnMetrics, measure
from stt_monitor.core.records.turns import Why, turn_record
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import EndReason, Turn, TurnEagerEnd

DECIDED = ("eot_latency", "eager_latency", "eager_lead")


def cut_short(turns: int, *, lost: bool = False, noted: Entry | None = None) -> Snapshot:
    """So many turns that the service ended, and one in mid-sentence when we close, or the line is lost."""
    script = Script(duration=None).connect()
    for number in range(turns):
        script.turn(1.0 + 5 * number, "Book a table.")
    at = 1.0 + 5 * turns
    script.to(at).monitor.apply(SpeechOnset(at, at))
    script.event(at + 0.2, "turn.start").event(at + 0.5, "turn.update", "And")
    if noted is not None:
        script.monitor.apply(noted)
    script.event(at + 0.8, "turn.eager_end", "And a chair")
    if not lost:
        script.monitor.apply(CloseSent(at + 1))
        script.event(at + 1.075, "turn.end", "And a chair")
    script.monitor.apply(ConnectionLost(at + 1.1))
    script.monitor.apply(Finished(at + 1.2))
    return script.snapshot()


@pytest.mark.parametrize("turns", [0, 3])
@pytest.mark.parametrize("lost", [True, False])
def test_a_turn_that_nobody_ended_is_shown_and_in_no_summary(turns: int, *, lost: bool):
    whole, snapshot = cut_short(turns + 1), cut_short(turns, lost=lost)
    last = snapshot.finished[-1]
    assert last.metrics.end_reason == ("dangling" if lost else "closed")
    assert all(getattr(last.metrics, name) is None and anchors(last, METRICS[name]) is None for name in DECIDED)
    assert last.metrics.onset_latency == pytest.approx(0.2)
    assert last.metrics.eager_text_match is None
    shown = list(snapshot.marks.worth_showing(TURN_METRICS))
    for metric in shown:
        assert snapshot.summaries[metric.key].n == max(0, turns - 1) <= whole.summaries[metric.key].n
    assert (snapshot.first_turn is None) == (turns == 0)
    (group,) = snapshot.groups
    assert group.summaries == snapshot.summaries
    aggregate = aggregate_session(snapshot)
    assert aggregate.summaries == snapshot.summaries
    assert sum(aggregate.first_summaries[metric.key].n for metric in shown) == (len(shown) if turns else 0)
    assert aggregate.counts.turns_checked == turns
    batch = Batch(1)
    batch.add(snapshot)
    assert msgspec.to_builtins(batch.total(1.0))["eot_latency_ms"]["n"] == max(0, turns - 1)
    counts = snapshot.counts
    assert (counts.turns, counts.dangling, counts.closed) == (turns + 1, int(lost), int(not lost))


@pytest.mark.parametrize("lost", [True, False])
def test_of_turns_that_the_service_did_not_end_nobody_can_tell_whether_they_were_spurious(*, lost: bool):
    verdicts = check([parse("spurious==0"), parse("false_cutoffs==0")], aggregate_session(cut_short(0, lost=lost)), 0.0)
    assert [each.verdict.value for each in verdicts] == ["cannot_tell"] * 2


def test_an_eager_end_that_our_close_confirmed_is_neither_right_nor_wrong():
    counts = cut_short(2).counts
    assert (counts.eager_ends, counts.eager_ends_confirmed, counts.resumes) == (3, 2, 0)
    assert counts.eager_ends_decided == 2
    assert counts.eager_precision == 1.0
    assert cut_short(0).counts.eager_precision is None
    assert aggregate_turns(cut_short(2).finished).counts == counts


def test_a_turn_that_the_machine_was_too_slow_for_says_nothing_about_the_service():
    snapshot = cut_short(3)
    slow = [msgspec.structs.replace(one, metrics=msgspec.structs.replace(one.metrics, slow=True, false_cutoff=True))
            for one in snapshot.finished[:3]]  # fmt: skip
    aggregate = aggregate_turns(slow)
    counts = aggregate.counts
    assert (counts.turns, counts.slow, counts.false_cutoffs, counts.turns_checked) == (3, 3, 0, 0)
    assert not any(summary.n for summary in (*aggregate.summaries.values(), *aggregate.first_summaries.values()))
    assert aggregate.eager_gained == 0
    assert turn_record(1.0, slow[0].turn, slow[0].metrics, Marks(), Why()).slow


@pytest.mark.parametrize("lost", [True, False])
def test_a_turn_that_nobody_ended_is_counted_as_slow_too(*, lost: bool):
    slowness = HealthReported(1.5, round_trip=1.0)
    snapshot = cut_short(0, lost=lost, noted=slowness)
    aggregate = aggregate_session(snapshot)
    assert aggregate_turns(snapshot.finished).counts == aggregate.counts == snapshot.counts
    assert (aggregate.counts.turns, aggregate.counts.slow, aggregate.counts.dangling, aggregate.counts.closed) == (
        1,
        1,
        lost,
        not lost,
    )
    assert inclusion(snapshot.finished[0].turn, snapshot.finished[0].metrics).value == (
        "dangling" if lost else "closed"
    )
    verdicts = check(
        [parse("spurious==0"), parse("missed==0"), parse("false_cutoffs==0"), parse("slow==0")], aggregate, 0.0
    )
    assert [each.verdict.value for each in verdicts] == ["cannot_tell"] * 3 + ["fail"]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("slow", [True, False])
@pytest.mark.parametrize("reason", EndReason)
def test_every_turn_is_in_one_place(reason: EndReason, *, slow: bool, first: bool):
    turn = Turn(1, 1.0, eager_ends=(TurnEagerEnd(1.5, ""),), event_times=(1.0, 2.0), ended_at=2.0, end_reason=reason,
                first_of_connection=first)  # fmt: skip
    where = inclusion(turn, TurnMetrics(slow=slow))
    if reason is not EndReason.ENDED:
        assert where.value == reason.value
    else:
        assert where is (Inclusion.SLOW if slow else Inclusion.FIRST if first else Inclusion.SUMMARY)
    decided = measure(turn, 0, None)
    assert (decided.eager_lead is None) == (reason is not EndReason.ENDED)
    assert FinishedTurn(turn, decided).metrics.eager_ends == 1
