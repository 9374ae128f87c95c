"""Rows of services side by side: each turn in the rows of its speech, whoever ended it, and however it was built."""

from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.examples import tried
from tests.support.lanes import Run

from stt_monitor.core.dialect import Onset
from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.side_by_side.figures import Figure, Kind, best, figures
from stt_monitor.core.side_by_side.rows import Row, SideBySide, block_start, blocks_of, rows_of
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.state import State
from stt_monitor.services.cartesia import DIALECT

EOT: Final = METRICS["eot_latency"]
ONSET: Final = METRICS["onset_latency"]
LEAD: Final = METRICS["eager_lead"]
EAGER: Final = METRICS["eager_latency"]


def eot(row: Row) -> tuple[Figure, ...]:
    return figures(row, EOT)


def in_ms(shown: Sequence[Figure]) -> list[int | str]:
    return [one.kind.value if one.value is None else round(one.value * 1000) for one in shown]


def turn(run: Run, name: str, start: float, end: float, text: str = "Hello.") -> Run:
    return run.say(start, name, "turn.start").say(start, name, "turn.update", text).say(end, name, "turn.end", text)


def all_end(run: Run, at: float, *names: str) -> None:
    for name in names:
        run.say(at, name, "turn.end", "Hi")


def all_turn(run: Run, start: float, **ends: float) -> Run:
    for name in ends:
        run.say(start, name, "turn.start").say(start, name, "turn.update", "Hello.")
    for name, end in sorted(ends.items(), key=lambda each: each[1]):
        run.say(end, name, "turn.end", "Hello.")
    return run


def test_each_service_answers_the_same_speech_in_one_row():
    run = Run("a", "b", "c").connect()
    for begin in (1.0, 5.0):
        run.speech(begin, begin + 2)
        all_turn(run, begin + 2.1, a=begin + 2.4, b=begin + 2.3, c=begin + 2.5)
    rows = rows_of(run.to(9).decided().snapshots())
    assert [row.at for row in rows] == [1.0, 5.0]
    assert in_ms(eot(rows[1])) == [400, 300, 500]
    assert best(EOT, eot(rows[1])) == {1}
    assert all(one.first for one in eot(rows[0]))
    assert best(EOT, eot(rows[0])) == {1}, "first turns are compared with first turns"


def test_a_service_that_ends_the_turn_in_a_pause_has_two_where_another_has_one():
    run = Run("a", "b").connect()
    all_turn(run.speech(0.5, 1), 1.1, a=1.2, b=1.2)  # not the first ones
    run.speech(3, 4).say(3.3, "a", "turn.start").say(3.3, "b", "turn.start")
    run.say(4.3, "a", "turn.end", "I would").speech(4.8, 6).say(5, "a", "turn.start")
    run.say(6.3, "b", "turn.end", "I would like tea").say(6.4, "a", "turn.end", "like tea").to(9).decided()
    rows = rows_of(run.snapshots())
    assert [row.at for row in rows] == [0.5, 3.0, 4.8]
    assert in_ms(eot(rows[1])) == [300, "same turn"]
    assert [one.cut for one in eot(rows[1])] == ["~cut", ""]
    assert in_ms(eot(rows[2])) == [400, 300]
    assert best(EOT, eot(rows[1])) == frozenset(), "there is nothing to compare, and a cut-off is no merit"
    assert best(EOT, eot(rows[2])) == {1}
    assert in_ms(figures(rows[1], ONSET)) == [300, 300]
    assert in_ms(figures(rows[2], ONSET)) == [200, "same turn"]
    assert [list(block) for block in blocks_of(rows)] == [[0], [1, 2]]
    assert [block_start(rows, index) for index in range(3)] == [0, 1, 1]


def test_what_a_service_missed_and_what_it_made_up():
    run = Run("a", "b").connect()
    all_turn(run.speech(0.5, 1), 1.1, a=1.2, b=1.2)
    all_turn(run.speech(3, 4), 4.1, a=4.3)
    turn(run, "b", 8, 8.5, "Thank you.").to(14)
    all_turn(run.speech(14, 15), 15.1, a=15.2, b=15.2).to(18).decided()
    rows = rows_of(run.snapshots())
    assert [row.speech is not None for row in rows] == [True, True, False, True]
    assert in_ms(eot(rows[1])) == [300, "missed"]
    assert in_ms(eot(rows[2])) == ["none", "spurious"]
    assert best(EOT, eot(rows[1])) == frozenset()


def test_what_says_nothing_about_the_service_is_what_it_is():
    run = Run("a", "b", "c").connect()
    all_turn(run.speech(0.5, 1), 1.1, a=1.2, b=1.2, c=1.2)
    run.speech(3, 4)
    all_turn(run, 4.1, a=4.3, b=4.2)
    run.say(4.4, "c", "turn.start").lose("c", "gone").speech(6, 7)
    all_turn(run, 7.1, a=7.3, b=7.3).to(12).decided()
    rows = rows_of(run.snapshots())
    assert in_ms(eot(rows[1])) == [300, 200, "dangling"]
    assert in_ms(eot(rows[2])) == [300, 300, "not sent"]
    assert best(EOT, eot(rows[2])) == {0, 1}, "ties are all marked"
    assert best(LEAD, eot(rows[1])) == frozenset(), "a longer lead is not worse"


def test_what_a_service_cannot_have_and_what_is_derived_are_not_compared():
    derives = msgspec.structs.replace(DIALECT, onset=Onset.DERIVED)
    lacks = msgspec.structs.replace(DIALECT, eager_ends=False)
    run = Run("a", "b", "c", dialects={"b": derives, "c": lacks}).connect()
    for begin in (1.0, 5.0):
        run.speech(begin, begin + 2)
        run.say(begin + 2.1, "a", "turn.start")
        run.say(begin + 2.11, "b", "turn.update", "H")
        run.say(begin + 2.12, "c", "turn.start")
        for name in "ab":
            run.say(begin + 2.2, name, "turn.eager_end", "Hi")
        all_end(run, begin + 2.3, "a", "b", "c")
    row = rows_of(run.to(9).decided().snapshots())[1]
    assert in_ms(figures(row, EAGER)) == [200, 200, "n/a"]
    assert best(EAGER, figures(row, EAGER)) == {0, 1}
    assert [one.derived for one in figures(row, ONSET)] == [False, True, False]
    assert best(ONSET, figures(row, ONSET)) == {0}, "not the derived one, which is of another kind"


def test_an_open_turn_stands_in_the_row_of_its_speech():
    run = Run("a", "b").connect().speech(1).say(1.3, "a", "turn.start").to(1.5)
    (row,) = rows_of(run.snapshots())
    assert [answer.open for answer in row.answers] == [State.SPEAKING, None]
    assert in_ms(eot(row)) == ["speaking", "none"]
    run.say(1.8, "a", "turn.eager_end", "Hi")
    assert in_ms(eot(rows_of(run.snapshots())[0])) == ["eager end", "none"]
    run.silence(2).onset(2.6).to(2.8)
    rows = rows_of(run.snapshots())
    assert [in_ms(eot(row)) for row in rows] == [["same turn", "none"], ["eager end", "none"]]
    assert [list(block) for block in blocks_of(rows)] == [[0, 1]]


def test_without_services_or_speech_there_are_no_rows():
    assert rows_of(()) == []
    assert rows_of(Run("a", "b").connect().to(4).snapshots()) == []
    assert SideBySide().update(()) is None


STEPS: Final = st.sampled_from(("speech", "decided", "lose", "wait", "a start", "a end", "a eager", "b start", "b end"))


def lived(steps: Sequence[tuple[str, int]], a: str = "a", b: str = "b") -> list[tuple[Snapshot, ...]]:
    """Live through random events of two services; return what was to be seen after each."""
    run = Run(a, b).connect()
    names = {"a": a, "b": b}
    seen, speaking = [run.snapshots()], False
    for step, ticks in steps:
        at = run.to(run.at + ticks / 10).at
        who, _, kind = step.partition(" ")
        if step == "speech":
            run.silence(at) if speaking else run.onset(at)
            speaking = not speaking
        elif step == "decided":
            run.decided()
        elif step == "lose":
            run.connect(b) if b in run.gone else run.lose(b, "gone")
        elif kind and names[who] not in run.gone:
            run.say(at, names[who], {"start": "turn.start", "end": "turn.end", "eager": "turn.eager_end"}[kind], "Hi")
        seen.append(run.snapshots())
    run.to(run.at + 4).finish()
    return [*seen, run.snapshots()]


@pytest.mark.slow
@tried(150)
@given(st.lists(st.tuples(STEPS, st.integers(1, 30)), max_size=40), st.none() | st.randoms(use_true_random=False))
def test_rows_made_step_by_step_are_those_made_at_once(steps: list[tuple[str, int]], jumps: Random | None):
    """Whether one after the other, or back and forth as in a replay."""
    kept = SideBySide()
    seen = lived(steps)
    if jumps is not None:
        jumps.shuffle(seen)
    for lanes in seen:
        before = list(kept.rows)
        first = kept.update(lanes)
        assert kept.rows == rows_of(lanes)
        assert (first is None) == (before == kept.rows)
        if first is not None:
            assert before[:first] == kept.rows[:first]


@pytest.mark.slow
@tried(150)
@given(st.lists(st.tuples(STEPS, st.integers(1, 30)), max_size=40))
def test_every_turn_and_every_stretch_is_told_once(steps: list[tuple[str, int]]):
    lanes = lived(steps)[-1]
    rows = rows_of(lanes)
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    stretches = [row.speech for row in rows if row.speech is not None]
    assert {span.onset for span in lanes[0].speech} <= {span.onset for span in stretches}
    for index, lane in enumerate(lanes):
        parts = [part for row in rows for part in row.answers[index].parts]
        assert [part.finished.turn.number for part in parts if part.begins] == list(range(1, len(lane.finished) + 1))
        assert sum(part.ends for part in parts) == len(lane.finished)
        assert sum(row.answers[index].missed for row in rows) == lane.counts.missed
        for metric in TURN_METRICS:
            shown = [figures(row, metric)[index] for row in rows]
            values = [one.value for one in shown if one.value is not None]
            own = [getattr(one.metrics, metric.key) for one in lane.finished]
            assert set(values) <= {value for value in own if value is not None}
            assert all(one.kind is Kind.VALUE for one in shown if one.value is not None)
    for row in rows:
        for metric in TURN_METRICS:
            shown_row = figures(row, metric)
            chosen = best(metric, shown_row)
            assert all(shown_row[one].value is not None and not shown_row[one].cut for one in chosen)
            assert not chosen or len([one for one in shown_row if one.value is not None]) > 1
