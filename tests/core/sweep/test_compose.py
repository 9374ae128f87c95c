import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.examples import tried
from tests.support.swept import about, cell, near, outcome, turn, without_cutoffs

from stt_monitor.core.sweep.compose import compose
from stt_monitor.core.sweep.figures import figures
from stt_monitor.core.sweep.grid import Cell
from stt_monitor.core.sweep.outcome import CellOutcome, TurnOutcome
from stt_monitor.core.sweep.result import Part, Verdict

FAST, SLOW = cell(0.4), cell(0.2)


def part(outcomes: dict[Cell, CellOutcome], *missing: Cell, budget: float | None = None, **more: object) -> Part:
    (found,) = compose(about(budget), [*outcomes, *missing], outcomes, **more).parts  # type: ignore[arg-type]  # of any option
    return found


def test_every_figure_of_a_setting():
    turns = [
        turn(0, 9.0, (0.5, 0.1)),
        turn(1, 0.2, (0.5, None), (0.9, 0.4)),
        turn(2, 0.4, (0.5, None)),
        turn(3, None),
        turn(4, None, standing="closed"),
        turn(5, 0.1, (2.0, 0.3), standing="slow"),
        TurnOutcome(60.0, 63.0, missed=True),
        TurnOutcome(70.0, 73.0, 0.6, eager_ends=3, confirmed=1, resumed=2, wasted_replies=2, lead=0.25),
    ]
    found = figures([[each] for each in turns], resampled=False)
    assert found.turns == 6
    assert found.left_out == {"first": 1, "slow": 1, "closed": 1}
    assert found.eot_p50.value == near(0.6)
    assert (found.eot_p50.n, found.eot_p90.value) == (5, None)
    assert (found.cut_turns.value, found.cut_turns.n) == (near(1 / 6), 6)
    assert (found.cut_pauses.value, found.cut_pauses.n) == (near(1 / 3), 3)
    assert (found.missed.value, found.missed.n) == (near(1 / 6), 6)
    assert (found.not_ended.value, found.not_ended.n) == (near(1 / 5), 5)
    assert (found.eager_precision.value, found.eager_precision.n) == (near(1 / 3), 3)
    assert (found.eager_lead.value, found.eager_lead.n) == (0.25, 1)
    assert (found.wasted_replies.value, found.wasted_replies.n) == (near(2 / 5), 5)


def test_without_eager_ends_no_reply_can_be_wasted():
    turns = [turn(number, 0.5) for number in range(3)]
    assert figures([[each] for each in turns], resampled=False).wasted_replies.value is None
    eager = msgspec.structs.replace(turns[1], eager_ends=1, confirmed=1)
    assert figures([[turns[0]], [eager], [turns[2]]], resampled=False).wasted_replies.value == 0.0


def test_a_first_turn_is_in_no_figure_whatever_its_end():
    first = turn(0, None, standing="end_unknown")
    slow = msgspec.structs.replace(turn(0, 0.5, standing="slow"), first=True)
    assert figures([[first], [slow], [turn(1, None, standing="closed")]], resampled=False).left_out == {
        "first": 1, "slow": 1, "closed": 1,
    }  # fmt: skip


def test_the_only_turn_of_a_recording_counts_though_it_is_the_first():
    rows = {cell(0.3, f"{number}.wav"): outcome([turn(0, 0.5)]) for number in range(3)}
    assert part(rows).settings[0].figures.turns == 3
    longer = {**rows, cell(0.3, "long.wav"): outcome([turn(0, 0.5), turn(1, 0.5)])}
    assert part(longer).settings[0].figures.turns == 4


def test_settings_are_compared_by_the_turns_that_all_have():
    fast = {cell(0.4, name): without_cutoffs(0.3, 4, cut=cut) for name, cut in (("a.wav", 0), ("b.wav", 4))}
    slow = {cell(0.2, "a.wav"): without_cutoffs(0.9, 4)}
    found = part({**fast, **slow}, cell(0.2, "b.wav"))
    one, other = found.settings
    assert one.compared is not None
    assert (one.figures.turns, one.figures.cut_turns.value) == (8, 0.5)
    assert (one.compared.turns, one.compared.cut_turns.value, found.turns) == (4, 0.0, 5)
    assert (other.cells, other.missing, other.compared) == (1, 1, other.figures)
    assert (one.on_front, other.on_front) == (True, False)


def test_a_setting_that_lacks_most_turns_is_compared_with_none():
    outcomes = {cell(0.4, f"{name}.wav"): without_cutoffs(0.3, 4) for name in "abc"}
    result = compose(
        about(),
        [*outcomes, *(cell(0.2, f"{name}.wav") for name in "abc"), cell(0.1)],
        {**outcomes, cell(0.2, "a.wav"): without_cutoffs(0.9, 4)},
        why_missing={cell(0.1): "the service refused"},
    )
    (found,) = result.parts
    assert [each.compared is not None for each in found.settings] == [True, False, False]
    assert [each.on_front for each in found.settings] == [True, False, False]
    assert found.turns == 15
    assert [(each.cell.recording, each.label, each.why) for each in result.missing] == [
        ("b.wav", "end 0.2", "not run"),
        ("c.wav", "end 0.2", "not run"),
        ("a.wav", "end 0.1", "the service refused"),
    ]


def test_an_end_that_our_close_brought_about_under_one_setting_counts_under_none():
    fast = outcome([turn(0, 0.3), turn(1, 0.3), turn(2, 0.5)])
    slow = outcome([turn(0, 0.9), turn(1, 0.9), turn(2, None, standing="closed")])
    one, other = part({FAST: fast, SLOW: slow}).settings
    assert one.compared is not None
    assert other.compared is not None
    assert (one.figures.eot_p50.n, one.compared.eot_p50.n, other.compared.eot_p50.n) == (2, 1, 1)
    assert (one.compared.turns, other.compared.turns) == (2, 2)


def test_a_turn_of_which_nothing_can_be_told_is_none_of_the_settings_turns():
    told = outcome([turn(0, 0.3), turn(1, 0.3), turn(2, 0.5), turn(3, 0.4)])
    partly = outcome([turn(0, 0.3), turn(1, 0.2), turn(2, None, standing="unknown"), turn(3, 0.4)])
    dark = outcome([turn(0, 0.3), *(turn(number, None, standing="unknown") for number in (1, 2, 3))])
    one, other, third = part({FAST: told, SLOW: partly, cell(0.1): dark}).settings
    assert one.compared is not None
    assert (one.figures.turns, one.compared.turns, other.figures.turns) == (3, 2, 2)
    assert third.compared is None


def test_audio_that_was_sent_again_does_not_make_other_turns():
    moved = [TurnOutcome(each.position + 0.1, each.end_position, 0.7) for each in (turn(1, 0.5), turn(2, 0.5))]
    found = part({FAST: outcome([turn(1, 0.5), turn(2, 0.5)]), SLOW: outcome(moved)})
    assert found.turns == 2


OUTCOMES = st.lists(
    st.builds(
        lambda waits, cut: outcome([turn(at, wait, (0.5, 0.2 if cut else None)) for at, wait in enumerate(waits)]),
        st.lists(st.none() | st.floats(0, 3), min_size=1, max_size=4),
        st.booleans(),
    ),
    min_size=2,
    max_size=5,
)


@tried(20)  # each is composed twice, floor and all
@given(OUTCOMES)
def test_a_further_cell_changes_no_figure_of_another_setting(found: list[CellOutcome]):
    outcomes = {cell(0.1 + 0.05 * (at % 2), f"{at}.wav"): each for at, each in enumerate(found)}
    plan = list(outcomes)
    *before, last = plan
    without = part({each: outcomes[each] for each in before}, last, resampled=False)
    others = {each.settings: each.figures for each in part(outcomes, resampled=False).settings}
    for each in without.settings:
        if each.settings != last.settings:
            assert others[each.settings] == each.figures


def test_the_same_outcomes_give_the_same_result_in_any_order_of_arrival():
    outcomes = {FAST: without_cutoffs(0.3, 9, cut=3), SLOW: without_cutoffs(0.9, 9)}
    backwards = dict(reversed(outcomes.items()))
    assert compose(about(0.05), list(outcomes), outcomes) == compose(about(0.05), list(outcomes), backwards)


def test_intervals_come_from_the_same_turns():
    """Drawn apart, two settings with the same cut-offs would not have the same interval."""
    outcomes = {FAST: without_cutoffs(0.3, 9, cut=3), SLOW: without_cutoffs(0.4, 9, cut=3)}
    one, other = part(outcomes).settings
    assert one.figures.cut_turns == other.figures.cut_turns
    assert one.figures.cut_turns.interval is not None
    assert one.figures.cut_turns.interval.low < 1 / 3 < one.figures.cut_turns.interval.high


def test_arms_have_a_part_each_and_one_together():
    outcomes = {cell(0.3, arm=arm): without_cutoffs(wait, 4) for arm, wait in (("", 0.3), ("phone", 0.7))}
    result = compose(about(), list(outcomes), outcomes)
    assert [(each.name, each.turns) for each in result.parts] == [("all arms", 10), ("clean", 5), ("phone", 5)]
    assert [each.settings[0].figures.eot_p50.value for each in result.parts] == [near(0.5), 0.3, 0.7]


def test_silence_is_judged_by_the_same_turns():
    """Each turn has one pause of half a second: silence of 500 ms is safe, and 200 ms slower than the service."""
    found = part({FAST: without_cutoffs(0.3, 9)})
    (one,) = found.settings
    assert one.ahead_of_silence == near(0.2)
    by_silence = {each.silence: each.figures for each in found.floor}
    assert (by_silence[0.45].cut_turns.value, by_silence[0.45].eot_p50.value) == (1.0, near(0.45))
    assert (by_silence[0.5].cut_turns.value, by_silence[0.5].eot_p50.value) == (0.0, near(0.5))
    assert by_silence[0.5].turns == one.figures.turns
    reached = found.floor_points.latency_at_5_percent
    assert reached is not None
    assert reached.latency.value == near(0.5)


def test_a_real_detector_hears_what_it_hears():
    """It finds the end of the second turn 0.2 s late, the third not at all, and speech where there is none."""
    turns = outcome([turn(0, 0.3), turn(1, 0.3), turn(2, 0.3), turn(3, 0.3)])
    heard = {"a.wav": ((0.0, 3.0), (10.0, 13.2), (17.0, 17.5), (30.0, 33.0))}
    found = part({FAST: turns}, detected=heard)
    half_a_second = next(each.figures for each in found.floor if each.silence == 0.5)
    assert half_a_second.eot_p50.value == near(0.7)
    assert half_a_second.eot_p90.value is None
    assert half_a_second.not_ended.value == near(1 / 3)


@pytest.mark.slow
def test_a_recommendation_is_made_for_a_budget_alone():
    outcomes = {FAST: without_cutoffs(0.3, 70, cut=9), SLOW: without_cutoffs(0.9, 70)}
    assert part(outcomes, resampled=False).recommendation is None
    found = part(outcomes, budget=0.05, resampled=False).recommendation
    assert found is not None
    assert (found.verdict, found.options) == (Verdict.RECOMMENDED, "--set end_threshold=0.2")


def test_without_a_pause_in_a_turn_that_counts_nothing_is_recommended():
    turns = [turn(0, 0.5, (0.5, None)), *(turn(number, 0.5) for number in range(1, 80))]
    found = part({FAST: outcome(turns)}, budget=0.05, resampled=False).recommendation
    assert found is not None
    assert found.verdict is Verdict.CANNOT_TELL
    assert "no turn has a pause" in found.sentence


def test_silence_is_not_labelled():
    assert not compose(about(), [FAST], {FAST: CellOutcome("vad")}).exact
    assert compose(about(), [FAST], {FAST: CellOutcome("labels")}).exact
    assert compose(about(), [FAST, SLOW], {FAST: outcome([turn(0, 0.5)]), SLOW: CellOutcome("vad")}).exact


def test_the_worst_turns_are_named():
    turns = [
        turn(0, 0.1),
        turn(1, 0.2, (0.9, 0.4)),
        turn(2, 2.5),
        turn(3, None),
        turn(4, 0.3),
        turn(5, 9.0, standing="slow"),
    ]
    (one,) = part({FAST: outcome(turns)}).settings
    assert [(each.position, each.what) for each in one.worst] == [
        (10.0, "cut off 0.40 s into a pause of 0.90 s"),
        (30.0, "not ended in time"),
        (20.0, "ended 2.50 s after speech"),
    ]


def test_nothing_measured_is_nothing_said():
    result = compose(about(0.05), [FAST, SLOW], {})
    (found,) = result.parts
    assert [each.compared for each in found.settings] == [None, None]
    assert found.recommendation is not None
    assert found.recommendation.verdict is Verdict.CANNOT_TELL
    assert len(result.missing) == 2
    unheard = part({FAST: CellOutcome("none")}, budget=0.05)
    assert math.isclose(unheard.turns, 0)
