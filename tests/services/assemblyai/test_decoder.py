"""What the core hears of AssemblyAI."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.assemblyai.examples import BEGIN, LATER, STREAMING, end, turn

from stt_monitor.core import events
from stt_monitor.core.events import Language
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.state_machine import TurnMachine
from stt_monitor.services.assemblyai import PROMISES, SERVICE
from stt_monitor.services.assemblyai.decoder import Decoder
from stt_monitor.services.assemblyai.families import LATER_MODEL, MODEL, MULTILINGUAL_MODEL
from stt_monitor.services.assemblyai.labels import label

STARTED = {"type": "SpeechStarted", "timestamp": 1100}


def heard(*messages: dict[str, Any], model: str = MODEL) -> list[events.Event]:
    """All events, without the likelihood."""
    decoder = Decoder(model)
    told = [event for each in messages for event in decoder.read(json.dumps(each)).events]
    return [event for event in told if not isinstance(event, events.Likelihood)]


def names(told: list[events.Event]) -> list[str]:
    return [type(event).__name__ for event in told]


def text_of(event: events.Event) -> str | None:
    assert isinstance(event, events.TurnEvent)
    return event.text


def test_the_examples_of_the_streaming_models():
    told = heard(*STREAMING)
    assert names(told) == [
        "Connected", "TurnStart", "TurnUpdate", "TurnUpdate", "EagerEnd", "TurnResume", "TurnUpdate", "EagerEnd",
        "TurnEnd", "TurnStart", "TurnUpdate", "TurnText", "TurnEnd", "ServiceError", "Finished",
    ]  # fmt: skip
    start, first, update, eager, resume, longer, _, last = told[1:9]
    assert isinstance(start, events.TurnStart)
    assert (start.derived, start.key) == (True, "0")
    assert [text_of(event) for event in (first, update, eager, longer, last)] == [
        "book", "book a tab", "book a table", "book a table for two", "book a table for two"
    ]  # fmt: skip
    assert isinstance(resume, events.TurnResume)
    assert resume.derived
    assert isinstance(longer, events.TurnUpdate)
    assert longer.languages == (Language("en", 0.9),)
    assert isinstance(last, events.TurnEnd)
    assert last.confidence == 0.7
    copy = told[11]
    assert isinstance(copy, events.TurnText)
    assert (copy.key, copy.text, copy.kind) == ("0", "Book a table for two.", events.TextKind.FORMATTED)


def test_words_have_times_and_the_open_tail_is_not_settled():
    update = heard(turn(0, "book a", "tab"))[1]
    assert isinstance(update, events.TurnUpdate)
    assert update.words == (
        events.Word("book", 1.2, 1.4, 0.98), events.Word("a", 1.5, 1.7, 0.98),
        events.Word("tab", 1.8, 2.0, 0.98, settled=False),
    )  # fmt: skip


def test_the_examples_of_the_later_models():
    told = heard(*LATER, model=LATER_MODEL)
    assert names(told) == ["Connected", "TurnStart", "TurnUpdate", "TurnUpdate", "TurnEnd"]
    start = told[1]
    assert isinstance(start, events.TurnStart)
    assert (start.derived, start.speech_start, start.key) == (False, 1.1, "0")
    assert [text_of(event) for event in told[2:]] == ["Book a-", "Book the table-", "Book the table."]
    assert {event.confidence for event in told[2:] if isinstance(event, events.TurnEvent)} == {None}  # it is a ramp


def test_a_pause_is_no_eager_end_where_the_model_tells_none():
    assert names(heard(turn(0, "Yes", utterance="Yes"), model=LATER_MODEL)) == ["TurnStart", "TurnUpdate"]


def test_no_text_opens_no_turn():
    assert heard(turn(0, ""), end(0, "")) == []
    assert names(heard(turn(0, ""), turn(0, "yes"), end(0, "yes"))) == ["TurnStart", "TurnUpdate", "TurnEnd"]


def test_the_end_alone_has_a_start_too():
    start, last = heard(end(0, "yes"))
    assert isinstance(start, events.TurnStart)
    assert start.derived
    assert text_of(last) == "yes"


def test_the_pause_may_be_the_end():
    told = heard(turn(0, "yes"), end(0, "yes", utterance="yes"))
    assert names(told) == ["TurnStart", "TurnUpdate", "TurnEnd"]


def test_a_pause_that_is_told_twice_counts_once():
    told = heard(turn(0, "yes", utterance="yes"), turn(0, "yes"), turn(0, "yes", utterance="yes"), end(0, "yes"))
    assert names(told) == ["TurnStart", "EagerEnd", "TurnEnd"]


def test_an_end_with_more_words_takes_the_pause_back():
    told = heard(turn(0, "yes", utterance="yes"), end(0, "yes please"))
    assert names(told) == ["TurnStart", "EagerEnd", "TurnResume", "TurnUpdate", "TurnEnd"]


def test_an_end_that_comes_formatted_at_once_confirms_the_pause():
    told = heard(
        turn(0, "yes please", utterance="yes please"),
        end(0, "Yes, please.", turn_is_formatted=True),
        model=MULTILINGUAL_MODEL,
    )
    assert names(told) == ["TurnStart", "EagerEnd", "TurnEnd"]


@pytest.mark.parametrize("later", [[], [turn(1, "no")], [turn(1, "no"), end(1, "no"), turn(2, "oh")]])
def test_a_formatted_copy_is_no_turn_however_late_it_comes(later: list[dict[str, Any]]):
    told = heard(turn(0, "yes"), end(0, "yes"), *later, end(0, "Yes.", turn_is_formatted=True))
    assert names(told).count("TurnStart") == 1 + sum(not each["end_of_turn"] for each in later)
    copy = told[-1]
    assert isinstance(copy, events.TurnText)
    assert copy.key == "0"


def test_what_trails_a_turn_without_ending_it_is_nothing():
    assert names(heard(end(0, "yes"), turn(0, "yes or no"))) == ["TurnStart", "TurnEnd"]


def test_the_first_end_is_the_end_whether_it_is_formatted_or_not():
    told = heard(turn(0, "Yes-"), end(0, "Yes.", turn_is_formatted=True), model=LATER_MODEL)
    assert names(told) == ["TurnStart", "TurnUpdate", "TurnEnd"]
    assert names(heard(turn(0, "yes", turn_is_formatted=True))) == ["TurnStart", "TurnUpdate"]


def test_settled_text_is_not_taken_back_but_the_tail_may_be():
    assert "Violation" not in names(heard(turn(0, "book", "the"), turn(0, "book", "a"), turn(0, "book a", "table")))
    taken_back = heard(turn(0, "book the"), turn(0, "book a"))
    assert isinstance(taken_back[2], events.Violation)
    assert taken_back[2].rule == "settled_text"
    assert "Violation" not in names(heard(turn(0, "book the"), turn(0, "cook a"), model=LATER_MODEL))
    assert "Violation" not in names(heard(end(0, "book the"), turn(1, "yes"), end(1, "yes")))


def test_a_second_start_before_any_text_is_the_same_start():
    told = heard(STARTED, STARTED | {"timestamp": 2000}, turn(0, "Yes"), model=LATER_MODEL)
    assert names(told) == ["TurnStart", "TurnUpdate"]
    assert [event.speech_start for event in told if isinstance(event, events.TurnEvent)] == [1.1, 2.0]


def test_a_start_while_a_turn_is_open_belongs_to_the_next():
    told = heard(
        STARTED, turn(0, "Yes"), STARTED | {"timestamp": 2500}, end(0, "Yes."), turn(1, "No"), model=LATER_MODEL
    )
    assert names(told) == ["TurnStart", "TurnUpdate", "TurnEnd", "TurnStart", "TurnUpdate"]
    late = told[3]
    assert isinstance(late, events.TurnStart)
    assert (late.key, late.derived) == ("1", True)  # it came before its turn could begin: no onset
    assert [event.speech_start for event in told if isinstance(event, events.TurnEvent)] == [1.1, 1.1, None, None, 2.5]


def test_a_start_is_that_of_the_next_turn_whatever_its_number():
    told = heard(STARTED, turn(4, "Yes"), end(4, "Yes."), end(4, "Yes!"), model=LATER_MODEL)
    assert names(told) == ["TurnStart", "TurnUpdate", "TurnEnd", "TurnText"]
    assert len({event.key for event in told if isinstance(event, events.TurnEvent)}) == 1


def test_a_turn_without_an_end_is_followed_by_the_next():
    machine = TurnMachine(PROMISES)
    told = heard(BEGIN, turn(0, "yes"), turn(1, "no"), end(1, "no"))
    steps = [machine.receive(event, 0) for event in told]
    assert [violation.rule for step in steps for violation in step.violations] == ["one_turn"]


def test_turns_without_a_number_are_taken_as_they_come():
    told = heard(*(each | {"turn_order": None} for each in (turn(0, "yes"), end(0, "yes"), turn(0, "no"))))
    assert names(told) == ["TurnStart", "TurnUpdate", "TurnEnd", "TurnStart", "TurnUpdate"]


@pytest.mark.parametrize(
    ("told", "asked", "said"),
    [
        ({"model": MODEL}, MODEL, ""),
        ({"model": f"{LATER_MODEL}-2026-11"}, LATER_MODEL, ""),
        ({"model": MODEL}, LATER_MODEL, f"the service uses {MODEL}, and ignores that {LATER_MODEL} was asked for"),
        ({"model": 7}, MODEL, ""),
        (None, MODEL, ""),
        ("odd", MODEL, ""),
    ],
)
def test_what_is_done_otherwise_is_said(told: object, asked: str, said: str):
    assert heard(BEGIN | {"configuration": told}, model=asked) == [events.Connected(difference=said)]


@pytest.mark.parametrize("frame", ["", "[]", b"\xff", '{"type":"Nonsense"}', "{}", '{"type":7}'])
def test_what_is_not_known_is_said_to_be(frame: str | bytes):
    (event,) = Decoder(MODEL).read(frame).events
    assert isinstance(event, events.Unknown | events.Unreadable)


@pytest.mark.parametrize("kind", ["Warning", "Heartbeat", "Silence", "SpeakerRevision", "LLMGatewayResponse"])
def test_what_says_nothing_of_turns_is_known(kind: str):
    assert heard({"type": kind}) == []


def test_an_error_needs_no_type():
    (error,) = heard({"error": "Sorry"})
    assert isinstance(error, events.ServiceError)
    assert (error.text, error.fatal) == ("Sorry", True)


@pytest.mark.parametrize("model", [MODEL, LATER_MODEL])
def test_the_confidence_of_the_end_is_the_likelihood_where_it_is_a_probability(model: str):
    decoder = Decoder(model)
    messages = [turn(0, "yes", end_of_turn_confidence=0.1), turn(0, "yes", end_of_turn_confidence=0.3)]
    read = [decoder.read(json.dumps(each)) for each in messages]
    told = [event for each in read for event in each.events if isinstance(event, events.Likelihood)]
    assert told == ([events.Likelihood(now=0.9), events.Likelihood(now=0.7)] if model == MODEL else [])
    decoder.read(json.dumps({"type": "x.likelihood", "points": [[1.0, 0.5]]}))
    assert not decoder.read(json.dumps(turn(0, "yes", end_of_turn_confidence=0.4))).events


def test_the_local_server_tells_its_likelihood():
    points = [[0.5, 0.25], [0.6, 2], ["x", 0.5], 7, [0.7, 1]]
    message = Decoder(MODEL).read(json.dumps({"type": "x.likelihood", "points": points, "lag": 0.1}))
    assert message.events == (events.Likelihood(((0.5, 0.25), (0.7, 1.0)), 0.1),)
    assert message.streams


@pytest.mark.parametrize("field", ["turn_order", "end_of_turn_confidence"])
@pytest.mark.parametrize("number", ["9" * 400, "-1", "1e400", "true", "null", "[1]", '"1"'])
def test_a_number_that_is_none_is_left_out(field: str, number: str):
    message = Decoder(MODEL).read(f'{{"type":"Turn","transcript":"hi","{field}":{number}}}')
    _, update = message.events
    assert isinstance(update, events.TurnUpdate)
    assert (update.text, update.key, update.confidence) == ("hi", "0", None)


ANYTHING = (
    st.none() | st.booleans() | st.integers(-1, 4) | st.floats() | st.text(max_size=3) | st.lists(st.text(max_size=2))
)
MESSAGES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["Turn"] * 8 + ["SpeechStarted"] * 2 + ["Begin", "Error", "Termination", "Heartbeat", "x.likelihood", "x"]
        )
    },
    optional={
        "turn_order": st.integers(0, 3) | ANYTHING,
        "transcript": st.sampled_from(["", "a", "a b", "b"]) | ANYTHING,
        "end_of_turn": st.booleans() | ANYTHING,
        "turn_is_formatted": st.booleans() | ANYTHING,
        "utterance": st.sampled_from(["", "a"]) | ANYTHING,
        "words": st.lists(
            st.fixed_dictionaries({}, optional={"text": ANYTHING, "start": ANYTHING, "word_is_final": ANYTHING})
            | ANYTHING,
            max_size=3,
        )
        | ANYTHING,
        "end_of_turn_confidence": st.floats(0, 1) | ANYTHING,
        "timestamp": ANYTHING,
        "configuration": ANYTHING,
        "error_code": st.sampled_from([1008, 3005, 3006, 3009]) | ANYTHING,
        "error": ANYTHING,
        "points": ANYTHING,
    },
)


@pytest.mark.parametrize("model", [MODEL, MULTILINGUAL_MODEL, LATER_MODEL, "u3-rt-pro", "whisper-rt"])
@given(messages=st.lists(MESSAGES, max_size=30))
def test_any_messages_leave_a_legal_state(model: str, messages: list[dict[str, Any]]):
    dialect = SERVICE.dialect(Settings(model))
    decoder, machine = dialect.decoder(), TurnMachine(dialect.promises)
    for wire in messages:
        label(wire)
        for event in decoder.read(json.dumps(wire)).events:
            step = machine.receive(event, 0)
            assert (step.state is State.IDLE) == (machine.turn is None)
            assert dialect.eager_ends or step.state is not State.EAGER_END
