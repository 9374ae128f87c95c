"""Events that a service does not send, or sends twice (services.md 2.3)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.dialect import Promise
from stt_monitor.core.events import (
    EagerEnd,
    Event,
    Repeat,
    TextKind,
    TurnEnd,
    TurnEvent,
    TurnResume,
    TurnStart,
    TurnText,
    TurnUpdate,
    Voice,
)
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.state_machine import TurnMachine
from stt_monitor.core.turns.turn import Begin
from stt_monitor.services.derived import TurnRules


def told(*events: Event, derives_resumes: bool = False) -> list[Event]:
    rules = TurnRules(derives_resumes=derives_resumes)
    return [each for event in events for each in rules.apply(event)]


def names(*events: Event, derives_resumes: bool = False) -> list[str]:
    return [type(each).__name__ for each in told(*events, derives_resumes=derives_resumes)]


def test_the_first_text_starts_a_turn_that_has_not_started():
    start, update, more = told(TurnUpdate("Book", "1", 0.5), TurnUpdate("Book a", "1", 0.7))
    assert start == TurnStart(None, "1", 0.5, derived=True)
    assert (update, more) == (TurnUpdate("Book", "1", 0.5), TurnUpdate("Book a", "1", 0.7))


def test_a_start_that_the_service_sent_stays_what_it_was():
    assert told(TurnStart("Book", "1"), TurnUpdate("Book a", "1")) == [
        TurnStart("Book", "1"),
        TurnUpdate("Book a", "1"),
    ]


@pytest.mark.parametrize("key", ["", "4"])
def test_an_end_without_a_start_is_a_turn_without_an_onset(key: str):
    events = told(TurnEnd("Yes.", key, 1.5))
    assert events == [TurnStart(None, key, 1.5, derived=True), TurnEnd("Yes.", key, 1.5)]
    machine = TurnMachine({})
    (turn,) = [turn for event in events for turn in machine.receive(event, 2.0).ended]
    assert (turn.begin, turn.transcript, turn.started_at, turn.ended_at) == (Begin.MISSING, "Yes.", 2.0, 2.0)


@pytest.mark.parametrize("kind", [TurnUpdate, EagerEnd, TurnEnd, TurnResume])
def test_empty_text_opens_no_turn(kind: type[TurnEvent]):
    assert told(kind("", "1"), kind("")) == []


def test_an_end_of_another_turn_ends_no_turn_that_is_open():
    assert names(TurnStart(key="1"), TurnEnd(None, "2"), TurnUpdate("a", "1")) == ["TurnStart", "TurnUpdate"]
    assert names(TurnEnd(None), TurnResume(None, "2")) == ["TurnEnd", "TurnResume"]  # for the core to judge


def test_what_has_the_key_of_an_ended_turn_is_text_of_it():
    first = (TurnStart(key="1"), TurnEnd("book a table", "1"))
    copy = told(*first, TurnEnd("Book a table.", "1"))[-1]
    assert copy == TurnText("Book a table.", "1", kind=TextKind.FORMATTED)
    # Whatever has begun and ended meanwhile.
    later = (TurnStart(key="2"), TurnUpdate("For", "2"), TurnEnd("Book a table.", "1"), TurnUpdate("For two", "2"))
    assert names(*first, *later)[2:] == ["TurnStart", "TurnUpdate", "TurnText", "TurnUpdate"]
    assert names(*first, TurnStart(key="2"), TurnEnd("ok", "2"), TurnEnd("Book", "1"))[-1] == "TurnText"
    assert names(*first, TurnStart(key="1"), TurnUpdate("book a table", "1"))[2:] == ["Repeat", "Repeat"]


def test_a_copy_that_changes_nothing_is_a_copy():
    assert names(TurnEnd("Yes.", "1"), TurnEnd("Yes.", "1"))[2:] == ["TurnText"]


def test_the_same_text_again_is_a_repeat_unless_somebody_spoke():
    assert names(TurnUpdate("Yes."), TurnEnd("Yes."), TurnUpdate("Yes."), TurnEnd("Yes."))[3:] == ["Repeat", "Repeat"]
    again = names(TurnUpdate("Yes."), TurnEnd("Yes."), Voice(on=True), TurnUpdate("Yes."))
    assert again[3:] == ["Voice", "TurnStart", "TurnUpdate"]
    assert names(TurnEnd("Yes."), TurnUpdate("No."))[2:] == ["TurnStart", "TurnUpdate"]


def test_an_update_that_changes_nothing_is_the_tick_of_a_clock():
    assert names(TurnStart("Yes", "1"), TurnUpdate("Yes", "1"), TurnUpdate(None, "1")) == ["TurnStart"]


def test_text_that_goes_on_after_an_eager_end_takes_it_back_where_that_is_inferred():
    events = (TurnUpdate("book", "1"), EagerEnd("book", "1"), TurnUpdate("book", "1"), TurnUpdate("book a", "1", 2.0))
    assert names(*events) == ["TurnStart", "TurnUpdate", "EagerEnd", "TurnUpdate"]
    *_, resume, update = told(*events, derives_resumes=True)
    assert resume == TurnResume(None, "1", 2.0, derived=True)
    assert update == events[-1]
    ended = (*events[:2], TurnEnd("book a", "1"))
    assert names(*ended, derives_resumes=True) == ["TurnStart", "TurnUpdate", "EagerEnd", "TurnEnd"]


def test_a_turn_that_another_one_replaced_is_over():
    events = (TurnStart("a", "1"), TurnStart("b", "2"), TurnEnd("a c", "1"), TurnUpdate("b c", "2"))
    assert names(*events) == ["TurnStart", "TurnStart", "TurnText", "TurnUpdate"]


texts = st.none() | st.sampled_from(["", "a", "a b", "b"])
keys = st.sampled_from(["", "1", "2", "3"])
turn_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Voice, st.booleans()),
    *(st.builds(kind, texts, keys) for kind in (TurnStart, TurnUpdate, EagerEnd, TurnResume, TurnEnd)),
)


@given(st.lists(turn_events, max_size=40), st.booleans())
def test_whatever_comes_turns_start_before_they_go_on_and_none_is_opened_twice(
    events: list[Event],
    derives_resumes: bool,
):
    machine = TurnMachine({Promise.STARTED: "started"})
    opened: list[str] = []
    heard = told(*events, derives_resumes=derives_resumes)
    for at, event in enumerate(heard):
        step = machine.receive(event, at)
        if isinstance(event, TurnStart):
            opened += [event.key] if event.key else []
        if isinstance(event, TurnEvent) and event.text:
            assert step.violations == ()
        assert (machine.turn is None) == (machine.state is State.IDLE)
    assert len(set(opened)) == len(opened)
    for first, second in pairwise(heard):
        if isinstance(first, TurnStart) and first.derived:
            assert isinstance(second, TurnEvent)
            assert (second.key, bool(second.text)) == (first.key, True)
    assert sum(isinstance(event, Repeat) for event in heard) <= len(events)
