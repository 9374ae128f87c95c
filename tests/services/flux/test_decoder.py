"""What the core hears of Deepgram Flux."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.flux.examples import EXAMPLES, turn_info

from stt_monitor.core import events
from stt_monitor.core.dialect import Message
from stt_monitor.core.events import Language, Trigger
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.state_machine import TurnMachine
from stt_monitor.services.flux import SERVICE
from stt_monitor.services.flux.decoder import TURN_EVENTS, Decoder
from stt_monitor.services.flux.labels import label

PROMISES = SERVICE.dialect(Settings()).promises


def heard(*messages: dict[str, Any]) -> list[events.Event]:
    """All events, without the likelihood."""
    decoder = Decoder()
    told = [event for each in messages for event in decoder.read(json.dumps(each)).events]
    return [event for event in told if not isinstance(event, events.Likelihood)]


def test_the_examples():
    told = heard(*EXAMPLES)
    assert [type(event).__name__ for event in told] == [
        "Connected", "TurnStart", "TurnUpdate", "EagerEnd", "TurnResume", "TurnUpdate", "SettingsApplied",
        "ServiceError", "EagerEnd", "TurnEnd", "ServiceError",
    ]  # fmt: skip
    update, end = told[2], told[9]
    assert isinstance(update, events.TurnUpdate)
    assert (update.text, update.key) == ("Book a", "2")
    assert update.at == pytest.approx(9.85)
    assert update.languages == (Language("en"), Language("es"))
    assert isinstance(end, events.TurnEnd)
    assert (end.text, end.trigger, end.confidence) == ("Book a table for two.", Trigger.MODEL, 0.81)
    assert told[6] == events.SettingsApplied({"eot_threshold": 0.7})
    refused, fatal = told[7], told[10]
    assert isinstance(refused, events.ServiceError)
    assert (refused.text, refused.refuses_settings, refused.fatal) == ("INVALID_THRESHOLD: no", True, False)
    assert isinstance(fatal, events.ServiceError)
    assert (fatal.fatal, fatal.passing, fatal.refuses_settings) == (True, True, False)


def read(wire: dict[str, Any]) -> Message:
    return Decoder().read(json.dumps(wire))


def test_what_only_the_clock_says_is_progress():
    message = read(turn_info("Update", 0, ""))
    assert message.streams
    ((at, likelihood),) = [point for event in message.events if isinstance(event, events.Likelihood)
                           for point in event.points]  # fmt: skip
    assert at == 9.1
    assert likelihood == pytest.approx(0.45)
    assert not read(turn_info("StartOfTurn", 0, "Book")).streams


def test_a_turn_that_ends_without_a_start_is_given_one_at_the_same_time():
    start, end = heard(turn_info("EndOfTurn", 0, "Yes.", trigger="timeout"))
    assert isinstance(start, events.TurnStart)
    assert isinstance(end, events.TurnEnd)
    assert (start.at, start.key, end.text, end.trigger) == (end.at, end.key, "Yes.", Trigger.TIMEOUT)
    assert heard(turn_info("EndOfTurn", 0, "")) == []


def test_text_without_a_start_opens_a_turn_once():
    told = heard(turn_info("Update", 0, "Book"), turn_info("Update", 1, "Book a"))
    assert [type(event) for event in told] == [events.TurnStart, events.TurnUpdate, events.TurnUpdate]
    assert isinstance(told[0], events.TurnStart)
    assert told[0].derived


def test_a_turn_that_has_ended_is_not_opened_again():
    end = turn_info("EndOfTurn", 1, "Yes.")
    told = heard(turn_info("StartOfTurn", 0, "Yes"), end, turn_info("Update", 2, "Yes."))
    assert [type(event) for event in told] == [events.TurnStart, events.TurnEnd, events.Repeat]


def test_text_may_be_revised():
    machine = TurnMachine(PROMISES)
    for event in heard(*EXAMPLES):
        assert machine.receive(event, 0).violations == ()


def test_a_hole_in_the_numbers_is_a_lost_message():
    told = heard(EXAMPLES[0], turn_info("StartOfTurn", 3, "Yes"), turn_info("Update", 4, "Yes, please"))
    assert told[1] == events.Violation("sequence_id", "3 came in the place of 1")
    assert sum(isinstance(event, events.Violation) for event in told) == 1


@pytest.mark.parametrize("trigger", ["fate", None, 7])
def test_an_unknown_trigger_is_no_reason(trigger: object):
    *_, end = heard(turn_info("EndOfTurn", 0, "Yes.", trigger=trigger))
    assert isinstance(end, events.TurnEnd)
    assert end.trigger is None


@pytest.mark.parametrize(
    "frame", ["", "[]", b"\xff", '{"type":"Nonsense"}', '{"type":"TurnInfo","event":"Pause"}', "{}"]
)
def test_what_is_not_known_is_said_to_be(frame: str | bytes):
    (event,) = Decoder().read(frame).events
    assert isinstance(event, events.Unknown | events.Unreadable)


ANYTHING = (
    st.none() | st.booleans() | st.integers(-1, 4) | st.floats() | st.text(max_size=3) | st.lists(st.text(max_size=2))
)
MESSAGES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["TurnInfo"] * 8 + ["Connected", "Error", "ConfigureSuccess", "ConfigureFailure", "Warning", "x"]
        )
    },
    optional={
        "event": st.sampled_from([*TURN_EVENTS, "x"]),
        "turn_index": st.integers(0, 2) | ANYTHING,
        "transcript": st.sampled_from(["", "a", "a b", "b"]) | ANYTHING,
        "sequence_id": ANYTHING,
        "audio_window_end": ANYTHING,
        "end_of_turn_confidence": st.floats(0, 1) | ANYTHING,
        "trigger": st.sampled_from(["model", "x"]) | ANYTHING,
        "languages": ANYTHING,
        "description": ANYTHING,
    },
)


@given(st.lists(MESSAGES, max_size=30))
def test_any_messages_leave_a_legal_state(messages: list[dict[str, Any]]):
    decoder, machine = Decoder(), TurnMachine(PROMISES)
    last = 0.0
    for wire in messages:
        label(wire)
        for event in decoder.read(json.dumps(wire)).events:
            step = machine.receive(event, 0)
            assert (step.state is State.IDLE) == (machine.turn is None)
            if isinstance(event, events.Likelihood):
                ((at, likelihood),) = event.points
                assert at >= last
                assert 0 <= likelihood <= 1
                last = at


@pytest.mark.parametrize("field", ["sequence_id", "turn_index", "audio_window_end", "end_of_turn_confidence"])
@pytest.mark.parametrize(
    "number", ["9" * 400, "9" * 5000, "-1", "-" + "9" * 400, "1e400", "true", "null", "[1]", '"1"']
)
def test_a_number_that_is_none_is_left_out(field: str, number: str):
    message = Decoder().read(f'{{"type":"TurnInfo","event":"StartOfTurn","transcript":"hi","{field}":{number}}}')
    (start,) = [event for event in message.events if not isinstance(event, events.Unreadable)]
    assert isinstance(start, events.TurnStart)
    assert (start.text, start.key, start.at, start.confidence) == ("hi", "", None, None)


@pytest.mark.parametrize(("told", "lag"), [("0.25", 0.25), ("-1", None), ("9" * 400, None), ('"1"', None)])
def test_how_far_the_local_server_is_behind(told: str, lag: float | None):
    message = Decoder().read(f'{{"type":"x.lag","sequence_id":0,"lag":{told}}}')
    assert message.events == (events.Likelihood(lag=lag),)
    assert message.streams
