"""Sessions judged again, as cells of a sweep: what a run would have measured, and what is not known of it."""

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests.core.what_if.made_up import STEP_S, Sound, session
from tests.support.examples import tried

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sweep.outcome import outcome_of
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.outcome import Rejudged, rejudge
from stt_monitor.services.cartesia import SERVICE

sounds = st.lists(st.tuples(st.floats(0.3, 1.5), st.floats(0.1, 2.5)), min_size=1, max_size=6)
ends = st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.4, 0.5])


def judged(snapshot: Snapshot, end: float) -> Rejudged:
    (one,) = rejudge(snapshot, Evidence.of(snapshot, SERVICE.schema), [TurnSettings(end_threshold=end)])
    return one


@tried(25, suppress_health_check=[HealthCheck.too_slow])
@given(sounds, ends, ends)
def test_what_is_told_is_what_a_run_measures(sound: Sound, one: float, other: float):
    before, after = sorted((one, other))
    sound = [*sound[:-1], (sound[-1][0], 2.5)]  # the last turn ends before the session does
    real = outcome_of(session(sound, TurnSettings(end_threshold=after)))
    told = judged(session(sound, TurnSettings(end_threshold=before)), after).outcome
    of = {each.position: each for each in real.turns}
    for mine in told.turns:
        its = of[mine.position]
        if mine.counts:
            assert mine.cut == its.cut
        if mine.end_counts and its.end_counts:
            assert mine.decided_after == pytest.approx(its.decided_after, abs=STEP_S + 1e-6)


def test_the_rest_of_a_turn_that_is_cut_is_not_known():
    snapshot = session([(1.0, 0.7), (1.0, 2.5), (1.0, 2.5)], TurnSettings(end_threshold=0.2))
    told = judged(snapshot, 0.45)
    assert [(each.cut, each.standing) for each in told.outcome.turns] == [(True, "end_unknown"), (False, "")]
    assert [(each.counts, each.end_counts) for each in told.outcome.turns] == [(True, False), (True, True)]
    assert told.unknown == {}


def test_a_turn_after_a_split_is_not_known():
    snapshot = session([(1.0, 1.9), (1.0, 2.5)], TurnSettings(end_threshold=0.05), pace=0.8)
    told = judged(snapshot, 0.5).outcome
    assert [(each.cut, each.standing) for each in told.turns] == [(False, ""), (False, "unknown")]
    assert told.turns[0].decided_after is not None


def test_turns_that_end_later_count_for_nothing():
    told = judged(session([(1.0, 2.5), (1.0, 2.5)], TurnSettings()), 0.2)
    assert [each.standing for each in told.outcome.turns] == ["unknown", "unknown"]
    assert not any(each.counts for each in told.outcome.turns)
    assert sum(told.unknown.values()) == 2


def test_an_outcome_can_be_kept_as_json():
    told = judged(session([(1.0, 0.7), (1.0, 2.5)], TurnSettings(end_threshold=0.2)), 0.45)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Rejudged) == told
