"""What the core hears of Cartesia's messages."""

import pytest

from stt_monitor.core import events
from stt_monitor.core.events import Connected, EagerEnd, ServiceError, TurnEnd, TurnResume, TurnStart, TurnUpdate
from stt_monitor.services.cartesia.decoder import Decoder


def read(*messages: str) -> list[tuple[events.Event, ...]]:
    decoder = Decoder()
    return [decoder.read(message).events for message in messages]


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ('{"type":"connected","request_id":"r"}', Connected()),
        ('{"type":"turn.start","turn_id":"7"}', TurnStart()),
        ('{"type":"turn.update","transcript":" a"}', TurnUpdate(" a")),
        ('{"type":"turn.update"}', TurnUpdate("")),
        ('{"type":"turn.eager_end","transcript":"a"}', EagerEnd("a")),
        ('{"type":"turn.resume"}', TurnResume()),
        ('{"type":"turn.end","transcript":"a b"}', TurnEnd("a b")),
        ('{"type":"turn.end","transcript":"a","languages":[{"language":"en"}]}',
         TurnEnd("a", languages=(events.Language("en"),))),
        ('{"type":"x.likelihood","points":[[0.1,0.5]],"lag":0.2}', events.Likelihood(((0.1, 0.5),), 0.2)),
        ('{"type":"turn.dance"}', events.Unknown("turn.dance")),
    ],
)  # fmt: skip
def test_each_message_is_one_neutral_event(message: str, event: events.Event):
    assert read(message) == [(event,)]
    decoded = Decoder().read(message.encode())
    assert decoded.events == (event,)
    assert decoded.wire["type"]
    assert decoded.streams is isinstance(event, events.Likelihood)


def test_what_is_no_object_has_none():
    decoded = Decoder().read("oops")
    assert [type(event) for event in decoded.events] == [events.Unreadable]
    assert decoded.wire == {}


@pytest.mark.parametrize(
    ("status", "passing", "busy", "refuses_settings"),
    [
        (0, True, False, True),
        (400, False, False, True),
        (422, False, False, True),
        (401, False, False, False),
        (404, False, False, False),
        (429, True, True, False),
        (503, True, True, False),
    ],
)
def test_the_status_of_an_error_says_what_may_be_done(
    status: int,
    passing: bool,
    busy: bool,
    refuses_settings: bool,
):
    message = f'{{"type":"error","status_code":{status},"title":"Title","message":"words"}}'
    ((first,), _, (later,)) = read(message, '{"type":"connected"}', message)
    told = ServiceError("Title: words", status, passing, busy, fatal=status != 0, refuses_settings=refuses_settings)
    assert first == told
    assert later == ServiceError("Title: words", status, passing, busy, refuses_settings=refuses_settings)


@pytest.mark.parametrize(
    ("fields", "text"),
    [('"title":"T"', "T"), ('"message":"m"', "m"), ('"error":"old"', "old"), ('"title":"T","error":"old"', "T: old")],
)
def test_an_error_says_all_that_it_has(fields: str, text: str):
    (((event),),) = read(f'{{"type":"error",{fields}}}')
    assert isinstance(event, ServiceError)
    assert event.text == text


@pytest.mark.parametrize("kind", ["connected", "turn.start", "turn.end", "error", "x.likelihood"])
def test_another_request_id_on_one_connection_breaks_g9_once(kind: str):
    heard = read(
        '{"type":"connected","request_id":"a"}',
        '{"type":"turn.start"}',
        f'{{"type":"{kind}","request_id":"b"}}',
        '{"type":"turn.update","request_id":"b"}',
        '{"type":"turn.dance","request_id":"c"}',
    )
    slips = [[event.rule for event in told if isinstance(event, events.Violation)] for told in heard]
    assert slips == [[], [], ["G9"], [], []]
    assert len(heard[2]) == 2
