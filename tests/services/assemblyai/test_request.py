import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from stt_monitor.core.dialect import Onset
from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.support import Support, support
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.assemblyai import SERVICE
from stt_monitor.services.assemblyai.failures import failure, refusal, refusal_text, service_error
from stt_monitor.services.assemblyai.labels import label
from stt_monitor.services.base import Audio, Site

SITE = Site("wss://streaming.assemblyai.com/v3/ws", key="secret")
AUDIO = Audio("pcm_s16le", 16_000)


def test_only_what_is_set_is_asked_for():
    turn = TurnSettings(min_turn_silence=160, end_of_turn_confidence_threshold=0.5)
    asked = SERVICE.request(SITE, Settings(keyterms=("a b", "é"), turn=turn), AUDIO)
    assert parse_qsl(urlsplit(asked.url).query) == [
        ("speech_model", "universal-streaming-english"), ("encoding", "pcm_s16le"), ("sample_rate", "16000"),
        ("keyterms_prompt", '["a b","é"]'), ("min_turn_silence", "160"), ("end_of_turn_confidence_threshold", "0.5"),
    ]  # fmt: skip
    assert asked.headers["Authorization"] == "secret"
    assert asked.messages == ()


def test_languages_are_a_list_too():
    settings = Settings("universal-3-6-pro", language_hints=("en", "es"))
    query = parse_qs(urlsplit(SERVICE.request(SITE, settings, AUDIO).url).query)
    assert (query["speech_model"], query["language_codes"]) == (["universal-3-6-pro"], ['["en","es"]'])


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        (Audio("pcm_f32le", 16_000), "takes no pcm_f32le"),
        (Audio("pcm_s16le", 7999), "7999 Hz"),
        (Audio("pcm_s16le", 96_001), "96001 Hz"),
    ],
)
def test_audio_that_it_does_not_take_is_refused_before_connecting(audio: Audio, said: str):
    with pytest.raises(InputError, match=said):
        SERVICE.request(SITE, Settings(), audio)


@pytest.mark.parametrize("audio", [Audio("pcm_mulaw", 8000), Audio("pcm_s16le", 96_000), Audio("pcm_s16le", 22_050)])
def test_audio_that_it_takes(audio: Audio):
    assert f"encoding={audio.encoding}&sample_rate={audio.sample_rate}" in SERVICE.request(SITE, Settings(), audio).url


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), ""),
        (Settings("universal-3-6-pro"), ""),
        (Settings("universal-4-to-come"), ""),
        (Settings("u3-pro"), "u3-pro is retired: give --model u3-rt-pro, or universal-3-6-pro"),
        (Settings(turn=TurnSettings(min_turn_silence=2000)), "max turn silence 1280 (the default) must not be less"),
        (Settings("u3-rt-pro", turn=TurnSettings(min_turn_silence=1100)), "max turn silence 1000 (the default) must"),
        (Settings(turn=TurnSettings(min_turn_silence=100, max_turn_silence=100)), ""),
        (Settings(turn=TurnSettings(end_of_turn_confidence_threshold=1.1)), "end of turn confidence threshold is 1.1"),
        (
            Settings("universal-3-6-pro", turn=TurnSettings(mode=0, min_turn_silence=700)),
            "max turn silence 640 (the default) must not be less than",
        ),
        (Settings(keyterms=("",)), "a key term is empty"),
        (Settings(keyterms=("x",) * 101), "101 key terms are too many"),
        (Settings(keyterms=("x" * 51,)), "a key term has 51 characters: give 50 at most"),
        (Settings(language_hints=("en",)), "universal-streaming-english takes no language hints"),
        (Settings("universal-3-6-pro", language_hints=("en",) * 11), "11 language hints are too many"),
        (Settings("universal-3-6-pro", language_hints=("en,es",)), "'en,es' is no language"),
    ],
)
def test_what_it_would_refuse_is_said_before_it_does(settings: Settings, said: str):
    problem = SERVICE.problem(settings, True)
    assert problem.startswith(said)
    assert bool(problem) == bool(said)


def test_models_are_of_two_kinds():
    streaming, later = (SERVICE.dialect(Settings(model)) for model in ("", "universal-3-6-pro"))
    assert (streaming.onset, streaming.eager_ends, streaming.resumes) == (Onset.DERIVED, True, True)
    assert (later.onset, later.eager_ends, later.resumes) == (Onset.WORDS, False, False)
    assert set(streaming.schema.names) - set(later.schema.names) == {"end_of_turn_confidence_threshold", "format_turns"}
    assert set(later.schema.names) - set(streaming.schema.names) == {"interruption_delay", "mode"}
    assert later.schema["vad_threshold"].default is None  # two are published, and not whose they are
    earlier = SERVICE.schema_of("u3-rt-pro")
    assert [schema["max_turn_silence"].default for schema in (streaming.schema, later.schema, earlier)] == [
        1280, 1280, 1000
    ]  # fmt: skip


def test_what_is_chosen_among_words_is_sent_as_a_word_and_only_when_connecting():
    later = Settings("universal-3-6-pro", turn=TurnSettings(mode=2, min_turn_silence=100))
    assert parse_qsl(urlsplit(SERVICE.request(SITE, later, AUDIO).url).query)[-2:] == [
        ("mode", "max_accuracy"), ("min_turn_silence", "100")
    ]  # fmt: skip
    formatted = Settings(turn=TurnSettings(format_turns=1))
    assert "&format_turns=true" in SERVICE.request(SITE, formatted, AUDIO).url
    assert SERVICE.configure is not None
    assert SERVICE.configure(later.turn) == '{"type":"UpdateConfiguration","min_turn_silence":100}'


@pytest.mark.parametrize(
    ("mode", "silences"), [(0, (128, 640)), (1, (128, 1280)), (2, (512, 2560)), (None, (128, 1280))]
)
def test_a_mode_has_silences_of_its_own(mode: float | None, silences: tuple[int, int]):
    schema = SERVICE.dialect(Settings("universal-3-6-pro", turn=TurnSettings(mode=mode))).schema
    assert (schema["min_turn_silence"].default, schema["max_turn_silence"].default) == silences


@pytest.mark.parametrize(
    ("value", "how"), [(1, Support.MEASURED), (0, Support.NOT_APPLICABLE), (None, Support.NOT_APPLICABLE)]
)
def test_a_copy_is_expected_where_it_is_asked_for(value: float | None, how: Support):
    turn = TurnSettings(format_turns=value)
    assert support(METRICS["formatted_latency"], SERVICE.dialect(Settings(turn=turn)), turn) is how


def test_a_change_is_one_flat_message():
    turn = TurnSettings(end_of_turn_confidence_threshold=0.5, min_turn_silence=160.0)
    assert SERVICE.configure is not None
    assert SERVICE.configure(turn) == (
        '{"type":"UpdateConfiguration","end_of_turn_confidence_threshold":0.5,"min_turn_silence":160}'
    )


@pytest.mark.parametrize("in_turn", [False, True])
def test_the_end_ends_a_turn_that_may_have_begun(in_turn: bool):
    assert [json.loads(each)["type"] for each in SERVICE.finish(in_turn)] == ["ForceEndpoint", "Terminate"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":"no"}', "no"),
        (b'{"detail":"no"}', "no"),
        (b'{"error":7}', ""),
        (b"[]", ""),
        (b"plain", "plain"),
        (b"\xff", "\ufffd"),
    ],
)
def test_refusals_are_quoted(body: bytes, said: str):
    assert refusal_text(body) == said


@pytest.mark.parametrize(
    ("code", "reason", "what", "passing"),
    [
        (1008, "Unauthorized Connection: Missing Authorization header", "refused the key", False),
        (1008, "Unauthorized Connection: Too many concurrent sessions", "has too many sessions open", True),
        (3005, "Session Cancelled: An error occurred", "failed", True),
        (3006, "Invalid Message Type: Configure", "refused the parameters or a message", False),
        (3006, "Session closed for inactivity", "heard nothing for too long", True),
        (3007, "Input duration violation: 20 ms. Expected between 50 and 1000 ms", "refused the audio", False),
        (3008, "Session Expired: Maximum session duration exceeded", "ended the session", True),
        (3009, "Unauthorized Connection: Too many concurrent sessions", "has too many sessions open", True),
    ],
)
def test_closes_mean_what_the_service_says(code: int, reason: str, what: str, passing: bool):
    close = failure(code, reason)
    assert close is not None
    assert close.what.startswith(what)
    assert close.passing is passing
    error = service_error({"type": "Error", "error_code": code, "error": reason})
    assert (error.passing, error.fatal, error.text) == (passing, True, f"{code}: {reason}")
    assert refusal(error.text) == close  # whatever comes first, the error or the close


def test_other_closes_are_no_concern_of_the_service():
    assert failure(1011, "") is None
    assert failure(None, "") is None
    assert service_error({"error_code": "3006"}).text == ""


def test_an_error_about_the_key_counts_as_one_about_the_key_and_one_about_load_asks_for_patience():
    assert service_error({"error_code": 1008, "error": "Unauthorized Connection"}).status == 401
    busy = service_error({"error_code": 3009, "error": ""})
    assert (busy.status, busy.busy) == (429, True)
    assert service_error({"error_code": 3006, "error": ""}).refuses_settings


def test_labels_name_the_turn_event():
    assert label({"type": "Turn", "transcript": "hi", "end_of_turn": True}).event == "turn.end"
    assert label({"type": "Turn", "transcript": "hi", "utterance": "hi"}).event == "turn.eager_end"
    shown = label({"type": "Turn", "turn_order": 3, "transcript": "hi"})
    assert (shown.kind, shown.event, shown.text) == ("Turn", "turn.update", "hi")
    assert shown.details == '"transcript":"hi","turn_order":3'
    assert label({"type": "Begin", "id": "5b1e"}).text == "session 5b1e"
    assert label({"type": "SpeechStarted"}).event == "turn.start"
    assert label({"error": "no"}).kind == "Error"
