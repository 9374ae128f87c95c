"""Requests for speech (protocol.md 15)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.services.base import Audio
from stt_monitor.services.cartesia.server_side.speech import read_speech_request
from stt_monitor.services.server_side import RejectedError, SpeechRequest

RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}


def body(**changes: object) -> bytes:
    asked: dict[str, object] = {"model_id": "sonic-latest", "transcript": "Hello.", "output_format": RAW}
    return json.dumps(asked | changes).encode()


@pytest.mark.parametrize("voice", ["6ccbfb76", {"id": "6ccbfb76"}, {"mode": "id", "id": "6ccbfb76"}, None])
def test_every_shape_of_voice(voice: object) -> None:
    assert read_speech_request(body(voice=voice)) == SpeechRequest(
        "Hello.", Audio("pcm_s16le", 16_000), wav=False, content_type="audio/raw"
    )


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"transcript": " "}, "Invalid transcript"),
        ({"transcript": "a" * 2001}, "Invalid transcript"),
        ({"transcript": 5}, "Invalid request"),
        ({"output_format": None}, "Invalid request"),
        ({"output_format": RAW | {"container": "mp3"}}, "Unsupported output format"),
        ({"output_format": RAW | {"encoding": "pcm_s32le"}}, "Unsupported output format"),
        ({"output_format": RAW | {"sample_rate": 16_001}}, "Unsupported output format"),
    ],
)
def test_what_is_refused(changes: dict[str, object], title: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        read_speech_request(body(**changes))
    assert (refusal.value.rejection.status, refusal.value.rejection.title) == (400, title)


@given(st.binary() | st.text().map(str.encode))
def test_whatever_the_body_it_is_read_or_refused(raw: bytes) -> None:
    try:
        read_speech_request(raw)
    except RejectedError:
        return


def test_a_wav_file_is_asked_for() -> None:
    request = read_speech_request(body(output_format=RAW | {"container": "wav"}))
    assert (request.wav, request.content_type) == (True, "audio/wav")
