"""Sessions that heard the same audio: which of their turns are a pair, and which are others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.examples import tried
from tests.support.heard import Spoken, hear, talk

from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.pairs.hearing import heard_of
from stt_monitor.core.pairs.same_audio import Unpaired, why_unpaired
from stt_monitor.core.pairs.sessions import SessionPairs, pair_heard, pair_sessions
from stt_monitor.core.pairs.structure import Changes
from stt_monitor.core.snapshot import Snapshot

EOT = METRICS["eot_latency"]


def paired(before: Snapshot, after: Snapshot) -> SessionPairs:
    found = pair_sessions(before, after)
    assert found is not None
    return found


def eots(found: SessionPairs) -> list[float]:
    return [pair.difference for pair in found.of(EOT).pairs]


def test_turns_of_two_runs_are_paired_in_the_file():
    found = paired(hear(talk(0.4, 0.4, 0.5, 0.6)), hear(talk(0.4, 0.3, 0.5, 0.4)))
    assert eots(found) == pytest.approx([-0.1, 0.0, -0.2])  # the first turn of a connection is in no pair
    assert (found.of(EOT).n, found.of(EOT).faster, found.of(EOT).equal, found.of(EOT).slower) == (3, 2, 1, 0)
    assert found.changes == Changes()
    assert [pair.turns for pair in found.of(EOT).pairs] == [(2, 2), (3, 3), (4, 4)]


def test_a_pause_and_audio_sent_again_change_no_pair():
    plain, other = hear(talk(*[0.4] * 6)), talk(*[0.6] * 6)
    assert eots(paired(plain, hear(other, pauses=[(9.0, 3.0), (19.5, 60.0)]))) == pytest.approx([0.2] * 5)
    again = paired(plain, hear(other, resent=[(15.0, 1.0)]))
    assert [pair.turns[0] for pair in again.of(EOT).pairs] == [2, 3, 5, 6]  # the fourth is the first after the loss
    assert eots(again) == pytest.approx([0.2] * 4)
    assert again.changes == Changes()


def test_a_turn_in_which_the_file_was_paused_is_in_no_pair():
    found = paired(hear(talk(*[0.4] * 4)), hear(talk(*[0.4] * 4), pauses=[(12.0, 2.0)]))
    assert [pair.turns for pair in found.of(EOT).pairs] == [(2, 2), (4, 4)]


def test_turns_split_merge_vanish_and_appear():
    whole = [Spoken(11, 12, None), Spoken(12.5, 13.5)]
    cut = [Spoken(11, 12, 0.2), Spoken(12.5, 13.5)]
    missed = [Spoken(11, 12, heard=False), Spoken(12.5, 13.5, heard=False)]
    before, after = (hear([*talk(0.4, 0.4), *each, Spoken(20, 21)]) for each in (whole, cut))
    assert paired(before, after).changes == Changes(split=1)
    assert paired(after, before).changes == Changes(merged=1)
    assert eots(paired(before, after)) == pytest.approx([0, 0, 0])
    gone = hear([*talk(0.4, 0.4), *missed, Spoken(20, 21)])
    assert paired(before, gone).changes == Changes(vanished=1)
    assert paired(gone, after).changes == Changes(appeared=2)


def test_what_was_stopped_half_way_is_compared_as_far_as_it_was_heard():
    found = paired(hear(talk(*[0.4] * 6)), hear(talk(*[0.3] * 6), until=18.0))
    assert [pair.turns for pair in found.of(EOT).pairs] == [(2, 2), (3, 3)]
    assert found.changes == Changes()
    assert found.of(EOT).only_before == 0


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"audio_id": "a2"}, Unpaired.AUDIO),
        ({"reference": "labels"}, Unpaired.REFERENCE),
        ({"audio_id": "", "duration": 60.0}, Unpaired.AUDIO),
        ({"audio_id": ""}, None),
    ],
)
def test_sessions_of_other_audio_have_no_pairs(other: dict[str, Any], why: Unpaired | None):
    before, after = hear(talk(*[0.4] * 4)), hear(talk(*[0.4] * 4), **other)
    assert why_unpaired(heard_of(before), heard_of(after)) is why
    assert (pair_sessions(before, after) is None) is (why is not None)


def test_cells_of_a_sweep_that_begin_at_once_are_not_taken_for_services_side_by_side():
    began: dict[str, Any] = {"started_at": "2026-11-28T09:00:00.001Z"}
    clean, phone = (hear(talk(*[0.4] * 4), degraded=arms, **began) for arms in ((), ("phone",)))
    assert why_unpaired(heard_of(clean), heard_of(phone)) is Unpaired.DEGRADED


def test_old_recordings_heard_the_same_if_their_reference_speech_agrees():
    old: dict[str, Any] = {"audio_id": "", "duration": 40.0}
    spoken = talk(*[0.4] * 4)
    assert pair_sessions(hear(spoken, **old), hear(spoken, **old)) is not None
    assert pair_sessions(hear(spoken, **old), hear(talk(*[0.4] * 4, every=5.5), **old)) is None


def test_several_runs_of_the_same_files_are_pooled_and_a_turn_counts_once():
    """Runs of the same turn say nothing about other turns: the interval knows four of them, whatever their runs."""
    fast, slow = talk(*[0.4] * 5), talk(*[0.7] * 5)
    other: dict[str, Any] = {"audio_id": "b", "source": "b.wav"}
    before = [hear(slow), hear(slow), hear(slow, **other), hear(slow, audio_id="c")]
    after = [hear(fast), hear(fast, **other), hear(fast, **other)]
    found = pair_heard(list(map(heard_of, before)), list(map(heard_of, after)))
    assert found is not None
    pairs = found.of(EOT)
    assert (pairs.n, pairs.faster) == (16, 16)
    difference = pairs.difference
    assert difference is not None
    assert difference.of_medians == pytest.approx(-0.3)
    assert difference.significant
    alone = pair_heard(list(map(heard_of, before[:2])), list(map(heard_of, after[:1])))
    assert alone is not None
    assert alone.of(EOT).n == 8
    assert (alone.of(EOT).difference or difference).interval is None  # four turns are too few


eot = st.one_of(st.none(), st.floats(0.05, 1.5))
talks = st.lists(st.tuples(eot, st.booleans()), min_size=1, max_size=7).map(
    lambda each: [Spoken(1 + 4 * n, 3 + 4 * n, end, heard=heard) for n, (end, heard) in enumerate(each)]
)


@given(talks, st.lists(eot, min_size=7, max_size=7))
@tried(30)
def test_swapped_sessions_have_negated_differences(spoken: list[Spoken], ends: list[float | None]):
    other = [Spoken(each.start, each.stop, end) for each, end in zip(spoken, ends, strict=False)]
    before, after = hear(spoken), hear(other)
    there, back = paired(before, after), paired(after, before)
    for metric in TURN_METRICS:
        one, two = there.of(metric), back.of(metric)
        assert [pair.difference for pair in two.pairs] == [-pair.difference for pair in one.pairs]
        assert (two.faster, two.slower, two.only_before, two.only_after) == (
            one.slower, one.faster, one.only_after, one.only_before,
        )  # fmt: skip
    found, swapped = there.changes, back.changes
    assert swapped == Changes(found.merged, found.split, found.appeared, found.vanished)


@given(talks, st.floats(0.5, 60), st.integers(0, 6))
@tried(30)
def test_a_session_differs_in_nothing_from_itself_or_from_itself_with_a_pause(
    spoken: list[Spoken], seconds: float, after: int
):
    plain = hear(spoken)
    assert paired(plain, plain).changes == Changes()
    found = paired(plain, hear(spoken, pauses=[(2.99 + 1.0 + 4 * after, seconds)]))
    assert found.changes == Changes()
    assert eots(found) == pytest.approx([0] * len(eots(found)))
