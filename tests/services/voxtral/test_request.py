import base64
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.services.voxtral.examples import EXAMPLES, delta

from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import ENCODINGS, Audio, Site
from stt_monitor.services.voxtral import SERVICE

SITE = Site("wss://api.mistral.ai/v1/audio/transcriptions/realtime", key="secret")
AUDIO = Audio("pcm_s16le", 16_000)


def test_only_what_is_set_is_asked_for():
    turn = TurnSettings(end_threshold=0.2, min_silence_ms=300.0)
    asked = SERVICE.request(SITE, Settings(keyterms=("La Roche", "c"), turn=turn, language_hints=("fr",)), AUDIO)
    assert parse_qsl(urlsplit(asked.url).query) == [("model", "voxtral-mini-transcribe-realtime-3")]
    assert asked.headers == {"Authorization": "Bearer secret"}
    (update,) = asked.messages
    assert json.loads(update) == {
        "type": "session.update",
        "session": {
            "audio_format": {"encoding": "pcm_s16le", "sample_rate": 16_000}, "language": "fr",
            "context_bias": ["La Roche", "c"], "turn_detection": {"end_threshold": 0.2, "min_silence_ms": 300},
        },
    }  # fmt: skip
    assert '"min_silence_ms":300}' in update  # milliseconds are whole numbers there
    assert "secret" not in update


def test_turns_are_asked_for_even_where_nothing_is_set():
    (update,) = SERVICE.request(SITE, Settings(), AUDIO).messages
    assert json.loads(update)["session"] == {
        "audio_format": {"encoding": "pcm_s16le", "sample_rate": 16_000}, "turn_detection": {},
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_takes_every_encoding(encoding: str):
    (update,) = SERVICE.request(SITE, Settings(), Audio(encoding, 24_000)).messages
    assert json.loads(update)["session"]["audio_format"] == {"encoding": encoding, "sample_rate": 24_000}


def test_audio_is_base64_in_json():
    chunk = bytes(range(256))
    told = json.loads(SERVICE.encode(chunk))
    assert told["type"] == "input_audio.append"
    assert base64.b64decode(told["audio"], validate=True) == chunk


@pytest.mark.parametrize("in_turn", [True, False])
def test_the_audio_is_ended(in_turn: bool):
    assert [json.loads(each) for each in SERVICE.finish(in_turn)] == [{"type": "input_audio.end"}]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), ""),
        (Settings(turn=TurnSettings(start_threshold=0.6, eager_end_threshold=0.6, end_threshold=0.59)), ""),
        (
            Settings(turn=TurnSettings(start_threshold=0.4)),
            "start threshold 0.4 must not be less than eager end threshold 0.5 (the default)",
        ),
        (
            Settings(turn=TurnSettings(end_threshold=0.5)),
            "eager end threshold 0.5 (the default) must be greater than end threshold 0.5",
        ),
        (
            Settings(turn=TurnSettings(end_timeout_ms=400)),
            "end timeout ms 400 must not be less than min silence ms 500 (the default)",
        ),
        (Settings(turn=TurnSettings(end_timeout_ms=500)), ""),
        (Settings(turn=TurnSettings(end_threshold=1.1)), "end threshold is 1.1: it must lie from 0 to 0.99"),
        (
            Settings(turn=TurnSettings(min_silence_ms=300.5)),
            "min silence ms is 300.5: it must be a whole number of milliseconds",
        ),
        (Settings(keyterms=("a", " ")), "a key term is empty"),
        (Settings(language_hints=("en", "fr")), "2 languages are too many"),
        (Settings(language_hints=("en,fr",)), "'en,fr' is no language"),
    ],
)
def test_what_it_would_refuse_is_said_before_it_does(settings: Settings, said: str):
    problem = SERVICE.problem(settings, True)
    assert problem.startswith(said)
    assert bool(problem) == bool(said)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message":"Unauthorized","request_id":"r"}', "Unauthorized"),
        (b'{"detail":"Unauthorized"}', "Unauthorized"),
        (b'{"error":{"message":"no"}}', "no"),
        (b'{"message":7}', ""),
        (b"[]", ""),
        (b"plain", "plain"),
        (b"\xff", "\ufffd"),
    ],
)
def test_refusals_are_quoted(body: bytes, said: str):
    assert SERVICE.refusal_text(body) == said


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("End threshold 0.5 must be greater", "refused the turn settings"),
        ("end_timeout_ms: Input should be a valid integer", "refused the turn settings"),
        ("Model voxtral-mini-2602 has no such thing", "refused the session"),
        ("", "refused the session"),
    ],
)
def test_refusals_say_what_to_check(said: str, what: str):
    refusal = SERVICE.refusal(said)
    assert (refusal.what, refusal.passing) == (what, False)
    assert refusal.remedy.startswith("check ")


def test_labels_name_the_event():
    shown = SERVICE.label({"type": "turn.end", "time_s": 4.9, "end_reason": "threshold"})
    assert (shown.kind, shown.event, shown.details) == ("turn.end", "turn.end", '"time_s":4.9,"end_reason":"threshold"')
    assert SERVICE.label(delta("Book")).text == "Book"
    assert SERVICE.label(EXAMPLES[0]).text == "request 0b1e"
    assert SERVICE.label(EXAMPLES[-2]).text == "no"
    assert SERVICE.label({"type": "input_audio.end"}).kind == "input_audio.end"
    assert SERVICE.label({"type": 7, "text": ["\ud800"]}).kind == ""
