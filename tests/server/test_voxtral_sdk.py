"""Mistral's Python SDK, unchanged, against the local server (services.md 12.1).

It is imported where it is used: it takes half a second, which each worker would spend to collect the tests.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.speech import BECKETT_WORDS, beckett, errors, words
from tests.server.stand_in import TWO_TURNS, Call, Start
from tests.services.voxtral.examples import EXAMPLES, SESSION
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from stt_monitor.core.events import Trigger, TurnEnd
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.base import Audio, Site
from stt_monitor.services.server_side import Head, RejectedError, Thresholds, Visit
from stt_monitor.services.voxtral import SERVICE
from stt_monitor.services.voxtral.server_side import SERVER_SIDE

PATH = SERVICE.path
MODEL = SERVICE.model
QUERY = f"model={MODEL}"
CHUNK = 3200


def sound_format(encoding: Any = "pcm_s16le", sample_rate: int = 16_000) -> Any:  # noqa: ANN401  the SDK's type
    from mistralai.client.models import AudioFormat

    return AudioFormat(encoding=encoding, sample_rate=sample_rate)


def client_of(url: str, key: str = "any") -> Any:  # noqa: ANN401  the SDK's type
    from mistralai.client import Mistral

    return Mistral(api_key=key, server_url=url)


def parse(message: Any) -> tuple[Any, bool]:  # noqa: ANN401  the SDK's types
    """What its parser makes of a message, and whether it knows it."""
    from mistralai.extra.realtime.connection import UnknownRealtimeEvent, parse_realtime_event

    told = parse_realtime_event(message)
    return told, not isinstance(told, UnknownRealtimeEvent)


async def pieces(audio: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(audio), CHUNK):
        yield audio[at : at + CHUNK]


async def stream(base_url: str, audio: bytes, **options: Any) -> list[Any]:  # noqa: ANN401  the SDK's types
    """Send all, and return every message."""
    told = client_of(base_url).audio.realtime.transcribe_stream(pieces(audio), options.pop("model", MODEL), **options)
    return [message async for message in told]


def check(messages: list[Any]) -> None:
    """Every message is known, and valid."""
    from mistralai.extra.realtime.connection import UnknownRealtimeEvent

    assert not [message for message in messages if isinstance(message, UnknownRealtimeEvent)]


def of(messages: list[Any], kind: str) -> list[Any]:
    return [message for message in messages if message.type == kind]


def said(messages: list[Any]) -> str:
    return "".join(message.text for message in of(messages, "transcription.text.delta"))


@pytest.mark.slow
async def test_real_speech(real_url: str) -> None:
    messages = await stream(real_url, beckett(), audio_format=sound_format(), turn_detection={})
    check(messages)
    assert errors(words(said(messages)), BECKETT_WORDS) <= 4
    kinds = [message.type for message in messages]
    assert kinds[:2] == ["session.created", "session.updated"]
    assert {"turn.start", "turn.eager_end", "turn.end", "transcription.text.delta"} <= set(kinds)
    (done,) = of(messages, "transcription.done")
    assert messages[-1] is done
    assert done.text == said(messages)
    assert {end.end_reason for end in of(messages, "turn.end")} == {"threshold"}
    times = [message.time_s for message in messages if message.type.startswith("turn.")]
    assert times == sorted(times)
    assert times[-1] <= len(beckett()) / 32_000


async def test_every_kind_of_event(stand_in_url: str) -> None:
    messages = await stream(stand_in_url, TWO_TURNS, audio_format=sound_format(), turn_detection={"end_threshold": 0.2})
    check(messages)
    assert [message.type.removeprefix("transcription.") for message in messages] == [
        "session.created", "session.updated",
        "turn.start", "text.delta", "text.delta", "turn.eager_end", "turn.resume", "text.delta", "turn.eager_end",
        "turn.end",
        "turn.start", "text.delta",  # the end of the audio alone is no end of a turn
        "done",
    ]  # fmt: skip
    assert said(messages) == "word1 word2 word3 word1"
    effective = messages[1].session
    assert effective.turn_detection.model_dump() == {
        "start_threshold": 0.5, "eager_end_threshold": 0.5, "end_threshold": 0.2, "min_silence_ms": 500,
        "end_timeout_ms": 3000,
    }  # fmt: skip
    assert effective.request_id == messages[0].session.request_id != ""


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [(Trigger.MODEL, "threshold"), (Trigger.TIMEOUT, "timeout"), (Trigger.MANUAL, None), (Trigger.CLOSED, None)],
)
def test_an_end_says_why_where_the_service_has_a_word_for_it(trigger: Trigger, reason: str | None) -> None:
    session = SERVER_SIDE.open(Head(f"{PATH}?{QUERY}"), Visit("r"))
    session.open()
    session.open(json.dumps(READY))
    told = [json.loads(each) for each in session.write(TurnEnd("Hi.", at=1.5, trigger=trigger))]
    assert told[0] == {"type": "transcription.text.delta", "text": "Hi."}
    assert told[1:] == ([] if reason is None else [{"type": "turn.end", "time_s": 1.5, "end_reason": reason}])


@pytest.mark.parametrize("named", [False, True])
async def test_without_turn_detection_there_is_text_alone(stand_in_url: str, named: bool) -> None:
    options = {"audio_format": sound_format()} if named else {}
    messages = await stream(stand_in_url, TWO_TURNS, **options)
    check(messages)
    assert not [message for message in messages if message.type.startswith("turn.")]
    assert said(messages) == of(messages, "transcription.done")[0].text == "word1 word2 word3 word1"
    assert len(of(messages, "session.updated")) == len(options)


async def test_a_delay_is_taken_and_not_in_force(stand_in_url: str) -> None:
    messages = await stream(stand_in_url, TWO_TURNS, turn_detection={}, target_streaming_delay_ms=500)
    check(messages)
    assert of(messages, "session.updated")[0].session.target_streaming_delay_ms is None
    assert said(messages) == "word1 word2 word3 word1"


async def test_updates_before_audio_add_up(stand_in_url: str) -> None:
    client = client_of(stand_in_url)
    async with await client.audio.realtime.connect(MODEL, turn_detection={}) as connection:
        rate = sound_format("pcm_mulaw", 8000)
        await connection.update_session(rate, context_bias=["Mistral"], language="en")
        await connection.flush_audio()
        await connection.send_audio(b"\xff" * 800)
        await connection.end_audio()
        messages = []
        async for message in connection:
            messages.append(message)
            if message.type == "transcription.done":  # the connection drops then, which the SDK takes for an error
                break
    check(messages)
    last = of(messages, "session.updated")[-1].session
    assert (last.audio_format, last.context_bias, last.language) == (rate, ["Mistral"], "en")
    assert last.turn_detection.end_timeout_ms == 3000


async def test_audio_of_another_format_is_heard(stand_in_url: str) -> None:
    sound = TWO_TURNS[::2]  # the low bytes: noise
    messages = await stream(stand_in_url, sound, audio_format=sound_format("pcm_mulaw"), turn_detection={})
    assert of(messages, "turn.start")


def update(**session: object) -> dict[str, object]:
    return {"type": "session.update", "session": session}


def append(audio: object) -> dict[str, object]:
    return {"type": "input_audio.append", "audio": audio}


READY = update(turn_detection={})
SOUND = append(base64.b64encode(bytes(3200)).decode())


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ([update(turns={})], "session has no turns"),
        ([update(turn_detection={"patience": 1})], "turn_detection has no patience"),
        ([update(turn_detection={"end_threshold": "0.2"})], "end_threshold must be a number"),
        ([update(turn_detection={"min_silence_ms": 300.5})], "min_silence_ms must be a whole number"),
        ([update(turn_detection={"end_threshold": True})], "end_threshold must be a number"),
        ([update(turn_detection={"end_threshold": 0.6})], "must be greater than"),
        ([update(turn_detection={"end_timeout_ms": 100})], "must not be less than"),
        ([update(turn_detection=[])], "turn_detection must be an object"),
        ([update(turn_detection={}, diarize=True)], "Diarization is not compatible with turn detection."),
        ([update(diarize=True)], "has no diarize"),
        ([update(speaker_references={"a": "b"})], "has no speaker_references"),
        ([update(target_streaming_delay_ms="500")], "must be a whole number"),
        ([update(audio_format={"encoding": "pcm_s16le", "sample_rate": True})], "audio_format must have"),
        ([update(language="fr")], "English only"),
        ([update(context_bias="Mistral")], "context_bias must be a list"),
        ([update(audio_format={"encoding": "opus", "sample_rate": 16_000})], "audio_format must have"),
        ([update(audio_format={"encoding": "pcm_s16le"})], "audio_format must have"),
        ([update(audio_format={"encoding": "pcm_s16le", "sample_rate": 0})], "audio_format must have"),
        ([{"type": "session.update"}], "session must be an object"),
        ([{"type": "session.update", "session": {}, "x": 1}], "session.update has no x"),
        ([READY, SOUND, READY], "Session fields cannot be changed after audio has started."),
        ([READY, {"type": "input_audio.flush"}, READY], "Session fields cannot be changed after audio has started."),
        ([READY, append("no base64!")], "audio must be base64"),
        ([READY, SOUND, append(7)], "audio must be base64"),
        ([READY, append(base64.b64encode(bytes(262_145)).decode())], "not be more than 262144 bytes"),
        ([READY, b"\0\0"], "Send JSON"),
        ([READY, SOUND, "nonsense"], "Send JSON"),
        ([{"type": "close"}], "Send JSON"),
        (["[" * 3000], "Send JSON"),
    ],
)
async def test_what_it_refuses_ends_the_session_with_an_error(
    start: Start, ring: Call, sent: list[Any], why: str
) -> None:
    async with ring(await start(), QUERY, path=PATH) as caller:
        for message in sent:
            await caller.send(message)
        assert await caller.until_closed() == 1011
    assert parse(caller.events[-1])[1]
    assert caller.events[-1]["error"]["code"] == 3051
    assert why in caller.events[-1]["error"]["message"]


async def test_as_much_audio_as_is_allowed_is_taken(start: Start, ring: Call) -> None:
    async with ring(await start(), QUERY, path=PATH) as caller:
        for message in (READY, append(base64.b64encode(bytes(262_144)).decode()), {"type": "input_audio.end"}):
            await caller.send(message)
        assert await caller.until_closed() == 1006  # it drops the connection, without a close frame
    assert caller.types() == ["session.created", "session.updated", "transcription.done"]


async def test_a_session_without_audio_ends(start: Start, ring: Call) -> None:
    async with ring(await start(), QUERY, path=PATH) as caller:
        await caller.send({"type": "input_audio.end"})
        assert await caller.until_closed() == 1006
    assert caller.types() == ["session.created", "transcription.done"]
    assert caller.events[-1]["text"] == ""


@pytest.mark.parametrize("model", ["voxtral-mini-transcribe-realtime-2602", "", "ink-2"])
async def test_models_without_turns_are_refused(stand_in_url: str, model: str) -> None:
    from mistralai.extra.exceptions import RealtimeTranscriptionWSError

    with pytest.raises(RealtimeTranscriptionWSError, match="no such model with turns"):
        await stream(stand_in_url, b"", model=model, turn_detection={})


async def test_the_key_stands_behind_bearer(start: Start) -> None:
    server = await start(ServerSettings(key="secret"))
    url = server.base_url.replace("http", "ws", 1) + f"{PATH}?{urlencode({'model': MODEL})}"
    for authorization in ("Token secret", "Bearer other", "secret", "Bearer"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, additional_headers={"Authorization": authorization})
        assert refused.value.response.status_code == 401
        assert "Bearer" in json.loads(refused.value.response.body or b"")["message"]
    client = client_of(server.base_url, "secret")
    async with await client.audio.realtime.connect(MODEL) as connection:
        assert connection.session.model == MODEL


async def test_an_idle_client_is_told(ring: Call, start: Start) -> None:
    server = await start(ServerSettings(idle_timeout=0.2))
    async with ring(server, QUERY, path=PATH) as caller:
        assert await caller.until_closed() == 1011
    assert caller.types() == ["session.created", "error"]
    assert caller.events[-1]["error"]["code"] == 408


def test_what_we_send_parses_with_its_types() -> None:
    from mistralai.client.models import (
        RealtimeTranscriptionInputAudioAppend,
        RealtimeTranscriptionInputAudioEnd,
        RealtimeTranscriptionSessionUpdateMessage,
    )

    turn = {
        "start_threshold": 0.6, "eager_end_threshold": 0.6, "end_threshold": 0.2, "min_silence_ms": 300,
        "end_timeout_ms": 2500,
    }  # fmt: skip
    settings = Settings(keyterms=("La Roche",), language_hints=("fr",), turn=TurnSettings(turn))
    site = Site("wss://x.example")
    (sent,) = SERVICE.request(site, settings, Audio("pcm_f32le", 48_000)).messages
    told = RealtimeTranscriptionSessionUpdateMessage.model_validate_json(sent, strict=True)
    assert told.model_dump(exclude_unset=True) == json.loads(sent)
    session: Any = told.session
    assert session.turn_detection.model_dump() == turn
    assert (session.context_bias, session.language) == (["La Roche"], "fr")
    assert session.audio_format == sound_format("pcm_f32le", 48_000)
    (bare,) = SERVICE.request(site, Settings(), Audio("pcm_s16le", 16_000)).messages
    assert json.loads(RealtimeTranscriptionSessionUpdateMessage.model_validate_json(bare).model_dump_json())["session"]
    append = RealtimeTranscriptionInputAudioAppend.model_validate_json(SERVICE.encode(b"\1\2"), strict=True)
    assert base64.b64decode(append.audio) == b"\1\2"
    (end,) = SERVICE.finish(True)
    assert RealtimeTranscriptionInputAudioEnd.model_validate_json(end, strict=True).type == "input_audio.end"


@pytest.mark.parametrize("wire", EXAMPLES, ids=lambda wire: str(wire["type"]))
def test_our_examples_parse_with_its_types(wire: dict[str, Any]) -> None:
    told, known = parse(wire)
    assert known, told
    assert told.type == wire["type"]


def test_its_parser_does_tell_what_is_wrong() -> None:
    assert not parse({"type": "turn.end", "time_s": 1.0})[1]


def test_thresholds_are_those_of_the_likelihood_as_they_are() -> None:
    """Larger is sooner for the ends and later for the start, as for the service (services.md 3)."""
    session = SERVER_SIDE.open(Head(f"{PATH}?{QUERY}"), Visit("r"))
    session.open()
    given = {"start_threshold": 0.7, "eager_end_threshold": 0.6, "end_threshold": 0.2, "min_silence_ms": 300}
    session.open(json.dumps(update(turn_detection={**given, "end_timeout_ms": None})))
    parameters = session.open(json.dumps(SOUND)).parameters
    assert parameters is not None
    assert parameters.thresholds == Thresholds(0.7, 0.6, 0.2, 3000, 300)
    words = {each.name: each.larger for each in SERVICE.schema.settings}
    assert words == {
        "start_threshold": "starts later", "eager_end_threshold": "guesses sooner", "end_threshold": "ends sooner",
        "min_silence_ms": "ends later", "end_timeout_ms": "ends later",
    }  # fmt: skip


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.sampled_from([*SESSION, "x"]), ANYTHING | st.sampled_from(list(SESSION.values())))
MESSAGES = st.fixed_dictionaries(
    {"type": st.sampled_from(["session.update", "input_audio.append", "input_audio.flush", "input_audio.end"])},
    optional={"session": FIELDS | ANYTHING, "audio": st.sampled_from(["", "AAAA"]) | ANYTHING},
)


@given(st.lists((MESSAGES | ANYTHING).map(json.dumps) | st.text() | st.binary(), max_size=6))
def test_any_messages_are_taken_or_refused(messages: list[str | bytes]) -> None:
    session = SERVER_SIDE.open(Head(f"{PATH}?{QUERY}"), Visit("r"))
    opening = session.open()
    rejection = None
    try:
        for message in messages:
            if opening.parameters is None:
                opening = session.open(message)
            else:
                session.read(message)
    except RejectedError as error:
        rejection = error.rejection
    assert rejection is None or rejection.fatal
    for told in (*opening.texts, *session.close(rejection).texts):
        assert parse(json.loads(told))[1]


@pytest.mark.slow
async def test_many_sessions_are_independent(stand_in_url: str) -> None:
    many = await asyncio.gather(*(stream(stand_in_url, TWO_TURNS, audio_format=sound_format()) for _ in range(4)))
    assert {said(messages) for messages in many} == {"word1 word2 word3 word1"}
