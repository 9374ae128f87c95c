"""Deepgram's Python SDK, unchanged, against the local server (services.md 12.1).

It is imported where it is used: it takes a moment, which each worker would spend to collect the tests.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.server.speech import BECKETT_WORDS, beckett, errors, words
from tests.server.stand_in import TWO_TURNS, Start
from tests.services.flux.examples import EXAMPLES
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.flux import SERVICE

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]
"""The SDK's business with newer releases of its libraries."""

FORMAT: Any = {"model": "flux-general-en", "encoding": "linear16", "sample_rate": 16_000}
CHUNK = 2560
"""80 ms, as the vendor advises."""


def strict(kind: str) -> Any:  # noqa: ANN401  the SDK's types
    """The type of its messages of this kind."""
    from deepgram.listen.v2 import types

    return {
        "Connected": types.ListenV2Connected,
        "TurnInfo": types.ListenV2TurnInfo,
        "ConfigureSuccess": types.ListenV2ConfigureSuccess,
        "ConfigureFailure": types.ListenV2ConfigureFailure,
        "Warning": types.ListenV2Warning,
        "Error": types.ListenV2FatalError,
    }[kind]


def client_of(base_url: str) -> Any:  # noqa: ANN401  the SDK's type
    from deepgram import AsyncDeepgramClient, DeepgramClientEnvironment

    socket = base_url.replace("http", "ws", 1)
    where = DeepgramClientEnvironment(base=base_url, production=socket, agent=socket, agent_rest=base_url)
    return AsyncDeepgramClient(api_key="any", environment=where)


def chunks(audio: bytes) -> Iterator[bytes]:
    return (audio[at : at + CHUNK] for at in range(0, len(audio), CHUNK))


async def stream(base_url: str, audio: bytes, *, before: Any = (), force: bool = True, **options: Any) -> list[Any]:  # noqa: ANN401  the SDK's types
    """Send all, then finish by hand, and return every message."""
    async with client_of(base_url).listen.v2.connect(**{**FORMAT, **options}) as connection:

        async def send() -> None:
            for message in before:
                await connection.send_configure(message)
            for chunk in chunks(audio):
                await connection.send_media(chunk)
            if force:
                await connection.send_force_end_turn()
            await connection.send_close_stream()

        async def read() -> list[Any]:
            return [message async for message in connection]

        messages: list[Any] = (await asyncio.gather(send(), read()))[1]
        return messages


def events(messages: list[Any]) -> list[str]:
    return [message.event for message in messages if message.type == "TurnInfo"]


def ends(messages: list[Any]) -> list[Any]:
    return [message for message in messages if message.type == "TurnInfo" and message.event == "EndOfTurn"]


def check(messages: list[Any]) -> None:
    """Every message parses strictly, and none is missing."""
    for message in messages:
        strict(message.type).model_validate(message.model_dump(), strict=True)
    assert [message.sequence_id for message in messages] == list(range(len(messages)))
    assert len({message.request_id for message in messages}) == 1


@pytest.mark.slow
async def test_real_speech(real_url: str) -> None:
    messages = await stream(real_url, beckett(), eager_eot_threshold=0.5)
    check(messages)
    heard = words(" ".join(end.transcript for end in ends(messages)))
    assert errors(heard, BECKETT_WORDS) <= 4
    assert {"StartOfTurn", "Update", "EagerEndOfTurn", "EndOfTurn"} <= set(events(messages))
    assert [end.turn_index for end in ends(messages)] == list(range(len(ends(messages))))
    for end in ends(messages):  # agents take the text of a message without words for none
        assert " ".join(word.word for word in end.words) == end.transcript
        assert all(0 < word.confidence <= 1 for word in end.words)
        assert all(0 <= word.start <= word.end <= end.audio_window_end for word in end.words)


async def test_every_kind_of_event(stand_in_url: str) -> None:
    messages = await stream(stand_in_url, TWO_TURNS, eager_eot_threshold=0.5)
    check(messages)
    assert messages[0].type == "Connected"
    told = [event for event in events(messages) if event != "Update"]
    assert told == [
        "StartOfTurn", "EagerEndOfTurn", "TurnResumed", "EagerEndOfTurn", "EndOfTurn", "StartOfTurn", "EndOfTurn",
    ]  # fmt: skip
    assert [(end.transcript, end.turn_index) for end in ends(messages)] == [("word1 word2 word3", 0), ("word1", 1)]
    assert ends(messages)[1].trigger == "manual"


async def test_a_clock_that_ticks_while_nobody_speaks(stand_in_url: str) -> None:
    messages = await stream(stand_in_url, bytes(32_000 * 2))
    check(messages)
    ticks = [each for each in messages if each.type == "TurnInfo"]
    assert [(each.event, each.transcript) for each in ticks] == [("Update", "")] * 8
    assert [each.audio_window_end for each in ticks] == pytest.approx([tick / 4 for tick in range(1, 9)], abs=0.032)
    (warning,) = [each for each in messages if each.type == "Warning"]
    assert warning.code == "FORCE_END_TURN_NO_ACTIVE_TURN"


@pytest.mark.slow
async def test_without_being_asked_there_are_no_eager_ends(real_url: str) -> None:
    messages = await stream(real_url, beckett())
    assert not {"EagerEndOfTurn", "TurnResumed"} & set(events(messages))
    model = [end for end in ends(messages) if end.trigger == "model"]
    assert model
    assert all(end.end_of_turn_confidence >= 0.7 for end in model)


async def test_the_end_of_the_stream_alone_ends_no_turn(stand_in_url: str) -> None:
    messages = await stream(stand_in_url, TWO_TURNS, force=False)
    assert [end.transcript for end in ends(messages)] == ["word1 word2 word3"]
    assert (messages[-1].event, messages[-1].transcript) == ("Update", "word1")


async def test_a_change_is_acknowledged_or_refused_as_a_whole(stand_in_url: str) -> None:
    good = {"type": "Configure", "thresholds": {"eot_timeout_ms": 900}, "keyterms": ["beckett"]}
    bad = {"type": "Configure", "thresholds": {"eot_timeout_ms": 1000, "eager_eot_threshold": 0.8}}
    more = {"type": "Configure", "thresholds": {"eager_eot_threshold": 0.7}}
    messages = await stream(stand_in_url, TWO_TURNS, before=(good, bad, more), keyterm=["beckett"])
    check(messages)
    answers = [each for each in messages if each.type.startswith("Configure")]
    failures = [each for each in answers if each.type == "ConfigureFailure"]
    assert [(each.code, "eager eot threshold 0.8" in each.description) for each in failures] == [
        ("INVALID_THRESHOLD", True)
    ]
    successes = [each.thresholds for each in answers if each.type == "ConfigureSuccess"]
    assert [(each.eot_threshold, each.eager_eot_threshold, each.eot_timeout_ms) for each in successes] == [
        (0.7, None, 900), (0.7, 0.7, 900),
    ]  # fmt: skip
    assert answers[0].keyterms == ["beckett"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"type": "KeepAlive"}, "Accepted message types"),
        ({"type": "Configure", "features": {}}, "features"),
        ({"type": "Configure", "thresholds": {"eot_threshold": "0.6"}}, "numbers"),
    ],
)
async def test_a_message_that_is_none_ends_the_connection(
    stand_in_url: str, message: dict[str, object], said: str
) -> None:
    async with client_of(stand_in_url).listen.v2.connect(**FORMAT) as connection:
        assert (await connection.recv()).type == "Connected"
        await connection.send_configure(message)
        error: Any = await connection.recv()
        assert (error.type, error.code) == ("Error", "UNPARSABLE_CLIENT_MESSAGE")
        assert said in error.description
        with pytest.raises(ConnectionClosed, match="1008"):
            await connection.recv()


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ({"model": "flux-general-multi"}, 400, "English only"),
        ({"model": "flux-general-enn"}, 403, "INSUFFICIENT_PERMISSIONS"),
        ({"encoding": "opus"}, 400, "encoding"),
        ({"sample_rate": 22_050}, 400, "sample_rate"),
        ({"eot_threshold": 0.49}, 400, "0.5 to 1"),
        ({"eot_threshold": 1.01}, 400, "0.5 to 1"),
        ({"eager_eot_threshold": 0.71}, 400, "must not be less than"),
        ({"keyterm": ""}, 400, "keyterm"),
        ({"language_hint": "en"}, 400, "language_hint"),
    ],
)
async def test_bad_parameters_refuse_the_handshake(
    stand_in_url: str, options: dict[str, Any], status: int, said: str
) -> None:
    from deepgram.core.api_error import ApiError

    query = urlencode({**FORMAT, **options})
    with pytest.raises(InvalidStatus) as refused:
        await connect(stand_in_url.replace("http", "ws", 1) + f"/v2/listen?{query}")
    response = refused.value.response
    body = json.loads(response.body or b"")
    assert response.status_code == status
    assert response.headers["dg-error"] == body["err_msg"]
    assert said in body["err_code"] + body["err_msg"]
    with pytest.raises(ApiError) as told:
        await stream(stand_in_url, b"", **options)
    assert told.value.status_code == status


async def test_the_key_stands_behind_token(start: Start) -> None:
    server = await start(ServerSettings(key="secret"))
    url = server.base_url.replace("http", "ws", 1) + f"/v2/listen?{urlencode(FORMAT)}"
    for authorization in ("Bearer secret", "Token other", "secret"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, additional_headers={"Authorization": authorization})
        assert refused.value.response.status_code == 401
    async with connect(url, additional_headers={"Authorization": "Token secret"}) as socket:
        assert json.loads(await socket.recv())["type"] == "Connected"


def test_what_we_send_parses_with_its_types() -> None:
    from deepgram.listen.v2 import types

    turn = TurnSettings(eot_threshold=0.8, eager_eot_threshold=0.4, eot_timeout_ms=2500)
    assert SERVICE.configure is not None
    told = types.ListenV2Configure.model_validate_json(SERVICE.configure(turn), strict=True)
    assert told.thresholds is not None
    assert told.thresholds.model_dump() == turn
    force, close = SERVICE.finish(True)
    assert types.ListenV2ForceEndTurn.model_validate_json(force, strict=True).type == "ForceEndTurn"
    assert types.ListenV2CloseStream.model_validate_json(close, strict=True).type == "CloseStream"


@pytest.mark.parametrize("wire", EXAMPLES, ids=lambda wire: str(wire.get("event", wire["type"])))
def test_our_examples_parse_with_its_types(wire: dict[str, Any]) -> None:
    strict(wire["type"]).model_validate_json(json.dumps(wire), strict=True)
