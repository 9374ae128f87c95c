from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.dialect import Promise
from stt_monitor.core.events import (
    Connected,
    EagerEnd,
    Event,
    Language,
    ServiceError,
    Trigger,
    TurnEnd,
    TurnResume,
    TurnStart,
    TurnText,
    TurnUpdate,
    Unknown,
    Unreadable,
    Violation,
    Voice,
)
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.state_machine import Step, TurnMachine
from stt_monitor.core.turns.turn import EndReason, Turn, TurnEagerEnd
from stt_monitor.services.cartesia.guarantees import GUARANTEES

HELLO = Connected()


def fold(events: Sequence[tuple[float, Event]], machine: TurnMachine | None = None) -> list[Step]:
    machine = machine or TurnMachine(GUARANTEES)
    return [machine.receive(event, at) for at, event in events]


def rules(steps: list[Step]) -> list[str]:
    return [violation.rule for step in steps for violation in step.violations]


# The worked time lines of protocol.md 18.


def test_a_clean_turn():
    text = "Book a table for two."
    steps = fold(
        [
            (0.00, HELLO),
            (0.64, TurnStart()),
            (1.31, TurnUpdate("Book a table")),
            (1.58, TurnUpdate("Book a table for")),
            (2.20, TurnUpdate(text)),
            (2.36, EagerEnd(text)),
            (2.52, TurnEnd(text)),
        ]
    )
    assert [step.state.value for step in steps] == ["idle"] + ["speaking"] * 4 + ["eager_end", "idle"]
    assert [step.turn for step in steps] == [None, 1, 1, 1, 1, 1, 1]
    assert rules(steps) == []
    (turn,) = steps[-1].ended
    assert turn.transcript == text
    assert (turn.started_at, turn.first_text_at, turn.ended_at) == (0.64, 1.31, 2.52)
    assert turn.eager_ends == (TurnEagerEnd(2.36, text),)
    assert turn.confirmed_eager_end == TurnEagerEnd(2.36, text)
    assert turn.end_reason is EndReason.ENDED
    assert turn.event_times == (0.64, 1.31, 1.58, 2.20, 2.36, 2.52)
    assert turn.first_of_connection


def test_a_turn_that_ends_as_it_was_guessed_holds_its_text_once():
    said = ["for two", "for two please", str(b"for two please", "ascii")]
    events: list[Event] = [TurnUpdate(said[0]), EagerEnd(said[1]), TurnEnd(said[2])]
    assert said[1] is not said[2]
    (turn,) = fold([(0.0, HELLO), (0.1, TurnStart()), *enumerate(events, 1)])[-1].ended
    assert turn.transcript is turn.eager_ends[0].transcript


def test_a_wrong_guess_taken_back():
    steps = fold(
        [
            (0.0, HELLO),
            (0.53, TurnStart()),
            (1.95, EagerEnd("My number is four one")),
            (2.41, TurnResume()),
            (2.90, TurnUpdate("My number is four one nine")),
            (3.74, EagerEnd("My number is four one nine two.")),
            (3.93, TurnEnd("My number is four one nine two.")),
        ]
    )
    assert [step.state.value for step in steps[2:5]] == ["eager_end", "speaking", "speaking"]
    assert rules(steps) == []
    (turn,) = steps[-1].ended
    assert [guess.resumed_at for guess in turn.eager_ends] == [2.41, None]


def test_a_turn_has_the_languages_that_were_told_last():
    english, both = (Language("en", 0.8),), (Language("en", 0.6), Language("fr", 0.4))
    steps = fold(
        [
            (0.0, HELLO),
            (0.1, TurnStart()),
            (0.2, TurnUpdate("a", languages=english)),
            (0.3, EagerEnd("a b", languages=both)),
            (0.4, TurnEnd("a b")),
            (0.5, TurnStart(languages=english)),
            (0.6, TurnEnd("c", languages=both)),
            (0.7, TurnStart()),
            (0.8, TurnEnd("d")),
            (0.9, TurnEnd("never opened", languages=english)),
        ]
    )
    assert [turn.languages for step in steps for turn in step.ended] == [both, both, (), english]


def test_a_very_short_word_and_a_cough():
    steps = fold(
        [(0, HELLO), (1, TurnStart()), (1.4, TurnEnd(" No.")), (5, TurnStart()), (5.9, TurnEnd("")), (7, TurnStart())]
    )
    assert rules(steps) == []
    assert [turn.transcript for step in steps for turn in step.ended] == [" No.", ""]
    assert steps[-1].turn == 3
    cough = steps[4].ended[0]
    assert cough.first_text_at is None
    assert not cough.first_of_connection


def test_turns_flushed_by_our_close():
    machine = TurnMachine(GUARANTEES)
    fold([(0, HELLO), (1, TurnStart()), (2, TurnUpdate("Call me"))], machine)
    machine.close_sent()
    steps = fold([(2.5, TurnUpdate("Call me tomorrow")), (2.6, TurnEnd("Call me tomorrow"))], machine)
    assert steps[-1].ended[0].end_reason is EndReason.CLOSED


def test_a_lost_connection_leaves_the_turn_dangling_with_its_text():
    machine = TurnMachine(GUARANTEES)
    fold([(0, HELLO), (1, TurnStart()), (2, TurnUpdate("Call me"))], machine)
    (turn,) = machine.connection_lost()
    assert (turn.transcript, turn.end_reason, turn.ended_at) == ("Call me", EndReason.DANGLING, None)
    assert machine.state is State.IDLE
    # The next connection starts from zero; numbering goes on.
    steps = fold([(5, HELLO), (6, TurnStart()), (7, TurnEnd("again"))], machine)
    assert rules(steps) == []
    assert steps[-1].ended[0].number == 2
    assert steps[-1].ended[0].first_of_connection
    assert machine.connection_lost() == ()


def test_a_turn_may_be_closed_by_the_end_of_its_connection():
    machine = TurnMachine(GUARANTEES)
    fold([(0, HELLO), (1, TurnStart()), (2, TurnUpdate("Call me"))], machine)
    (turn,) = machine.connection_lost(closed_at=3.0)
    assert (turn.transcript, turn.end_reason, turn.ended_at) == ("Call me", EndReason.CLOSED, 3.0)
    assert machine.state is State.IDLE


# Slips (protocol.md 6.3, 6.4): folded in, and named.


@pytest.mark.parametrize(
    ("events", "rule", "state"),
    [
        ([TurnStart()], "G1", "speaking"),
        ([HELLO, HELLO], "G1", "idle"),
        ([HELLO, TurnUpdate("a")], "G2", "speaking"),
        ([HELLO, EagerEnd("a")], "G2", "eager_end"),
        ([HELLO, TurnEnd("a")], "G2", "idle"),
        ([HELLO, TurnEnd("")], "G2", "idle"),
        ([HELLO, TurnStart(), EagerEnd("a"), EagerEnd("a")], "G3", "eager_end"),
        ([HELLO, TurnResume()], "G4", "idle"),
        ([HELLO, TurnStart(), TurnResume()], "G4", "speaking"),
        ([HELLO, TurnStart(), TurnStart()], "G6", "speaking"),
        ([HELLO, TurnStart(), TurnUpdate("two."), TurnUpdate("two at eight.")], "G7", "speaking"),
        ([HELLO, TurnStart(), TurnUpdate("two"), EagerEnd("Two")], "G7", "eager_end"),
        ([HELLO, TurnStart(), TurnUpdate("two"), TurnEnd("Two")], "G8", "idle"),
        ([HELLO, Violation("own", "its own promise")], "own", "idle"),
        ([HELLO, Unreadable("not JSON")], "bad_json", "idle"),
    ],
)
def test_a_slip_is_named_once_and_leaves_a_legal_state(events: list[Event], rule: str, state: str):
    steps = fold(list(enumerate(events)))
    assert rules(steps) == [rule]
    assert steps[-1].state.value == state


def test_an_update_inside_an_eager_end_is_tolerated():
    steps = fold(list(enumerate([HELLO, TurnStart(), EagerEnd("a"), TurnUpdate("a"), TurnUpdate("a b")])))
    assert rules(steps) == []
    assert steps[-1].state is State.EAGER_END


def test_a_turn_that_was_never_opened_keeps_its_text():
    steps = fold([(0, HELLO), (3, TurnEnd("tail"))])
    assert steps[-1].ended[0].transcript == "tail"
    assert steps[-1].turn == 1


def test_a_second_start_closes_the_old_turn_with_its_last_text():
    steps = fold([(0, HELLO), (1, TurnStart()), (2, TurnUpdate("old")), (3, TurnStart())])
    (old,) = steps[-1].ended
    assert (old.transcript, old.end_reason, old.ended_at) == ("old", EndReason.DANGLING, 3)
    assert steps[-1].turn == 2


# Properties.

words = st.sampled_from(["", "a", "a b", "a b.", "b", "A"])
some_words = st.none() | words
any_event: st.SearchStrategy[Event] = st.one_of(
    st.builds(Connected),
    *(st.builds(kind, some_words) for kind in (TurnStart, TurnUpdate, EagerEnd, TurnResume, TurnEnd, TurnText)),
    st.builds(TurnStart, some_words, derived=st.booleans()),
    st.builds(Voice, st.booleans()),
    st.builds(TurnEnd, some_words, trigger=st.sampled_from(Trigger)),
    st.builds(ServiceError),
    st.builds(Violation, words, words),
    st.builds(Unknown, words),
    st.builds(Unreadable, words),
)


@given(st.lists(any_event | st.sampled_from(["lost", "close"]), max_size=40))
def test_any_sequence_at_all_leaves_a_legal_machine(sequence: list[Event | str]):
    machine = TurnMachine(GUARANTEES)
    ended: list[Turn] = []
    opened: set[int] = set()
    for at, item in enumerate(sequence):
        if item == "lost":
            ended += machine.connection_lost()
        elif item == "close":
            machine.close_sent()
        else:
            assert not isinstance(item, str)
            step = machine.receive(item, at)
            ended += step.ended
            if step.turn is not None:
                opened.add(step.turn)
            assert step.state is machine.state
        assert (machine.turn is None) == (machine.state is State.IDLE)
        if machine.turn is not None:
            standing = machine.turn.confirmed_eager_end is not None
            assert standing == (machine.state is State.EAGER_END)
    still_open = [machine.turn.number] if machine.turn else []
    assert sorted([turn.number for turn in ended] + still_open) == list(range(1, len(opened) + 1))
    for turn in ended:
        assert turn.end_reason is not None
        assert turn.ended_at is None or turn.ended_at >= turn.started_at
        assert list(turn.event_times) == sorted(turn.event_times)


growth = st.sampled_from(["", " word", " and", " more."])


@st.composite
def legal_sessions(draw: st.DrawFn) -> tuple[list[Event], list[str]]:
    """A session of the grammar of protocol.md 6.2, with errors in between, and the final texts of its turns."""
    events: list[Event] = [Connected()]
    finals = []
    for _ in range(draw(st.integers(0, 4))):
        events.append(TurnStart())
        text = ""
        for _ in range(draw(st.integers(0, 3))):
            for _ in range(draw(st.integers(0, 3))):
                text += draw(growth)
                events.append(TurnUpdate(text))
            text += draw(growth)
            events.append(EagerEnd(text))
            if draw(st.booleans()):
                events.append(TurnUpdate(text))
            if draw(st.booleans()):
                events.append(ServiceError("t", 400))
            events.append(TurnResume())
        text += draw(growth)
        events.append(TurnEnd(text))
        finals.append(text)
    return events, finals


@given(legal_sessions())
def test_a_legal_session_gives_no_violation_and_all_its_turns(session: tuple[list[Event], list[str]]):
    events, finals = session
    steps = fold(list(enumerate(events)))
    assert rules(steps) == []
    assert [turn.transcript for step in steps for turn in step.ended] == finals
    assert steps[-1].state is State.IDLE


# What other services do.


def test_a_service_breaks_no_promise_that_it_did_not_make():
    odd: list[Event] = [
        TurnUpdate("a"),
        HELLO,
        HELLO,
        TurnStart(),
        EagerEnd("b"),
        EagerEnd("c"),
        TurnEnd("d"),
        TurnResume(),
    ]
    assert rules(fold(list(enumerate(odd)), TurnMachine({}))) == []
    assert rules(fold(list(enumerate(odd)), TurnMachine({Promise.ONE_EAGER_END: "one"}))) == ["one"]


def test_a_turn_may_begin_with_its_first_words():
    steps = fold([(0, HELLO), (1, TurnStart("Book")), (2, TurnEnd("Book a table"))])
    (turn,) = steps[-1].ended
    assert (turn.started_at, turn.first_text_at, turn.event_times) == (1, 1, (1, 2))


def test_an_event_without_text_leaves_it_as_it_was():
    steps = fold(
        [(0, HELLO), (1, TurnStart()), (2, TurnUpdate("a b")), (3, EagerEnd()), (4, TurnResume()), (5, TurnEnd())]
    )
    assert rules(steps) == []
    (turn,) = steps[-1].ended
    assert turn.transcript == "a b"
    assert turn.eager_ends == (TurnEagerEnd(3, "a b", 4),)


def test_a_service_may_say_why_a_turn_ended():
    steps = fold(
        [(0, HELLO), *((at, kind) for at in (1, 2) for kind in (TurnStart(), TurnEnd("a", trigger=Trigger.MANUAL)))]
    )
    assert [(turn.trigger, turn.end_reason) for step in steps for turn in step.ended] == [
        (Trigger.MANUAL, EndReason.MANUAL)
    ] * 2
    (closed,) = fold([(0, HELLO), (1, TurnStart()), (2, TurnEnd("a", trigger=Trigger.CLOSED))])[-1].ended
    assert closed.end_reason is EndReason.CLOSED


def test_how_a_start_is_known():
    said: list[Event] = [HELLO]
    said += [TurnStart(), TurnEnd("a"), TurnStart(derived=True), TurnUpdate("b"), TurnEnd("b")]
    said += [TurnStart(derived=True), TurnEnd("c"), TurnUpdate("d"), TurnEnd("d"), TurnEnd("e")]
    ended = [turn for step in fold(list(enumerate(said)), TurnMachine({})) for turn in step.ended]
    assert [(turn.transcript, turn.begin.value) for turn in ended] == [
        ("a", "told"),
        ("b", "derived"),
        ("c", "missing"),
        ("d", "derived"),
        ("e", "missing"),
    ]


@pytest.mark.parametrize(
    ("text", "first", "joiner", "whole"),
    [
        (" and on", False, "", " and on"),
        ("And on", True, "", " And on"),
        (" And on", True, "", " And on"),
        ("And on", True, " ", " And on"),
        ("、続く", False, "", "、続く"),
    ],
)
def test_a_text_follows_those_of_another_connection_behind_a_space(text: str, first: bool, joiner: str, whole: str):
    assert Turn(2, 0.0, text, first_of_connection=first).text_after(joiner) == whole
