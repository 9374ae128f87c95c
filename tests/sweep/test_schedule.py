"""Which cell of a sweep comes next, how many run at once, and what follows from how one ended."""

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.sweep.schedule import Schedule


def schedule(*seconds: float, at_once: int = 2, apart: bool = False) -> Schedule:
    """Make a schedule of cells of these lengths; all of the same settings, unless each has its own."""
    return Schedule(
        {number: (length, TurnSettings(x=number * apart)) for number, length in enumerate(seconds)}, at_once
    )


def start_all(made: Schedule) -> list[int]:
    started = []
    while (number := made.start()) is not None:
        started.append(number)
    return started


def settled(made: Schedule) -> bool:
    return made.is_settled


def test_the_longest_begin_and_so_many_run_at_once():
    made = schedule(1.0, 3.0, 2.0, 3.0)
    assert start_all(made) == [1, 3]
    made.done(3)
    assert start_all(made) == [2]
    made.done(1)
    made.done(2)
    assert start_all(made) == [0]
    made.done(0)
    assert start_all(made) == []
    assert made.waiting == (0, 0.0, 0.0)


def test_what_failed_comes_again_once_when_all_others_are_over():
    made = schedule(1.0, 1.0, 1.0)
    assert start_all(made) == [0, 1]
    assert made.failed(0)
    assert start_all(made) == [2]
    made.done(1)
    assert start_all(made) == [], "one of the first round still runs"
    made.done(2)
    assert start_all(made) == [0]
    assert not made.failed(0)
    assert start_all(made) == []


def test_what_was_slow_comes_again_with_fewer_beside_it():
    made = schedule(*[1.0] * 4, at_once=4)
    for number in start_all(made):
        made.failed(number, slow=True)
    assert start_all(made) == [0, 1]


def test_a_busy_service_lowers_how_many_run_to_those_that_it_takes():
    made = schedule(*[1.0] * 6, at_once=4)
    assert start_all(made) == [0, 1, 2, 3]
    made.hears(0)
    assert made.busy(2)
    assert not settled(made), "it may yet take the two others, or not"
    made.hears(1)
    assert made.busy(3)
    assert settled(made)
    assert made.limit == 2
    assert start_all(made) == []
    made.done(0)
    assert start_all(made) == [3], "those that were not taken come first"


def test_the_last_one_that_a_busy_service_does_not_take_lowers_nothing():
    made = schedule(1.0, 1.0)
    start_all(made)
    assert made.busy(1)
    assert not made.busy(0)
    assert made.limit == 1
    assert start_all(made) == [0]


def test_while_the_service_is_away_nothing_begins_and_with_the_last_one_the_sweep_ends():
    made = schedule(*[1.0] * 4)
    start_all(made)
    made.hears(0)
    assert not made.unreached(1)
    assert start_all(made) == []
    made.hears(0)
    assert start_all(made) == [1], "it is back"
    assert not made.unreached(1)
    made.failed(0)
    assert start_all(made) == [1], "it alone shows whether the service is back"
    assert made.unreached(1)


def test_settings_that_were_taken_before_are_not_what_is_refused():
    made = schedule(1.0, 1.0, 1.0)
    start_all(made)
    made.hears(0)
    assert made.refused(1)


def test_where_all_are_refused_the_last_one_says_so():
    made = schedule(1.0, 1.0, apart=True)
    start_all(made)
    assert not made.refused(0), "others may be taken"
    assert start_all(made) == []
    assert made.settle() == []
    assert made.refused(1)


def test_other_settings_are_tried_where_the_first_ones_are_refused_before_they_begin():
    made = schedule(*[1.0] * 9, at_once=1, apart=True)
    assert [(start_all(made), made.refused(number)) for number in range(3)] == [
        ([0], False), ([1], False), ([2], True),
    ]  # fmt: skip
    alike = schedule(1.0, 1.0)
    assert alike.start() == 0
    assert alike.refused(0), "the same settings would be refused again"


def test_settings_that_alone_are_refused_are_left_out():
    made = schedule(1.0, 1.0, 1.0, apart=True)
    start_all(made)
    assert not made.refused(0)
    made.hears(1)
    assert made.settle() == [0]
    assert start_all(made) == [2]
    made.done(1)
    made.done(2)
    assert start_all(made) == []
    assert made.waiting == (0, 0.0, 0.0)
