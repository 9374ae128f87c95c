from urllib.parse import parse_qsl, urlsplit

import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.support import Support, support
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import Audio, Refusal, Site
from stt_monitor.services.flux import SERVICE
from stt_monitor.services.flux.failures import failure, refusal_text
from stt_monitor.services.flux.labels import label

SITE = Site("wss://api.deepgram.com/v2/listen", key="secret")
AUDIO = Audio("pcm_s16le", 16_000)


def test_only_what_is_set_is_asked_for():
    asked = SERVICE.request(SITE, Settings(keyterms=("a b", "c"), turn=TurnSettings(eot_threshold=0.8)), AUDIO)
    assert parse_qsl(urlsplit(asked.url).query) == [
        ("model", "flux-general-en"), ("encoding", "linear16"), ("sample_rate", "16000"), ("keyterm", "a b"),
        ("keyterm", "c"), ("eot_threshold", "0.8"),
    ]  # fmt: skip
    assert asked.headers == {"Authorization": "Token secret"}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("pcm_s16le", "linear16"), ("pcm_f32le", "linear32"), ("pcm_mulaw", "mulaw"), ("pcm_alaw", "alaw")],
)
def test_encodings_have_its_names(ours: str, theirs: str):
    assert f"encoding={theirs}&" in SERVICE.request(SITE, Settings(), Audio(ours, 8000)).url


@pytest.mark.parametrize(
    ("audio", "said"), [(Audio("pcm_s32le", 16_000), "takes no pcm_s32le"), (Audio("pcm_s16le", 22_050), "22050 Hz")]
)
def test_audio_that_it_does_not_take_is_refused_before_connecting(audio: Audio, said: str):
    with pytest.raises(InputError, match=said):
        SERVICE.request(SITE, Settings(), audio)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), ""),
        (Settings(turn=TurnSettings(eot_threshold=0.5, eager_eot_threshold=0.5)), ""),
        (
            Settings(turn=TurnSettings(eager_eot_threshold=0.75)),
            "eot threshold 0.7 (the default) must not be less than",
        ),
        (Settings(turn=TurnSettings(eot_threshold=0.49)), "eot threshold is 0.49: it must lie from 0.5 to 1"),
        (Settings(keyterms=("",)), "a key term is empty"),
        (Settings(keyterms=("x",) * 101), "101 key terms are too many"),
        (Settings(language_hints=("en",)), "flux-general-en takes no language hints: give --model flux-general-multi"),
        (Settings(model="flux-general-multi", language_hints=("en", "es")), ""),
        (Settings(model="flux-general-multi", language_hints=("en,es",)), "'en,es' is no language"),
    ],
)
def test_what_it_would_refuse_is_said_before_it_does(settings: Settings, said: str):
    problem = SERVICE.problem(settings, True)
    assert problem.startswith(said)
    assert bool(problem) == bool(said)


@pytest.mark.parametrize("asked", [False, True])
def test_eager_ends_come_only_when_they_are_asked_for(asked: bool):
    turn = TurnSettings(eager_eot_threshold=0.5 if asked else None)
    found = support(METRICS["eager_latency"], SERVICE.dialect(Settings()), turn)
    assert found is (Support.MEASURED if asked else Support.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"err_code":"Bad Request","err_msg":"no","request_id":"r"}', "Bad Request: no"),
        (b'{"err_msg":7}', ""),
        (b"[]", ""),
        (b"plain", "plain"),
        (b"\xff", "\ufffd"),
    ],
)
def test_refusals_are_quoted(body: bytes, said: str):
    assert refusal_text(body) == said


def test_closes_mean_what_the_service_says():
    undecodable = failure(1008, "DATA-0000")
    assert undecodable == Refusal("could not decode the audio", "check encoding and sample rate")
    silent = failure(1011, "NET-0001")
    assert silent is not None
    assert silent.passing
    assert failure(1011, "NET-0000") is None
    assert failure(1008, "UNPARSABLE_CLIENT_MESSAGE") == Refusal(
        "refused the parameters", "check model, encoding and settings"
    )


def test_labels_name_the_turn_event():
    shown = label({"type": "TurnInfo", "event": "EndOfTurn", "sequence_id": 3, "transcript": "Hi.", "trigger": "model"})
    assert (shown.kind, shown.event, shown.text) == ("EndOfTurn", "turn.end", "Hi.")
    assert shown.details == '"transcript":"Hi.","trigger":"model"'
    assert label({"type": "Warning", "description": "none"}).text == "none"
    assert label({"type": "Connected", "request_id": "r"}).text == "request r"
