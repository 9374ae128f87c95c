"""What the core hears of Mistral Voxtral."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.voxtral.examples import EXAMPLES, SESSION, delta, turn

from stt_monitor.core import events
from stt_monitor.core.events import Language, Trigger
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.state_machine import TurnMachine
from stt_monitor.services.voxtral import SERVICE
from stt_monitor.services.voxtral.decoder import TURN_EVENTS, Decoder
from stt_monitor.services.voxtral.labels import label

PROMISES = SERVICE.dialect(Settings()).promises


def heard(*messages: dict[str, Any]) -> list[events.Event]:
    decoder = Decoder()
    return [event for each in messages for event in decoder.read(json.dumps(each)).events]


def texts(told: list[events.Event]) -> list[tuple[str, str | None, str]]:
    """Name, text and key of each event of a turn."""
    return [(event.name, event.text, event.key) for event in told if isinstance(event, events.TurnEvent)]


def test_the_examples():
    told = heard(*EXAMPLES)
    assert [type(event).__name__ for event in told] == [
        "Connected", "TurnStart", "TurnUpdate", "EagerEnd", "TurnResume", "TurnUpdate", "EagerEnd", "TurnEnd",
        "TurnText", "TurnStart", "TurnEnd", "Finished", "ServiceError", "ServiceError",
    ]  # fmt: skip
    start, late, eager, end = told[1], told[8], told[6], told[7]
    assert isinstance(start, events.TurnStart)
    assert (start.text, start.at, start.key, start.derived) == (None, 1.84, "1", False)
    assert isinstance(eager, events.EagerEnd)
    assert (eager.text, eager.languages) == ("Book a table", (Language("en"),))
    assert isinstance(end, events.TurnEnd)
    assert (end.text, end.at, end.trigger) == ("Book a table", 4.9, Trigger.MODEL)
    assert isinstance(late, events.TurnText)
    assert (late.text, late.key, late.kind, late.last) == (
        "Book a table for two.", "1", events.TextKind.FINAL, False,
    )  # fmt: skip
    phantom = told[10]
    assert isinstance(phantom, events.TurnEnd)
    assert (phantom.text, phantom.key, phantom.trigger) == (None, "2", Trigger.TIMEOUT)


def test_the_examples_break_no_promise():
    machine = TurnMachine(PROMISES)
    for event in heard(*EXAMPLES):
        assert machine.receive(event, 0).violations == ()


def test_pieces_go_to_the_open_turn_and_between_two_turns_to_the_one_that_ended():
    told = heard(
        turn("start", 1), delta("One"), turn("end", 2, end_reason="threshold"), delta(" two"), delta(" three."),
        turn("start", 3), delta(" Four"), turn("end", 4, end_reason="threshold"), delta("."),
    )  # fmt: skip
    assert texts(told) == [
        ("turn.start", None, "1"), ("turn.update", "One", "1"), ("turn.end", "One", "1"),
        ("turn.text", "One two", "1"), ("turn.text", "One two three.", "1"),
        ("turn.start", None, "2"), ("turn.update", " Four", "2"), ("turn.end", " Four", "2"),
        ("turn.text", " Four.", "2"),
    ]  # fmt: skip


def test_spaces_alone_are_no_text_and_may_belong_to_the_next_turn():
    told = heard(
        turn("start", 1), delta(" "), delta("One."), turn("end", 2, end_reason="threshold"), delta(" "),
        turn("start", 3), delta("Two."), turn("end", 4, end_reason="threshold"),
    )  # fmt: skip
    assert texts(told) == [
        ("turn.start", None, "1"), ("turn.update", " One.", "1"), ("turn.end", " One.", "1"),
        ("turn.start", None, "2"), ("turn.update", " Two.", "2"), ("turn.end", " Two.", "2"),
    ]  # fmt: skip


def test_what_comes_before_the_first_turn_is_its_text():
    assert texts(heard(delta("Book"), turn("start", 1), delta(" a"))) == [
        ("turn.start", "Book", "1"), ("turn.update", "Book a", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("last", "trigger"),
    [({"type": "transcription.done"}, Trigger.CLOSED), (turn("end", 2, end_reason="timeout"), Trigger.TIMEOUT)],
)
def test_text_that_no_turn_took_is_one_with_a_derived_start(last: dict[str, Any], trigger: Trigger):
    start, end, *_ = heard(delta("Book"), delta(" a"), last)
    assert isinstance(start, events.TurnStart)
    assert isinstance(end, events.TurnEnd)
    assert (start.derived, end.text, end.trigger, start.key) == (True, "Book a", trigger, end.key)


def test_an_end_without_a_start_repeats_no_text():
    told = heard(turn("start", 1), delta("One."), *2 * [turn("end", 2, end_reason="threshold")])
    assert texts(told)[-1] == ("turn.end", None, "")
    machine = TurnMachine({})
    ended = [turn for event in told for turn in machine.receive(event, 0).ended]
    assert [turn.transcript for turn in ended] == ["One."]


def test_the_session_is_ready_once():
    updated = EXAMPLES[1]
    (connected,) = heard(EXAMPLES[0], updated, updated)
    assert isinstance(connected, events.Connected)
    assert connected.in_force == {
        name: value for name, value in updated["session"]["turn_detection"].items() if value is not None
    }


@pytest.mark.parametrize(
    ("session", "told"),
    [
        ({**SESSION, "turn_detection": None}, True),
        ({"request_id": "r"}, True),
        ({"turn_detection": {}}, False),
        (SESSION, False),
        (None, False),
    ],
)
def test_a_session_without_turns_is_said_to_be_one(session: object, told: bool):
    (connected,) = heard({"type": "session.updated", "session": session})
    assert isinstance(connected, events.Connected)
    assert connected.difference == told * "the service ignores that turns were asked for: check the model"


@pytest.mark.parametrize("reason", ["fate", None, 7, ["threshold"]])
def test_an_unknown_reason_is_none(reason: object):
    end = heard(turn("start", 1), turn("end", 2, end_reason=reason))[1]
    assert isinstance(end, events.TurnEnd)
    assert end.trigger is None


@pytest.mark.parametrize(
    ("error", "text", "passing", "busy"),
    [
        ({"message": "bad", "code": 3051}, "bad", False, False),
        ({"message": {"detail": "bad"}, "code": 3051}, "bad", False, False),
        ({"message": {"loc": ["x"]}, "code": 3051}, '{"loc":["x"]}', False, False),
        ({"message": {"detail": [{"loc": 1}]}, "code": 3051}, '[{"loc":1}]', False, False),
        ({"message": "slow down", "code": 1300}, "slow down", True, True),
        ({"message": "down", "code": 503}, "down", True, True),
        ({"message": "bad", "code": 422}, "bad", False, False),
        ({"message": "what", "code": 7}, "what", True, False),
        ({"message": "what"}, "what", True, False),
        ({"message": 7, "code": "x"}, "", True, False),
        ("bad", "", True, False),
    ],
)
def test_errors_end_the_session_and_say_whether_to_try_again(error: object, text: str, passing: bool, busy: bool):
    (told,) = heard({"type": "error", "error": error})
    assert isinstance(told, events.ServiceError)
    assert (told.text, told.passing, told.busy, told.fatal) == (text, passing, busy, True)


@pytest.mark.parametrize("frame", ["", "[]", b"\xff", '{"type":"Nonsense"}', '{"type":["turn.start"]}', "{}"])
def test_what_is_not_known_is_said_to_be(frame: str | bytes):
    (event,) = Decoder().read(frame).events
    assert isinstance(event, events.Unknown | events.Unreadable)


def test_positions_never_go_back():
    told = heard(turn("start", 3), turn("eager_end", 2), turn("resume", 4), turn("end", -5, end_reason="threshold"))
    assert [event.at for event in told if isinstance(event, events.TurnEvent)] == [3, None, 4, None]


def test_a_new_connection_counts_from_its_own_first_audio():
    for _ in range(2):
        assert [event.at for event in heard(turn("start", 3)) if isinstance(event, events.TurnEvent)] == [3]


@pytest.mark.parametrize("number", ["9" * 400, "-1", "1e400", "true", "null", "[1]", '"1"'])
def test_a_time_that_is_none_is_left_out(number: str):
    (start,) = Decoder().read(f'{{"type":"turn.start","time_s":{number}}}').events
    assert isinstance(start, events.TurnStart)
    assert start.at is None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"points": [[0.1, 0.5]], "lag": 0.25}, events.Likelihood(((0.1, 0.5),), 0.25)),
        ({"points": [[0.1, 0.5], 7]}, events.Likelihood()),
    ],
)
def test_what_the_local_server_adds(fields: dict[str, Any], told: events.Likelihood):
    message = Decoder().read(json.dumps({"type": "x.likelihood", **fields}))
    assert message.events == (told,)
    assert message.streams


ANYTHING = (
    st.none() | st.booleans() | st.integers(-1, 4) | st.floats() | st.text(max_size=3) | st.lists(st.text(max_size=2))
)
MESSAGES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            [
                *3 * [*TURN_EVENTS, "transcription.text.delta"], "session.created", "session.updated", "error",
                "transcription.done", "transcription.language", "transcription.segment", "x.likelihood", "x",
            ]
        )
    },
    optional={
        "text": st.sampled_from(["", " ", "a", " b"]) | ANYTHING,
        "time_s": st.floats(0, 9) | ANYTHING,
        "end_reason": st.sampled_from(["threshold", "x"]) | ANYTHING,
        "audio_language": ANYTHING,
        "session": ANYTHING | st.just({"request_id": "r"}),
        "error": ANYTHING | st.fixed_dictionaries({}, optional={"message": ANYTHING, "code": ANYTHING}),
        "points": ANYTHING,
    },
)  # fmt: skip


@given(st.lists(MESSAGES, max_size=30))
def test_any_messages_leave_a_legal_state_and_every_piece_in_one_turn(messages: list[dict[str, Any]]):
    decoder, machine = Decoder(), TurnMachine(PROMISES)
    ended: dict[str, str] = {}
    last = 0.0
    for wire in messages:
        label(wire)
        for event in decoder.read(json.dumps(wire)).events:
            step = machine.receive(event, 0)
            assert (step.state is State.IDLE) == (machine.turn is None)
            ended |= {turn.key: turn.transcript for turn in step.ended}
            if isinstance(event, events.TurnText):
                assert (event.text or "").startswith(ended[event.key])
                ended[event.key] = event.text or ""
            if isinstance(event, events.TurnEvent) and event.at is not None:
                assert event.at >= last
                last = event.at
    pieces = [text for wire in messages if wire["type"] == "transcription.text.delta"
              and isinstance(text := wire.get("text"), str)]  # fmt: skip
    kept = "".join(ended.values()) + (machine.turn.transcript if machine.turn is not None else "")
    if machine.turn is not None or ended:
        assert "".join(kept.split()) == "".join("".join(pieces).split())
