from math import comb, inf

import pytest
from tests.support.swept import near, turn

from stt_monitor.core.sweep.recommendation import Candidate, candidate, exceeds, keeps, recommend, turns_needed
from stt_monitor.core.sweep.result import Verdict


def setting(label: str, cut: int, turns: int, latency: float) -> Candidate:
    return Candidate(label, f"--set {label}", cut, turns, latency)


@pytest.mark.parametrize(("cut", "turns", "budget"), [(0, 59, 0.05), (1, 93, 0.05), (3, 150, 0.05), (5, 60, 0.2)])
def test_a_budget_is_kept_where_chance_would_show_more_cutoffs(cut: int, turns: int, budget: float):
    by_hand = sum(comb(turns, hits) * budget**hits * (1 - budget) ** (turns - hits) for hits in range(cut + 1))
    assert keeps(cut, turns, budget) is (by_hand <= 0.05)


def test_how_many_turns_without_a_cutoff_it_takes():
    assert [turns_needed(cut, 0.05) for cut in (0, 1, 2)] == [59, 93, 124]
    assert (turns_needed(0, 0.1), turns_needed(0, 0.01), turns_needed(0, 0.96)) == (29, 299, 1)


def test_the_fastest_that_surely_keeps_the_budget():
    found = recommend(
        [setting("slow", 0, 120, 0.9), setting("good", 1, 120, 0.42), setting("fast", 4, 120, 0.3)],
        0.05,
        pauses=80,
        exact=True,
    )
    assert (found.verdict, found.label, found.options) == (Verdict.RECOMMENDED, "good", "--set good")
    assert found.sentence == "good is the fastest that keeps 5 %: 1 of 120 turns cut off, eot p50 420 ms"


def test_no_cutoff_among_few_turns_proves_nothing():
    found = recommend([setting("a", 0, 13, 0.5), setting("b", 0, 13, 0.4)], 0.05, pauses=9, exact=True)
    assert (found.verdict, found.label, found.needed) == (Verdict.CANNOT_TELL, "b", 46)
    assert found.sentence == (
        "cannot tell 5 % from 13 turns: fastest so far is b with 0 of 13 turns cut off; "
        "46 more turns without a cut-off would settle it"
    )


def test_more_cutoffs_than_the_budget_may_be_chance_too():
    found = recommend([setting("a", 3, 20, 0.5), setting("b", 2, 20, 0.8)], 0.05, pauses=9, exact=True)
    assert (found.verdict, found.label, found.needed) == (Verdict.CANNOT_TELL, "b", 104)
    assert found.sentence == (
        "cannot tell 5 % from 20 turns: the nearest is b with 2 of 20 turns cut off; "
        "104 more turns without a cut-off would settle it"
    )


def test_the_nearest_where_none_keeps_it():
    found = recommend([setting("a", 9, 20, 0.5), setting("b", 4, 20, 0.8)], 0.05, pauses=9, exact=True)
    assert (found.verdict, found.label, found.needed) == (Verdict.NONE_KEEPS, "b", None)
    assert found.sentence == "no setting keeps 5 %: the nearest is b with 4 of 20 turns cut off"


@pytest.mark.parametrize(("cut", "turns"), [(0, 20), (3, 20), (4, 20), (11, 133), (12, 133)])
def test_a_budget_is_exceeded_where_chance_would_show_fewer_cutoffs(cut: int, turns: int):
    by_hand = sum(comb(turns, hits) * 0.05**hits * 0.95 ** (turns - hits) for hits in range(cut, turns + 1))
    assert exceeds(cut, turns, 0.05) is (by_hand <= 0.05)


@pytest.mark.parametrize(
    ("candidates", "pauses", "words"),
    [
        ([], 9, "no turn counts under every setting"),
        ([setting("a", 0, 0, 0.5)], 9, "no turn counts under every setting"),
        ([setting("a", 0, 100, 0.5)], 0, "no turn has a pause; label the pauses inside turns"),
        ([setting("a", 0, 100, inf)], 9, "every setting leaves over a tenth of the turns without an end"),
    ],
)
def test_it_says_what_is_missing(candidates: list[Candidate], pauses: int, words: str):
    found = recommend(candidates, 0.05, pauses=pauses, exact=True)
    assert (found.verdict, found.options) == (Verdict.CANNOT_TELL, "")
    assert found.sentence == f"cannot tell 5 %: {words}"


def test_a_detectors_guess_is_said_to_be_one():
    assert "(~)" in recommend([setting("a", 0, 100, 0.5)], 0.05, pauses=9, exact=False).sentence
    assert "label turns and" in recommend([setting("a", 0, 100, 0.5)], 0.05, pauses=0, exact=False).sentence


def test_a_turn_heard_several_times_is_one_turn():
    often = [turn(1, 0.4, (0.5, 0.2)), turn(1, 0.4, (0.5, None)), turn(1, 0.6, (0.5, None))]
    found = candidate("a", "", [often, [turn(2, 0.5)], [turn(0, 0.1)], []])
    assert (found.cut, found.turns, found.latency) == (1, 2, near(0.45))


def test_what_leaves_over_a_tenth_of_the_turns_open_is_not_fast():
    ended = [[turn(number, 0.4)] for number in range(1, 18)]
    assert candidate("a", "", [*ended, [turn(20, None)]]).latency == 0.4
    assert candidate("a", "", [*ended, [turn(20, None)], [turn(21, None)], [turn(22, None)]]).latency == inf
