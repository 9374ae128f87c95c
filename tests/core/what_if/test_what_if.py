"""What other settings would have done, against sessions that ran with them, on sounds made up at random."""

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests.core.what_if.made_up import STEP_S, Sound, session
from tests.support.examples import tried

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import EndReason
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.session import WhatIf, what_if
from stt_monitor.core.what_if.turn import WhatIfTurn, what_if_turn
from stt_monitor.core.what_if.wording import MINUS, in_words
from stt_monitor.services.cartesia import SERVICE

SCHEMA = SERVICE.schema
STEP = STEP_S + 1e-6

sounds = st.lists(st.tuples(st.floats(0.3, 1.5), st.floats(0.1, 2.5)), min_size=1, max_size=6)
ends = st.sampled_from([0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])
quickly = tried(25, suppress_health_check=[HealthCheck.too_slow])


def judged(snapshot: Snapshot, **turn: float) -> WhatIf:
    return what_if(Evidence.of(snapshot, SCHEMA), TurnSettings(turn))


def over_at(one: WhatIfTurn) -> float:
    assert one.after is not None, one.unknown
    return one.after.turn.over_at


def matching(snapshot: Snapshot, one: WhatIfTurn) -> float:
    """When the turn ended that starts with this one."""
    return next(
        each.turn.over_at for each in snapshot.finished if abs(each.turn.started_at - one.before.turn.started_at) < STEP
    )


@quickly
@given(sounds, ends)
def test_the_settings_in_force_give_the_real_ends(sound: Sound, end: float):
    snapshot = session(sound, TurnSettings(end_threshold=end))
    evidence = Evidence.of(snapshot, SCHEMA)
    assert [each.flaw for each in evidence.turns] == [""] * len(snapshot.finished)
    for each in evidence.turns:
        if each.finished.turn.end_reason is EndReason.ENDED:
            assert each.delay is not None
            assert 0 <= each.delay <= STEP  # found at the very step that ended it
    assert all(one.after == one.before for one in judged(snapshot, end_threshold=end).turns)


@quickly
@given(sounds, st.lists(ends, min_size=3, max_size=3).map(sorted))
def test_a_sooner_end_never_ends_later_and_splits_no_fewer(sound: Sound, three: list[float]):
    real, less, more = three
    snapshot = session(sound, TurnSettings(end_threshold=real, eager_end_threshold=0.6))
    first, second = (judged(snapshot, end_threshold=end, eager_end_threshold=0.6) for end in (less, more))
    for one, other in zip(first.turns, second.turns, strict=True):
        assert over_at(other) <= over_at(one) <= one.before.turn.over_at
        assert other.split or not one.split


@pytest.mark.slow
@quickly
@given(sounds, ends, ends)
def test_it_is_what_a_session_with_those_settings_does(sound: Sound, one_end: float, other_end: float):
    before, after = sorted((one_end, other_end))
    real = session(sound, TurnSettings(end_threshold=after))
    for one in judged(session(sound, TurnSettings(end_threshold=before)), end_threshold=after).turns:
        if one.before.turn.end_reason is EndReason.ENDED:
            assert over_at(one) == pytest.approx(matching(real, one), abs=STEP)


@quickly
@given(sounds, st.sampled_from([0.35, 0.45, 0.6, 0.75]), st.sampled_from([0.35, 0.45, 0.6, 0.75]))
def test_eager_ends_come_and_are_resumed_as_in_a_session_with_those_settings(sound: Sound, was: float, now: float):
    real = session(sound, TurnSettings(eager_end_threshold=now))
    found = judged(session(sound, TurnSettings(eager_end_threshold=was)), eager_end_threshold=now)
    for one, other in zip(found.turns, real.finished, strict=True):
        assert one.after is not None
        assert one.after.metrics.resumes == other.metrics.resumes
        assert [each.at for each in one.after.turn.eager_ends] == pytest.approx(
            [each.at for each in other.turn.eager_ends], abs=STEP
        )


@quickly
@given(sounds, ends, ends)
def test_a_later_end_is_not_told(sound: Sound, one_end: float, other_end: float):
    before, after = sorted((one_end, other_end), reverse=True)
    snapshot = session(sound, TurnSettings(end_threshold=before))
    found = judged(snapshot, end_threshold=after)
    for one in found.turns:
        if before != after and one.before.turn.end_reason is EndReason.ENDED:
            assert one.unknown in ("a later end threshold", "the turn before it might have gone on")


def test_a_pause_that_was_survived_becomes_a_cut_off():
    snapshot = session([(1.0, 0.7), (1.0, 2.5), (1.0, 2.5)], TurnSettings(end_threshold=0.2))
    found = judged(snapshot, end_threshold=0.45)
    first, second = found.turns
    assert (first.cut, first.split, second.cut, second.split) == (True, True, False, False)
    assert over_at(first) == pytest.approx(0.5 + 1.0 + 0.5, abs=0.1)
    assert (found.cut_offs.before, found.cut_offs.after) == (0, 1)
    assert found.eot.n == 1  # the turn that is split has another end of speech
    assert in_words(found) == f"would have been: eot p50 {MINUS}480 ms (n 1), ~1 more cut-off (2 turns)"


def test_a_pause_too_long_for_a_cut_off_splits_the_turn():
    snapshot = session([(1.0, 1.9), (1.0, 2.5)], TurnSettings(end_threshold=0.05), pace=0.8)
    found = judged(snapshot, end_threshold=0.5)
    assert [(one.cut, one.split) for one in found.turns] == [(False, True)]
    assert in_words(found) == "would have been: ~0 more cut-offs, 1 turn split (1 turn)"


def test_a_later_end_is_told_where_the_timeout_ended_the_turn_anyway():
    snapshot = session([(1.0, 2.5), (1.0, 2.5)], TurnSettings(end_threshold=0.05, end_timeout_ms=1000))
    found = judged(snapshot, end_threshold=0.07, end_timeout_ms=1000)
    assert [one.later for one in found.turns] == [0, 0]
    found = judged(session([(1.0, 2.5), (1.0, 2.5)], TurnSettings(end_timeout_ms=1000)), end_timeout_ms=2000)
    assert [one.later for one in found.turns] == [0, 0]  # neither came to its timeout


@pytest.mark.parametrize("timeout", [640, 800])
def test_a_sooner_timeout_ends_turns(timeout: float):
    sound = [(1.0, 0.5), (0.8, 2.5), (1.0, 2.5)]
    real = session(sound, TurnSettings(end_threshold=0.05, end_timeout_ms=timeout))
    found = judged(session(sound, TurnSettings(end_threshold=0.05)), end_threshold=0.05, end_timeout_ms=timeout)
    for one in found.turns:
        assert over_at(one) == pytest.approx(matching(real, one), abs=STEP)
    assert all(one.later is not None and one.later < -0.5 for one in found.turns)


def test_a_later_timeout_is_not_told():
    found = judged(session([(1.0, 2.5)], TurnSettings(end_threshold=0.05, end_timeout_ms=800)), end_threshold=0.05)
    assert in_words(found) == "cannot tell: a later timeout"


def test_another_start_threshold_is_not_told():
    found = judged(session([(1.0, 2.5)], TurnSettings()), start_threshold=0.75)
    assert in_words(found) == "cannot tell: another start threshold: words are heard from another moment on"


def test_without_reference_speech_the_ends_are_told():
    found = judged(session([(1.0, 2.5), (1.0, 2.5)], TurnSettings(end_threshold=0.1), reference="none"))
    assert in_words(found).startswith(f"would have been: turn.end {MINUS}6")
    assert "cut-off" not in in_words(found)


def test_with_labels_cut_offs_are_no_guess():
    snapshot = session([(1.0, 0.7), (1.0, 2.5)], TurnSettings(end_threshold=0.2), reference="labels")
    assert in_words(judged(snapshot, end_threshold=0.45)) == "would have been: 1 more cut-off (1 turn)"


def test_nothing_is_said_where_nothing_is_known():
    snapshot = session([(1.0, 2.5)], TurnSettings())
    silent = Evidence.of(msgspec.structs.replace(snapshot, likelihood=()), SCHEMA)
    assert in_words(what_if(silent, TurnSettings(end_threshold=0.5))) == ""


def test_one_turn_and_one_setting_can_be_asked_for_alone():
    snapshot = session([(1.0, 2.5), (1.0, 2.5)], TurnSettings())
    one = what_if_turn(Evidence.of(snapshot, SCHEMA), 1, TurnSettings(end_threshold=0.45))
    assert one.later == pytest.approx(-0.24, abs=STEP)


SELDOM = 8
"""Steps between two points: a quarter of a second."""


@quickly
@given(sounds, ends, ends)
def test_a_likelihood_told_seldom_says_no_more_than_it_can(sound: Sound, one_end: float, other_end: float):
    before, after = sorted((one_end, other_end))
    real = session(sound, TurnSettings(end_threshold=after))
    for one in judged(session(sound, TurnSettings(end_threshold=before), every=SELDOM), end_threshold=after).turns:
        if one.after is not None and one.before.turn.end_reason is EndReason.ENDED:
            assert over_at(one) == pytest.approx(matching(real, one), abs=SELDOM * STEP)


def test_a_pause_between_two_points_is_not_taken_for_none():
    sound = [(1.0, 0.55), (1.0, 2.5)]
    assert session(sound, TurnSettings(end_threshold=0.5)).counts.false_cutoffs == 1
    found = judged(session(sound, TurnSettings(end_threshold=0.2), every=SELDOM), end_threshold=0.5)
    assert in_words(found) == "cannot tell: the service told its likelihood too seldom"


def test_a_likelihood_told_seldom_tells_no_silence():
    snapshot = session([(1.0, 2.5)], TurnSettings(end_threshold=0.05), every=SELDOM)
    found = judged(snapshot, end_threshold=0.05, end_timeout_ms=800)
    assert in_words(found) == "cannot tell: the service does not tell when it heard silence"
