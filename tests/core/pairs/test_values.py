"""Two services in the same speech: which values are a pair, and what is left over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.examples import tried
from tests.support.lanes import Run

from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.pairs.sessions import pair_sessions
from stt_monitor.core.pairs.values import Pairs
from stt_monitor.core.snapshot import Snapshot

EOT, ONSET = METRICS["eot_latency"], METRICS["onset_latency"]
NAMES = ("one", "two")


def talk(*eots: tuple[float | None, float | None], start: float = 0.2) -> Run:
    """Two seconds of speech every five; each service ends its turn so long after, or has none."""
    run = Run(*NAMES).connect()
    for number, each in enumerate(eots):
        at = 1.0 + 5 * number
        run.to(at).onset(at)
        for name, eot in zip(NAMES, each, strict=True):
            if eot is not None:
                run.say(at + start, name, "turn.start")
                run.say(at + start, name, "turn.update", "word")
        run.to(at + 2).silence(at + 2)
        for eot, name in sorted((eot, name) for name, eot in zip(NAMES, each, strict=True) if eot is not None):
            run.say(at + 2 + eot, name, "turn.end", "word")
        run.to(at + 4.5).decided()
    return run.to(run.at + 4).decided().finish()


def paired(run: Run, metric: str = "eot_latency") -> Pairs:
    found = pair_sessions(*run.snapshots())
    assert found is not None
    return found.of(METRICS[metric])


def differences(pairs: Pairs) -> list[float]:
    return [pair.difference for pair in pairs.pairs]


def test_what_both_have_is_a_pair_and_the_first_turns_are_none():
    found = paired(talk((0.1, 0.9), (0.4, 0.6), (0.5, 0.4), (0.5, 0.5), (None, 0.3), (0.3, None), (0.2, None)))
    assert differences(found) == pytest.approx([0.2, -0.1, 0.0])
    assert (found.n, found.faster, found.slower, found.equal) == (3, 1, 1, 1)
    assert (found.only_before, found.only_after) == (2, 1)
    difference = found.difference
    assert difference is not None
    assert difference.of_medians == pytest.approx(0.0)
    assert difference.interval is None


def test_five_pairs_have_an_interval():
    difference = paired(talk(*[(0.4, 0.7)] * 6)).difference
    assert difference is not None
    assert difference.interval is not None
    assert difference.significant
    assert difference.of_medians == pytest.approx(0.3)


def test_without_pairs_there_is_no_difference():
    assert paired(talk()).difference is None
    assert paired(talk((0.4, None), (0.4, None))).difference is None


def test_a_turn_cut_in_a_pause_pairs_where_speech_ends_for_both():
    """One ends the turn in the pause, and another one after it; the other has one turn over both stretches."""
    run = Run(*NAMES).connect()
    for at in (1.0, 7.0):
        run.to(at).onset(at)
        for name in NAMES:
            run.say(at + 0.2, name, "turn.start")
        run.to(at + 1).silence(at + 1)
        run.say(at + 1.3, "one", "turn.end", "so")
        run.to(at + 2.5).onset(at + 2.5)
        run.say(at + 2.7, "one", "turn.start")
        run.to(at + 3.5).silence(at + 3.5)
        run.say(at + 3.8, "one", "turn.end", "well")
        run.say(at + 4.1, "two", "turn.end", "so well")
        run.to(at + 5.8).decided()
    run.to(run.at + 4).decided().finish()
    found = paired(run)
    assert differences(found) == pytest.approx([0.3])  # of the second one: the first turn of a connection is none
    assert (found.only_before, found.only_after) == (2, 0)
    assert differences(paired(run, "onset_latency")) == pytest.approx([0.0])


eots = st.one_of(st.none(), st.floats(0.05, 1.5))


@given(st.lists(st.tuples(eots, eots), max_size=7))
@tried(40)
def test_pairs_and_what_is_left_over_are_all_values_of_summaries(each: list[tuple[float | None, float | None]]):
    run = talk(*each)
    lanes = run.snapshots()
    swapped = pair_sessions(lanes[1], lanes[0])
    assert swapped is not None
    for metric in TURN_METRICS:
        found = paired(run, metric.key)
        assert found.n + found.only_before == counted(lanes[0], metric.key)
        assert found.n + found.only_after == counted(lanes[1], metric.key)
        back = swapped.of(metric)
        assert differences(back) == [-difference for difference in differences(found)]
        assert (back.faster, back.slower, back.equal) == (found.slower, found.faster, found.equal)
    both = found + found
    assert (both.n, both.only_before) == (2 * found.n, 2 * found.only_before)


def counted(lane: Snapshot, key: str) -> int:
    return sum(
        inclusion(each.turn, each.metrics) is Inclusion.SUMMARY and getattr(each.metrics, key) is not None
        for each in lane.finished
    )
