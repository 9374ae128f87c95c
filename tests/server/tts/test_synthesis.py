"""`POST /tts/bytes` (protocol.md 15)."""

import io
import json
import wave
from typing import Any

import numpy as np
import pytest
from tests.server.stand_in import Start, tone
from tests.server.test_server_http import ask

from stt_monitor.audio.formats import Encoding, Samples, decode
from stt_monitor.server.server import LocalServer
from stt_monitor.server.tts.audio import WAVE_FORMATS, write_audio
from stt_monitor.server.tts.voice import Voice
from stt_monitor.services.base import Audio
from stt_monitor.services.cartesia.server_side.speech import ENCODINGS, RATES
from stt_monitor.services.server_side import SpeechRequest

RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}


def request(encoding: Encoding, rate: int, *, wav: bool = False) -> SpeechRequest:
    return SpeechRequest("x", Audio(encoding.value, rate), wav, "audio/raw")


def body(**changes: object) -> bytes:
    asked: dict[str, object] = {
        "model_id": "sonic-latest",
        "transcript": "Hello.",
        "output_format": RAW,
        "language": "en",
    }
    return json.dumps(asked | changes).encode()


def test_all_that_may_be_asked_for_can_be_written() -> None:
    assert {Encoding(name) for name in ENCODINGS} == set(WAVE_FORMATS)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("encoding", [Encoding.PCM_S16LE, Encoding.PCM_F32LE, Encoding.PCM_MULAW, Encoding.PCM_ALAW])
def test_audio_comes_in_the_form_asked_for(encoding: Encoding, rate: int) -> None:
    data = write_audio(tone(0.5, 24_000), 24_000, request(encoding, rate))
    expected, written = tone(0.5, rate), decode(data, encoding)
    assert abs(len(written) - len(expected)) <= 1
    inner = slice(rate // 10, len(expected) - rate // 10)  # a resampler's edges are its own
    assert np.abs(written[inner] - expected[inner]).max() < 0.02


def test_a_wav_file() -> None:
    data = write_audio(tone(0.5, 24_000), 24_000, request(Encoding.PCM_S16LE, 8000, wav=True))
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert abs(file.getnframes() - 4000) <= 1


async def post(server: LocalServer, what: bytes) -> Any:  # noqa: ANN401  the reply of the other tests
    return await ask(server, b"POST /tts/bytes HTTP/1.1", what)


@pytest.mark.slow
async def test_speech_over_http(start: Start) -> None:
    reply = await post(await start(), body())
    assert (reply.status, reply.headers["content-type"]) == (200, "audio/raw")
    samples = decode(reply.body, Encoding.PCM_S16LE)
    assert 0.3 < len(samples) / 16_000 < 3
    assert np.abs(samples).max() > 0.05


async def test_without_the_optional_part(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Voice, "is_installed", lambda _: False)
    reply = await post(await start(), body())
    assert reply.status == 501
    assert "'.[tts]'" in reply.json()["message"]


async def test_a_failure_inside_is_told_without_its_details(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Voice, text: str) -> Samples:
        raise RuntimeError(f"/secret {text}")

    monkeypatch.setattr(Voice, "speak", fail)
    reply = await post(await start(), body())
    assert reply.status == 500
    assert b"secret" not in reply.body
