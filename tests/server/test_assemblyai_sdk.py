"""AssemblyAI's Python SDK, unchanged, against the local server (services.md 12.1).

It is imported where it is used: it takes half a second, which each worker would spend to collect the tests.
"""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.server.speech import BECKETT_WORDS, beckett, errors, words
from tests.server.stand_in import TWO_TURNS, Call, Start, s16, silence, tone
from tests.services.assemblyai.examples import LATER, STREAMING
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from stt_monitor.core import events
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.assemblyai import SERVICE
from stt_monitor.services.assemblyai.decoder import Decoder
from stt_monitor.services.assemblyai.families import LATER_MODEL, MODEL

PATH = SERVICE.path
QUERY = {"speech_model": MODEL, "encoding": "pcm_s16le", "sample_rate": 16_000}
CHUNK = 3200


def strict(kind: str) -> Any:  # noqa: ANN401  the SDK's types
    """The type of its messages of this kind."""
    from assemblyai.streaming import v3
    from assemblyai.streaming.v3.models import ErrorEvent

    return {
        "Begin": v3.BeginEvent,
        "SpeechStarted": v3.SpeechStartedEvent,
        "Turn": v3.TurnEvent,
        "Termination": v3.TerminationEvent,
        "Error": ErrorEvent,
        "Warning": v3.WarningEvent,
        "Heartbeat": v3.HeartbeatEvent,
        "Silence": v3.SilenceEvent,
        "SpeakerRevision": v3.SpeakerRevisionEvent,
        "LLMGatewayResponse": v3.LLMGatewayResponseEvent,
    }[kind]


def chunks(audio: bytes) -> Iterator[bytes]:
    whole = audio + bytes(-len(audio) % CHUNK)
    return (whole[at : at + CHUNK] for at in range(0, len(whole), CHUNK))


async def stream(
    base_url: str,
    audio: bytes,
    *,
    before: dict[str, Any] | None = None,
    force: bool = True,
    key: str = "any",
    **asked: Any,  # noqa: ANN401  the SDK's types
) -> list[Any]:
    """Send all, then finish by hand, and return every event."""
    from assemblyai.streaming import v3

    options = v3.RealTimeTranscriberOptions(
        api_key=key, api_host=base_url.replace("http", "ws", 1), connect_timeout=60, terminate_timeout=300
    )
    heard: list[Any] = []
    transcriber = v3.AsyncRealTimeTranscriber(options)
    for kind in v3.RealTimeEvents:
        transcriber.on(kind, lambda _, event: heard.append(event))
    await transcriber.connect(v3.RealTimeParameters(**{**QUERY, **asked}))
    if before is not None:
        await transcriber.set_params(v3.RealTimeSessionParameters(**before))
    await transcriber.stream(chunks(audio))
    if force:
        await transcriber.force_endpoint()
    await transcriber.disconnect(terminate=True)
    return heard


def kinds(heard: list[Any]) -> list[str]:
    return [each.type for each in heard]


def turns(heard: list[Any]) -> list[Any]:
    return [each for each in heard if isinstance(each, strict("Turn"))]


def ends(heard: list[Any]) -> list[Any]:
    return [each for each in turns(heard) if each.end_of_turn]


@pytest.mark.slow
@pytest.mark.parametrize("model", [MODEL, LATER_MODEL, "u3-rt-pro"])
async def test_real_speech(real_url: str, model: str) -> None:
    heard = await stream(real_url, beckett(), speech_model=model)
    assert errors(words(" ".join(end.transcript for end in ends(heard))), BECKETT_WORDS) <= 4
    assert [end.turn_order for end in ends(heard)] == list(range(len(ends(heard))))
    assert len(ends(heard)) > 1
    assert kinds(heard)[0] == "Begin"
    assert kinds(heard)[-1] == "Termination"
    assert heard[-1].audio_duration_seconds == round(len(beckett()) / 32_000)
    assert kinds(heard).count("SpeechStarted") == (0 if model == MODEL else len(ends(heard)))
    for turn in turns(heard):  # some agents show no text of a message without words
        assert " ".join(word.text for word in turn.words) == turn.transcript
        times = [at for word in turn.words for at in (word.start, word.end)]
        assert times == sorted(times)
        assert all(0 < word.confidence <= 1 for word in turn.words)


@pytest.mark.slow
async def test_every_kind_of_event_of_the_streaming_models(stand_in_url: str) -> None:
    before = time.time()
    heard = await stream(stand_in_url, TWO_TURNS, format_turns=True)
    told = [(each.turn_order, each.end_of_turn, each.turn_is_formatted, each.transcript) for each in turns(heard)]
    assert list(dict.fromkeys(told)) == [
        (0, False, False, "word1"), (0, False, False, "word1 word2"), (0, False, False, "word1 word2 word3"),
        (0, True, False, "word1 word2 word3"), (0, True, True, "word1 word2 word3"),
        (1, False, False, "word1"), (1, True, False, "word1"), (1, True, True, "word1"),
    ]  # fmt: skip
    begin = heard[0]
    assert begin.configuration.model == MODEL
    assert before + 3 * 3600 - 1 <= begin.expires_at.timestamp() <= time.time() + 3 * 3600
    assert 0 <= heard[-1].session_duration_seconds <= time.time() - before + 1
    assert ends(heard)[0].end_of_turn_confidence > 0.4


async def test_every_kind_of_event_of_the_newer_models(stand_in_url: str) -> None:
    heard = await stream(stand_in_url, TWO_TURNS, speech_model=LATER_MODEL, mode="max_accuracy", format_turns=True)
    assert [kind for kind in kinds(heard) if kind != "Turn"] == [
        "Begin", "SpeechStarted", "SpeechStarted", "Termination"
    ]  # fmt: skip
    assert heard[1].timestamp == 320
    assert heard[0].configuration.mode == "max_accuracy"
    assert [(end.transcript, end.turn_is_formatted, end.end_of_turn_confidence) for end in ends(heard)] == [
        ("word1 word2 word3", True, 1.0), ("word1", True, 1.0),
    ]  # fmt: skip


async def test_the_end_of_the_session_alone_ends_no_turn(stand_in_url: str) -> None:
    heard = await stream(stand_in_url, TWO_TURNS, force=False)
    assert [end.transcript for end in ends(heard)] == ["word1 word2 word3"]
    assert turns(heard)[-1].transcript == "word1"


async def test_a_change_takes_effect_and_is_not_answered(stand_in_url: str) -> None:
    sound = s16(tone(0.6), silence(0.35), tone(0.6), silence(0.35))
    usual = await stream(stand_in_url, sound)
    changed = await stream(stand_in_url, sound, before={"min_turn_silence": 0, "max_turn_silence": 200})
    assert [len(ends(heard)) for heard in (usual, changed)] == [1, 2]
    assert set(kinds(changed)) == {"Begin", "Turn", "Termination"}
    formatted = await stream(stand_in_url, sound, before={"format_turns": True})
    assert [end.turn_is_formatted for end in ends(formatted)] == [False, True]


async def raw(ring: Call, server: Any, *messages: dict[str, Any] | bytes | str, **asked: object) -> Any:  # noqa: ANN401  the SDK's types
    """Say something, and return the caller with all that came."""
    async with ring(server, urlencode({**QUERY, **asked}), path=PATH) as caller:
        for message in messages:
            await caller.send(message)
        code = await caller.until_closed()
        return caller.events, code, caller.socket.close_reason


async def test_the_eager_end_which_the_sdk_drops(start: Start, ring: Call) -> None:
    told, code, _ = await raw(ring, await start(), *chunks(TWO_TURNS), {"type": "ForceEndpoint"}, {"type": "Terminate"})
    assert code == 1000
    pauses = [(each["turn_order"], each["utterance"]) for each in told if each.get("utterance")]
    assert pauses == [(0, "word1 word2"), (0, "word3")]
    decoder = Decoder(MODEL)
    heard = [type(event).__name__ for each in told for event in decoder.read(json.dumps(each)).events]
    assert [name for name in heard if name not in {"TurnUpdate", "Likelihood"}] == [
        "Connected", "TurnStart", "EagerEnd", "TurnResume", "EagerEnd", "TurnEnd", "TurnStart", "TurnEnd", "Finished",
    ]  # fmt: skip
    for each in told:
        strict(each["type"]).model_validate(each)


@pytest.mark.parametrize("value", ["True", "true", "1"])
async def test_true_is_written_in_several_ways(start: Start, ring: Call, value: str) -> None:
    told, *_ = await raw(ring, await start(), *chunks(TWO_TURNS), {"type": "Terminate"}, format_turns=value)
    assert [each["turn_is_formatted"] for each in told if each.get("end_of_turn")] == [False, True]


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        (bytes(1568), 3007, "Input duration violation: 49 ms. Expected between 50 and 1000 ms"),
        (bytes(32_032), 3007, "Input duration violation: 1001 ms"),
        (b"", 3007, "Input duration violation: 0 ms"),
        ("{", 3006, "Invalid JSON: {"),
        ("[]", 3006, "Invalid Message: []"),
        ({"type": 7}, 3006, "Invalid Message"),
        ({"type": "CloseStream"}, 3006, "Invalid Message Type: CloseStream"),
        ({"type": "UpdateConfiguration", "min_turn_silence": "long"}, 3006, "must be numbers"),
        ({"type": "UpdateConfiguration", "min_turn_silence": -1}, 3006, "must lie from"),
        ({"type": "UpdateConfiguration", "min_turn_silence": 5000}, 3006, "must not be less than"),
        ({"type": "UpdateConfiguration", "format_turns": 1}, 3006, "format_turns must be true or false"),
    ],
)
async def test_what_is_refused_ends_the_session_with_an_error_before(
    start: Start, ring: Call, message: dict[str, Any] | bytes | str, code: int, said: str
) -> None:
    told, closed, reason = await raw(ring, await start(), message)
    assert [each["type"] for each in told] == ["Begin", "Error"]
    assert (told[-1]["error_code"], closed) == (code, code)
    assert said in told[-1]["error"]
    assert reason == told[-1]["error"]
    strict("Error").model_validate(told[-1], strict=True)


@pytest.mark.parametrize("message", [bytes(1600), bytes(32_000), {"type": "KeepAlive"}, {"type": "ForceEndpoint"}])
async def test_what_is_accepted(start: Start, ring: Call, message: dict[str, Any] | bytes) -> None:
    told, code, _ = await raw(ring, await start(), message, {"type": "Terminate"})
    assert [each["type"] for each in told] == ["Begin", "Termination"]
    assert code == 1000


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"speech_model": ""}, "speech_model must be one of"),
        ({"speech_model": "universal-streaming-englisch"}, "speech_model must be one of"),
        ({"speech_model": "u3-pro"}, "u3-pro is retired; use u3-rt-pro"),
        ({"speech_model": "universal-streaming-multilingual"}, "English only"),
        ({"speech_model": "whisper-rt"}, "English only"),
        ({"speech_model": LATER_MODEL, "mode": "fast"}, "mode must be one of"),
        ({"encoding": "opus"}, "encoding must be one of"),
        ({"sample_rate": ""}, "sample_rate"),
        ({"sample_rate": "7999"}, "sample_rate"),
        ({"sample_rate": "9" * 5000}, "sample_rate"),
        ({"min_turn_silence": "nan"}, "must lie from"),
        ({"min_turn_silence": "x"}, "must be a number"),
        (
            {"speech_model": LATER_MODEL, "mode": "min_latency", "min_turn_silence": 700},
            "640 (the default) must not be less",
        ),
        ({"keyterms_prompt": "polly"}, "keyterms_prompt"),
        ({"keyterms_prompt": json.dumps(["x" * 51])}, "keyterms"),
        ({"inactivity_timeout": 4}, "inactivity_timeout"),
    ],
)
async def test_bad_parameters_end_the_session(start: Start, ring: Call, asked: dict[str, object], said: str) -> None:
    told, code, _ = await raw(ring, await start(), **asked)
    (error,) = told
    assert (error["type"], error["error_code"], code) == ("Error", 3006, 3006)
    assert said in error["error"]


async def test_what_is_not_known_is_ignored_in_silence(start: Start, ring: Call) -> None:
    odd = {"min_turn_silense": "x", "interruption_delay": "x", "session_heartbeat": "maybe", "prompt": "hi"}
    told, code, _ = await raw(ring, await start(), {"type": "Terminate"}, **odd)
    assert [each["type"] for each in told] == ["Begin", "Termination"]
    assert code == 1000


async def test_whoever_is_silent_for_as_long_as_he_said_is_closed(start: Start, ring: Call) -> None:
    told, code, _ = await raw(ring, await start(ServerSettings(idle_timeout=0.2)), inactivity_timeout=3600)
    assert (told[-1]["error_code"], code) == (3006, 3006)


async def test_the_key_stands_alone_or_in_the_query(start: Start) -> None:
    server = await start(ServerSettings(key="secret"))
    url = server.base_url.replace("http", "ws", 1) + f"{PATH}?{urlencode(QUERY)}"
    for authorization in ("Bearer secret", "Token secret", "other", ""):
        async with connect(url, additional_headers={"Authorization": authorization}) as socket:
            error = json.loads(await socket.recv())
            assert (error["type"], error["error_code"]) == ("Error", 1008)
            assert "secret" not in error["error"]
            with pytest.raises(ConnectionClosed, match="1008"):
                await socket.recv()
    for address, headers in ((url, {"Authorization": "secret"}), (f"{url}&token=secret", {})):
        async with connect(address, additional_headers=headers) as socket:
            assert json.loads(await socket.recv())["type"] == "Begin"
    heard = await stream(server.base_url, b"", key="other")
    assert [getattr(each, "code", None) for each in heard] == [1008]


def test_what_we_send_parses_with_its_types() -> None:
    from assemblyai.streaming.v3.models import ForceEndpoint, TerminateSession, UpdateConfiguration

    turn = TurnSettings(
        end_of_turn_confidence_threshold=0.5, min_turn_silence=160.0, max_turn_silence=2400.0, vad_threshold=0.3,
        interruption_delay=100.0,
    )  # fmt: skip
    assert SERVICE.configure is not None
    told = UpdateConfiguration.model_validate_json(SERVICE.configure(turn), strict=True)
    assert told.model_dump(exclude_none=True) == {"type": "UpdateConfiguration", **turn}
    force, terminate = SERVICE.finish(True)
    assert ForceEndpoint.model_validate_json(force, strict=True).type == "ForceEndpoint"
    assert TerminateSession.model_validate_json(terminate, strict=True).type == "Terminate"


@pytest.mark.parametrize("wire", [*STREAMING, *LATER], ids=lambda wire: wire["type"])
def test_our_examples_parse_with_its_types_and_with_ours(wire: dict[str, Any]) -> None:
    strict(wire["type"]).model_validate(wire)
    told = Decoder(MODEL).read(json.dumps(wire)).events
    assert not [event for event in told if isinstance(event, events.Unknown | events.Unreadable | events.Violation)]
