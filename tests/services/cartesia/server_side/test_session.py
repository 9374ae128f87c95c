"""A session as the service holds it: events, errors and closes as they go over the wire (protocol.md 5-10)."""

import json
from typing import Any

import pytest

from stt_monitor.services.cartesia.server_side import SERVER_SIDE
from stt_monitor.services.server_side import (
    Configure,
    Configured,
    Farewell,
    Finish,
    Head,
    RejectedError,
    Rejection,
    Session,
    Thresholds,
    Trace,
    TurnKind,
    TurnSignal,
)

QUERY = "model=ink-2&encoding=pcm_mulaw&sample_rate=8000&turn_start_threshold=0.7&keyterm=a"


def session(query: str = QUERY) -> Session:
    return SERVER_SIDE.open(Head(f"/stt/turns/websocket?{query}"), "R")


def written(held: Session, kind: TurnKind, turn: int, text: str = "") -> str:
    (message,) = held.write(TurnSignal(kind, turn, 1.0, text))
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
    assert written(held, TurnKind.START, 1) == '{"type":"turn.start","request_id":"R","turn_id":"1"}'
    expected = '{"type":"turn.update","transcript":"My","request_id":"R","turn_id":"1"}'
    assert written(held, TurnKind.UPDATE, 1, "My") == expected
    assert json.loads(written(held, TurnKind.EAGER_END, 1, "My"))["type"] == "turn.eager_end"
    assert written(held, TurnKind.RESUME, 1, "My") == '{"type":"turn.resume","request_id":"R","turn_id":"1"}'
    expected = '{"type":"turn.end","transcript":"My number.","request_id":"R","turn_id":"1"}'
    assert written(held, TurnKind.END, 1, "My number.") == expected
    (trace,) = held.write(Trace(((0.5, 1.0),), 0.25))
    assert trace == '{"type":"x.likelihood","points":[[0.5,1.0]],"request_id":"R","lag":0.25}'


def test_concatenated_turns_read_right() -> None:
    held = session()
    ends = [json.loads(written(held, TurnKind.END, n, text)) for n, text in enumerate(("", "Yes.", "", "And tea."))]
    assert "".join(end["transcript"] for end in ends) == "Yes. And tea."
    assert json.loads(written(held, TurnKind.UPDATE, 5, "So"))["transcript"] == " So"
    assert json.loads(written(held, TurnKind.UPDATE, 5))["transcript"] == ""


def test_binary_frames_are_audio_and_text_frames_commands() -> None:
    held = session()
    before = thresholds_of(held)
    assert held.read(b"{") == b"{"
    assert held.read('{"type":"close"}') == Finish()
    changed = held.read('{"type":"config","turn":{"end_timeout_ms":700}}')
    assert isinstance(changed, Configure)
    assert (changed.thresholds.start, changed.thresholds.end_timeout_ms) == (before.start, 700)
    assert held.read('{"type":"config"}') == changed
    assert list(held.write(Configured(changed.turn))) == []  # success is silent


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
