"""Real speech over the wire: the same audio gives the same events, however it comes and whatever else goes on."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest
from tests.server.speech import BECKETT_WORDS, beckett, errors, words
from tests.server.stand_in import PATH, QUERY
from websockets.asyncio.client import connect

pytestmark = pytest.mark.slow  # real recognition


async def session(
    url: str, audio: bytes, frame: int, query: str = QUERY, together: asyncio.Barrier | None = None
) -> list[dict[str, Any]]:
    """Have some audio heard. Those who go together begin when all of them are let in: a busy server lets in fewer."""
    async with connect(f"{url.replace('http', 'ws')}{PATH}?{query}") as socket:
        if together is not None:
            await together.wait()
        for at in range(0, len(audio), frame):
            await socket.send(audio[at : at + frame])
        await socket.send('{"type":"close"}')
        events: list[dict[str, Any]] = [json.loads(message) async for message in socket]
    return [{name: value for name, value in event.items() if name != "request_id"} for event in events]


def transcript(events: list[dict[str, Any]]) -> str:
    return "".join(event["transcript"] for event in events if event["type"] == "turn.end")


async def test_frame_sizes_and_load_change_nothing(real_url: str) -> None:
    audio = beckett()
    alone = await session(real_url, audio, 3200)
    assert errors(words(transcript(alone)), BECKETT_WORDS) <= 4
    frames = (641, 3200, 10_001, len(audio))
    together = asyncio.Barrier(len(frames))
    heard = await asyncio.gather(*(session(real_url, audio, frame, together=together) for frame in frames))
    assert all(events == alone for events in heard)


async def test_the_longest_query_that_is_allowed(real_url: str) -> None:
    query = QUERY + "".join("&keyterm=" + quote("話" * 12) for _ in range(100))
    assert [event["type"] for event in await session(real_url, b"", 1, query)] == ["connected"]


async def test_an_expected_phrase_does_no_harm_to_itself_nor_to_others(real_url: str) -> None:
    audio = beckett()
    alone = await session(real_url, audio, 3200)
    together = asyncio.Barrier(2)
    with_term, without = await asyncio.gather(
        session(real_url, audio, 3200, f"{QUERY}&keyterm=Fail%20again", together),
        session(real_url, audio, 3200, together=together),
    )
    assert without == alone
    heard, helped = words(transcript(alone)), words(transcript(with_term))
    assert errors(helped, BECKETT_WORDS) <= errors(heard, BECKETT_WORDS)


async def test_telephone_speech(real_url: str) -> None:
    wide = beckett()
    narrow = b"".join(wide[at : at + 2] for at in range(0, len(wide), 4))
    events = await session(real_url, narrow, 1600, QUERY.replace("16000", "8000"))
    assert errors(words(transcript(events)), BECKETT_WORDS) <= 5


async def test_the_likelihood_follows_the_voice(real_url: str) -> None:
    events = await session(real_url, beckett(), 3200, f"{QUERY}&trace=1")
    points = [point for event in events if event["type"] == "x.likelihood" for point in event["points"]]
    positions = [position for position, _ in points]
    assert positions == sorted(set(positions))
    assert abs(positions[-1] - len(beckett()) / 32_000) < 0.1
    assert all(0 <= value <= 1 for _, value in points)
    assert max(value for _, value in points) > 0.8
    assert min(value for _, value in points) < 0.3
