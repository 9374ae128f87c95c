"""The vendor's Python SDK, unchanged, in the order of doing things of its examples (protocol.md 14).

It passes with every release from 3.2.0 on: `pip install --target DIR cartesia==3.2.0`, then `PYTHONPATH=DIR pytest`.
"""

import asyncio
from collections.abc import AsyncIterable, Iterator
from typing import Any

import pytest
from tests.server.speech import BECKETT_WORDS, beckett, errors, words
from tests.server.stand_in import TWO_TURNS, TWO_TURNS_TRANSCRIPT

pytestmark = pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning")
"""The SDK's business with newer releases of the websocket library."""

FORMAT: Any = {"model": "ink-2", "encoding": "pcm_s16le", "sample_rate": 16_000}
CHUNK = 3200


def chunks(audio: bytes) -> Iterator[bytes]:
    return (audio[at : at + CHUNK] for at in range(0, len(audio), CHUNK))


def send_then_read(base_url: str, audio: bytes, **options: Any) -> list[Any]:  # noqa: ANN401  the SDK's own types vary
    """As the synchronous example does: all of the file, `close`, and only then the first event."""
    from cartesia import Cartesia

    client = Cartesia(api_key="any", base_url=base_url)
    with client, client.stt.auto_finalize.websocket(**FORMAT, **options) as connection:
        for chunk in chunks(audio):
            connection.send_raw(chunk)
        connection.send({"type": "close"})
        return list(connection)


async def send_and_read(
    base_url: str, audio: bytes, messages: tuple[Any, ...] = (), together: asyncio.Barrier | None = None
) -> list[Any]:
    """As the asynchronous example does: both at once. Those who go together begin when all of them are let in."""
    from cartesia import AsyncCartesia

    async def send(connection: Any) -> None:  # noqa: ANN401  the same
        for message in messages:
            await connection.send(message)
        for chunk in chunks(audio):
            await connection.send_raw(chunk)
        await connection.send({"type": "close"})

    async def read(connection: AsyncIterable[Any]) -> list[Any]:
        return [event async for event in connection]

    async with (
        AsyncCartesia(api_key="any", base_url=base_url) as client,
        client.stt.auto_finalize.websocket(**FORMAT) as connection,
    ):
        if together is not None:
            await together.wait()
        events: list[Any] = (await asyncio.gather(send(connection), read(connection)))[1]
        return events


def transcript(events: list[Any]) -> str:
    return "".join(event.transcript for event in events if event.type == "turn.end")


def test_sync_sends_everything_and_closes_before_it_reads(stand_in_url: str) -> None:
    events = send_then_read(stand_in_url, TWO_TURNS)
    assert events[0].type == "connected"
    assert transcript(events) == TWO_TURNS_TRANSCRIPT
    assert len({event.request_id for event in events}) == 1


async def test_async_sends_and_reads_at_once(stand_in_url: str) -> None:
    assert transcript(await send_and_read(stand_in_url, TWO_TURNS)) == TWO_TURNS_TRANSCRIPT


async def test_config_and_an_error_that_does_not_end_the_session(stand_in_url: str) -> None:
    good = {"type": "config", "turn": {"end_timeout_ms": 8000}}
    bad = {"type": "config", "turn": {"end_threshold": 0.9}}
    events = await send_and_read(stand_in_url, TWO_TURNS, (good, bad))
    failures = [event for event in events if event.type == "error"]
    assert [(failure.status_code, failure.title) for failure in failures] == [(400, "Invalid turn thresholds")]
    assert failures[0].message
    assert transcript(events) == TWO_TURNS_TRANSCRIPT


def test_queries_as_the_sdk_writes_them(stand_in_url: str) -> None:
    query = {
        "keyterm": ["Ink 2", "Wörterbuch"],
        "turn_start_threshold": 0.7,
        "turn_eager_end_threshold": 0.6,
        "turn_end_threshold": 0.4,
        "turn_end_timeout_ms": 4500.0,
    }
    events = send_then_read(stand_in_url, TWO_TURNS, extra_query=query)
    assert transcript(events) == TWO_TURNS_TRANSCRIPT


def test_refused_parameters_arrive_as_an_error_event(stand_in_url: str) -> None:
    from cartesia import Cartesia

    client = Cartesia(api_key="any", base_url=stand_in_url)
    with client, client.stt.auto_finalize.websocket(**{**FORMAT, "model": "ink-whisper"}) as connection:
        events = iter(connection)
        error: Any = next(events)
        assert (error.type, error.error_code) == ("error", "model_not_found")
        with pytest.raises(Exception, match="1008") as closed:
            next(events)
        assert "Invalid model" in str(closed.value)


@pytest.mark.slow
def test_sync_with_real_speech(real_url: str) -> None:
    heard = words(transcript(send_then_read(real_url, beckett())))
    assert errors(heard, BECKETT_WORDS) <= 4


@pytest.mark.slow
async def test_async_with_real_speech_ten_at_once(real_url: str) -> None:
    together = asyncio.Barrier(10)
    audio = beckett()[: 4 * 32_000]  # the first words
    sessions = await asyncio.gather(*(send_and_read(real_url, audio, together=together) for _ in range(10)))
    texts = {transcript(events) for events in sessions}
    assert len(texts) == 1
    assert errors(words(texts.pop()), BECKETT_WORDS[:6]) <= 2


@pytest.mark.slow
def test_without_a_file_the_examples_synthesise_one(real_url: str) -> None:
    from cartesia import Cartesia

    client = Cartesia(api_key="any", base_url=real_url)
    voice: Any = {"mode": "id", "id": "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"}  # older releases know no other shape
    with client:
        answer = client.tts.generate(
            model_id="sonic-latest",
            transcript="Hello, world! The quick brown fox jumps over the lazy dog.",
            voice=voice,
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000},
        )
        audio = answer.read()
    heard = words(transcript(send_then_read(real_url, bytes(8000) + audio + bytes(32_000))))
    assert errors(heard, ["hello", "world", "the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog"]) <= 3
