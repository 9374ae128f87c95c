"""A session as the service holds it: events, errors and closes as they go over the wire (protocol.md 5-10)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.events import (
    EagerEnd,
    Likelihood,
    ServiceError,
    TurnEnd,
    TurnEvent,
    TurnResume,
    TurnStart,
    TurnUpdate,
)
from stt_monitor.services.cartesia.decoder import Decoder
from stt_monitor.services.cartesia.server_side import SERVER_SIDE
from stt_monitor.services.server_side import (
    Configure,
    Done,
    Farewell,
    Finish,
    Head,
    RejectedError,
    Rejection,
    Session,
    Signal,
    Thresholds,
    Visit,
)

QUERY = "model=ink-2&encoding=pcm_mulaw&sample_rate=8000&turn_start_threshold=0.7&keyterm=a"


def session(query: str = QUERY) -> Session:
    return SERVER_SIDE.open(Head(f"/stt/turns/websocket?{query}"), Visit("R"))


def written(held: Session, signal: Signal) -> str:
    (message,) = held.write(signal)
    return message


def thresholds_of(held: Session) -> Thresholds:
    parameters = held.open().parameters
    assert parameters is not None
    return parameters.thresholds


def test_it_begins_with_connected() -> None:
    opening = session().open()
    assert opening.texts == ('{"type":"connected","request_id":"R"}',)
    parameters = opening.parameters
    assert parameters is not None
    assert (parameters.audio.encoding, parameters.audio.sample_rate) == ("pcm_mulaw", 8000)
    assert (parameters.thresholds.start, parameters.thresholds.end_timeout_ms) == (0.7, 5600)
    assert (parameters.keyterms, parameters.trace) == (("a",), False)


def test_each_signal_is_an_event() -> None:
    held = session()
    start = '{"type":"turn.start","request_id":"R","turn_id":"1"}'
    assert written(held, TurnStart(None, "1", 0.5)) == start
    update = '{"type":"turn.update","transcript":"My","request_id":"R","turn_id":"1"}'
    assert written(held, TurnUpdate("My", "1", 1)) == update
    eager = '{"type":"turn.eager_end","transcript":"My","request_id":"R","turn_id":"1"}'
    assert written(held, EagerEnd("My", "1", 2)) == eager
    assert written(held, TurnResume(None, "1", 3)) == start.replace("start", "resume")
    end = '{"type":"turn.end","transcript":"My number.","request_id":"R","turn_id":"1"}'
    assert written(held, TurnEnd("My number.", "1", 4)) == end
    trace = '{"type":"x.likelihood","points":[[0.5,1.0]],"request_id":"R","lag":0.25}'
    assert written(held, Likelihood(((0.5, 1.0),), 0.25)) == trace


def test_concatenated_turns_read_right() -> None:
    held = session()
    texts = [json.loads(written(held, TurnEnd(text)))["transcript"] for text in ("", "Yes.", "", "And tea.")]
    assert "".join(texts) == "Yes. And tea."
    assert json.loads(written(held, TurnUpdate("So")))["transcript"] == " So"
    assert json.loads(written(held, TurnUpdate("")))["transcript"] == ""


KINDS: tuple[type[TurnEvent], ...] = (TurnStart, TurnUpdate, EagerEnd, TurnResume, TurnEnd)


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.text(st.characters(codec="utf-8")))))
def test_what_the_server_writes_the_client_reads(told: list[tuple[type[TurnEvent], str]]) -> None:
    held, decoder = session(), Decoder()
    for kind, text in told:
        (read,) = decoder.read(written(held, kind(text.strip(), "1"))).events
        assert type(read) is kind
        if kind not in (TurnStart, TurnResume):
            assert isinstance(read, TurnEvent)
            assert (read.text or "").strip() == text.strip()
    (error,) = decoder.read(*held.report(Rejection("Title", "Message."))).events
    assert isinstance(error, ServiceError)
    assert error.status == 400


def test_binary_frames_are_audio_and_text_frames_commands() -> None:
    held = session()
    before = thresholds_of(held)
    assert held.read(b"{") == b"{"
    assert held.read('{"type":"close"}') == Finish()
    changed = held.read('{"type":"config","turn":{"end_timeout_ms":700}}')
    assert isinstance(changed, Configure)
    assert (changed.thresholds.start, changed.thresholds.end_timeout_ms) == (before.start, 700)
    assert held.read('{"type":"config"}') == changed
    assert list(held.write(Done(changed))) == []  # success is silent


def test_a_refused_config_changes_nothing() -> None:
    held = session()
    before = thresholds_of(held)
    with pytest.raises(RejectedError):
        held.read('{"type":"config","turn":{"end_timeout_ms":1,"start_threshold":0.9}}')
    unchanged = held.read('{"type":"config"}')
    assert isinstance(unchanged, Configure)
    assert unchanged.thresholds == before


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 1008, {"status_code": 400}),
        (408, 1001, None),
        (429, 1013, {"status_code": 429, "error_code": "concurrency_limited"}),
        (500, 1011, {"status_code": 500}),
    ],
)
def test_why_it_ends(status: int, code: int, error: dict[str, Any] | None) -> None:
    farewell = session().close(Rejection("Title", "Message.", status))
    assert (farewell.code, farewell.reason) == (code, "Title")
    told = [json.loads(text) for text in farewell.texts]
    common = {"type": "error", "title": "Title", "message": "Message.", "request_id": "R"}
    assert told == ([] if error is None else [common | error])


def test_a_client_that_has_finished_is_not_told_why() -> None:
    assert session().close() == Farewell((), 1000, "")
