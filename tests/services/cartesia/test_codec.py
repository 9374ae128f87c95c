import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.events import Language, Unknown, Unreadable
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.turns import EventRecord
from stt_monitor.services.cartesia.codec import (
    Connected,
    EagerEnd,
    KnownEvent,
    ServiceError,
    TurnEnd,
    TurnResume,
    TurnStart,
    TurnUpdate,
    encode,
    parse,
    wire_type,
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
known_events: st.SearchStrategy[KnownEvent] = st.one_of(
    st.builds(Connected, request_id=texts),
    st.builds(TurnStart, request_id=texts, turn_id=texts),
    st.builds(TurnUpdate, transcript=texts, request_id=texts, turn_id=texts),
    st.builds(EagerEnd, transcript=texts, request_id=texts),
    st.builds(TurnResume, request_id=texts),
    st.builds(TurnEnd, transcript=texts, request_id=texts, turn_id=texts),
    st.builds(ServiceError, status_code=st.integers(0, 599), title=texts, message=texts, error_code=texts),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("escaped", "shown"),
    [
        (r"a \ud800", "a \ufffd"),
        (r"\uDC00 b", "\ufffd b"),
        (r"\ud83d\ud83d\ude00 \ude00", "\ufffd\N{GRINNING FACE} \ufffd"),
        (r"\ud800\u0041", "\ufffdA"),
        (r"\\ud800 \\\ud800 \"\ud800\"", '\\\\ud800 \\\\\ufffd "\ufffd"'.replace("\\\\", "\\")),
    ],
)
@pytest.mark.parametrize("kind", ["turn.update", "turn.eager_end", "turn.end"])
def test_a_lone_surrogate_costs_no_event(kind: str, escaped: str, shown: str):
    text = f'{{"type":"{kind}","transcript":"{escaped}","x\\udfff":[{"9" * 5}]}}'
    for frame in (text, text.encode()):
        event, wire = parse(frame)
        assert event == type(event)(transcript=shown)  # type: ignore[call-arg]
        assert wire == json.loads(text)
        line = to_json(EventRecord(1.0, 1, "idle", wire))
        assert line.isascii() or "\N{GRINNING FACE}" in line
        line.encode()
        assert json.loads(line)["event"] == wire


@pytest.mark.parametrize("text", ["a", r"a\ud800b"])
@pytest.mark.parametrize(
    "number", ["1e999", "-1E+400", "9" * 5000, f"-{'1' * 20}", "0", "1.5", '{"deep":[1e999,null,true,"\u00e9"]}']
)
@pytest.mark.parametrize("before", ["", "\ufeff"])
def test_a_number_that_no_machine_has_costs_no_event(text: str, number: str, before: str):
    frame = f'{{"type":"turn.end","transcript":"{text}","conf":{number}}}'
    for payload in (before + frame, (before + frame).encode()):
        event, wire = parse(payload)
        assert event == TurnEnd(text.replace(r"\ud800", "\ufffd"))
        line = to_json(EventRecord(1.0, 1, "idle", wire))
        line.encode()
        if len(number) != 21:  # the quick reader makes a fraction of it
            assert f'"conf":{number}' in line


def test_texts_that_look_like_such_a_number_stay_texts():
    frame = r'{"type":"turn.end","a":"\ud800","b":"number 1","c":["number  2",1e999]}'
    line = to_json(EventRecord(1.0, 1, "idle", parse(frame)[1]))
    assert line.endswith(f'"event":{frame}}}')


def test_such_a_number_may_lie_deep():
    frame = '{"type":"turn.end","a\\ud800":' + "[" * 600 + "1e999" + "]" * 600 + "}"
    line = to_json(EventRecord(1.0, 1, "idle", parse(frame)[1]))
    assert "[[1e999]]" in line


@pytest.mark.parametrize("frame", ["\ufeff", "\ufeff[1e999]", '{"type":"turn.end","n":1e999', '{"n":1e999,"m":NaN}',
                                   '{"n":1e999,"m":-Infinity}', '\ufeff\ufeff{"type":"turn.end"}'])  # fmt: skip
def test_what_is_no_object_stays_so_beside_such_a_number(frame: str):
    assert isinstance(parse(frame)[0], Unreadable)


def test_beside_a_lone_surrogate_json_is_read_as_strictly_as_ever():
    for text in (r'{"type":"\ud800"', r'{"type":"\ud800","n":NaN}', r'{"type":"\ud800" "a"}', r'"\ud800\q"'):
        assert isinstance(parse(text)[0], Unreadable)
    assert parse(r'{"type":"turn.\ud800"}')[0] == Unknown("turn.\ufffd")
    assert parse(r'{"type":"error","message":"\ud800"}')[0] == ServiceError(message="\ufffd")


@given(known_events)
def test_what_the_server_writes_the_client_reads(event: KnownEvent):
    read, wire = parse(encode(event))
    assert read == event
    assert wire["type"] == wire_type(event)


def test_transcript_is_written_even_when_empty():
    # LiveKit's client indexes it without a default (protocol.md 5).
    for event in (TurnUpdate(), EagerEnd(), TurnEnd()):
        assert '"transcript":""' in encode(event)


def test_transcript_is_kept_to_the_letter():
    event, _ = parse('{"type":"turn.end","transcript":"  And a\\tcoffee. ","request_id":"r","turn_id":"2"}')
    assert event == TurnEnd("  And a\tcoffee. ", "r", "2")


def test_missing_unknown_and_mistyped_fields_are_tolerated():
    event, wire = parse('{"type":"turn.update","words":[{"word":"en"}],"request_id":7}')
    assert event == TurnUpdate()
    assert wire == {"type": "turn.update", "words": [{"word": "en"}], "request_id": 7}


def test_unknown_type_keeps_its_name():
    assert parse('{"type":"turn.dance"}') == (Unknown("turn.dance"), {"type": "turn.dance"})
    assert parse("{}") == (Unknown(""), {})
    assert parse('{"type":5}')[0] == Unknown("")


def test_error_of_an_older_api_version_carries_its_text_elsewhere():
    event, _ = parse('{"type":"error","error":"bad key","status_code":401,"error_code":null,"done":true}')
    assert event == ServiceError(status_code=401, message="bad key")


def test_error_with_a_status_that_is_no_number():
    for told in ("true", "null", "[401]", '"many"', '""', '"4011"', "4e1", "{}"):
        event, _ = parse(f'{{"type":"error","status_code":{told},"message":"no"}}')
        assert event == ServiceError(message="no")
    event, _ = parse('{"type":"error","status_code":"401","message":"no"}')
    assert event == ServiceError(401, message="no")
    assert parse('{"type":"error","status_code":true}')[0] == ServiceError()


@given(st.binary() | texts)
def test_any_frame_at_all_is_read_without_an_exception(frame: str | bytes):
    parse(frame)


@given(st.dictionaries(st.sampled_from(["type", "transcript", "request_id", "status_code", "title"]), json_values))
def test_any_object_at_all_is_read_without_an_exception(fields: dict[str, object]):
    import msgspec

    parse(msgspec.json.encode(fields))
    parse(msgspec.json.encode({**fields, "type": "turn.end"}))
    parse(msgspec.json.encode({**fields, "type": "error"}))


def test_no_object_is_unreadable():
    for frame in ("[1]", '"close"', "close", "", b"\xff\xfe", "[" * 100_000):
        event, wire = parse(frame)
        assert isinstance(event, Unreadable)
        assert event.reason
        assert wire == {}


def test_languages_are_read_as_far_as_they_can_be():
    told = '[{"language":"en","confidence":1},{"language":"fr"}]'
    event, _ = parse(f'{{"type":"turn.end","transcript":"a","languages":{told}}}')
    assert event == TurnEnd("a", languages=(Language("en", 1.0), Language("fr")))
    assert isinstance(event, TurnEnd)
    assert parse(encode(event))[0] == event
    for odd in ('"en"', "7", "null", '[["en"],7,{"language":3},{"confidence":0.5}]'):
        assert parse(f'{{"type":"turn.update","transcript":"a","languages":{odd}}}')[0] == TurnUpdate("a")
    mixed = '{"type":"turn.end","transcript":"a","turn_id":3,"languages":[{"language":"en"},{"language":null}]}'
    assert parse(mixed)[0] == TurnEnd("a", languages=(Language("en"),))


def test_where_nothing_is_said_of_languages_nothing_is_sent():
    assert "languages" not in encode(TurnEnd("a"))
