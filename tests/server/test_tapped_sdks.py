"""The vendors' SDKs, unchanged, through a tap: the same events as without it, message for message."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tests.server import test_assemblyai_sdk as assemblyai
from tests.server import test_flux_sdk as flux
from tests.server import test_sdk as cartesia
from tests.server import test_voxtral_sdk as voxtral
from tests.server.stand_in import TWO_TURNS, TWO_TURNS_TRANSCRIPT

from stt_monitor.tap.process import TapProcess
from stt_monitor.tap.settings import TapSettings

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]
"""The SDKs' business with newer releases of their libraries."""

VOICE: Any = {"mode": "id", "id": "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"}
"""Older releases know no other shape."""

HELLO: Any = {
    "model_id": "sonic-latest",
    "transcript": "Hello, world!",
    "voice": VOICE,
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000},
}

OWN = {"request_id", "id", "expires_at", "session_duration_seconds", "created", "event_id"}
"""What differs from session to session."""


@pytest.fixture(scope="session")
def tap_url(stand_in_url: str) -> Iterator[str]:
    with TapProcess(TapSettings(port=0, to=stand_in_url)) as tap:
        yield f"http://127.0.0.1:{tap.listening.port}"


def same(value: Any) -> Any:  # noqa: ANN401  whatever JSON can hold
    """Leave out what is a session's own."""
    if isinstance(value, dict):
        return {name: same(inner) for name, inner in value.items() if name not in OWN}
    return [same(inner) for inner in value] if isinstance(value, list) else value


def told(messages: list[Any]) -> list[Any]:
    return [same(message.model_dump(mode="json")) for message in messages]


async def synchronous(url: str) -> list[Any]:
    return cartesia.send_then_read(url, TWO_TURNS)


SESSIONS: dict[str, Callable[[str], Awaitable[list[Any]]]] = {
    "cartesia sync": synchronous,
    "cartesia async": lambda url: cartesia.send_and_read(url, TWO_TURNS),
    "deepgram": lambda url: flux.stream(url, TWO_TURNS, eager_eot_threshold=0.5),
    "mistral": lambda url: voxtral.stream(url, TWO_TURNS, audio_format=voxtral.sound_format(), turn_detection={}),
    "assemblyai": lambda url: assemblyai.stream(url, TWO_TURNS, format_turns=True),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning")
@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
async def test_the_same_events(stand_in_url: str, tap_url: str, session: Callable[[str], Awaitable[list[Any]]]) -> None:
    directly, tapped = await session(stand_in_url), await session(tap_url)
    assert told(tapped) == told(directly)
    assert len(tapped) > 3


def test_the_same_transcript_and_the_same_speech(stand_in_url: str, tap_url: str) -> None:
    from cartesia import Cartesia

    spoken = []
    for url in (stand_in_url, tap_url):
        with Cartesia(api_key="any", base_url=url) as client:
            spoken.append(client.tts.generate(**HELLO).read())
            with client.tts.with_streaming_response.generate(**HELLO) as answer:  # on one connection, where it is kept
                spoken.append(b"".join(answer.iter_bytes()))
    assert len(set(spoken)) == 1
    assert len(spoken[0]) > 16_000
    assert cartesia.transcript(cartesia.send_then_read(tap_url, TWO_TURNS)) == TWO_TURNS_TRANSCRIPT
