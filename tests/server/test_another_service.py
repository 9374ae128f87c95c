"""The server owes nothing to the one protocol: it speaks an invented one beside it, from the same detector."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.server.parrot import PARROT, PATH
from tests.server.stand_in import (
    TWO_TURNS,
    TWO_TURNS_TRANSCRIPT,
    Call,
    Caller,
    LoudnessDetector,
    s16,
    silence,
    tone,
)
from tests.server.test_server_http import ask
from websockets.exceptions import InvalidStatus

from stt_monitor.server.server import LocalServer
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.registry import server_sides

SETTINGS = {"hz": 16_000, "patience": 8}
QUERY = "bird=grey"


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer(LoudnessDetector, sides=(server_sides()[0], PARROT)) as running:
        yield running


def pcm(audio: bytes) -> dict[str, object]:
    return {"pcm": base64.b64encode(audio).decode()}


async def told(caller: Caller) -> list[dict[str, Any]]:
    """Say goodbye and return all that was told, without the numbers, which must count."""
    await caller.send({"bye": True})
    assert await caller.until_closed() == 4200
    assert [event.pop("n") for event in caller.events] == list(range(1, len(caller.events) + 1))
    return caller.events


async def test_both_are_told_the_same_turns(server: LocalServer, ring: Call) -> None:
    async with ring(server, QUERY, path=PATH) as parrot, ring(server) as caller:
        assert "hello" in await parrot.next()
        await parrot.send(SETTINGS)
        await parrot.send(pcm(TWO_TURNS))
        await caller.send(TWO_TURNS)
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000
        events = await told(parrot)
    assert caller.transcript() == TWO_TURNS_TRANSCRIPT
    assert events[1] == {"ready": True}
    assert events[-1] == {"turns": 2}
    ends = [(event["turn"], event["says"]) for event in events if event.get("does") == "turn.end"]
    assert ends == [(0, "word1 word2 word3"), (1, "word1")]
    assert [event["at"] for event in events if event.get("does") == "turn.start"] == [0.32, 3.26]
    assert parrot.socket.close_reason == "bye"


async def test_what_comes_with_the_parameters_counts(server: LocalServer, ring: Call) -> None:
    async with ring(server, QUERY, path=PATH) as parrot:
        await parrot.send(SETTINGS | pcm(TWO_TURNS))
        events = await told(parrot)
    assert [event["says"] for event in events if event.get("does") == "turn.end"] == ["word1 word2 word3", "word1"]
    async with ring(server, QUERY, path=PATH) as parrot:
        await parrot.send(SETTINGS | {"bye": True})
        await parrot.send({"swear": 1})  # nothing counts after the farewell
        assert await parrot.until_closed() == 4200
    assert parrot.events[1:] == [{"n": 2, "ready": True}, {"n": 3, "turns": 0}]


async def test_a_session_can_end_without_a_close_frame(server: LocalServer, ring: Call) -> None:
    async with ring(server, QUERY, path=PATH) as parrot:
        for message in (SETTINGS, pcm(TWO_TURNS), {"bye": True, "slam": True}):
            await parrot.send(message)
        assert await parrot.until_closed() == 1006
    assert parrot.events[-1].items() >= {"turns": 2}.items()


async def test_a_turn_is_ended_by_hand_where_the_word_stands_in_the_audio(server: LocalServer, ring: Call) -> None:
    async with ring(server, QUERY, path=PATH) as parrot:
        for message in (SETTINGS, {"over": True}, pcm(s16(tone(0.6))), {"over": True}, pcm(s16(tone(0.6)))):
            await parrot.send(message)
        events = await told(parrot)
    done = [(event.get("does", "over"), event.get("turn"), event.get("at")) for event in events[2:-1]]
    assert done == [
        ("over", None, None),
        ("turn.start", 0, 0.02), ("turn.update", 0, 0.5), ("turn.end", 0, 0.6), ("over", None, None),
        ("turn.start", 1, 0.62), ("turn.update", 1, 1.1), ("turn.end", 1, 1.2),
    ]  # fmt: skip


async def test_a_change_is_acknowledged_when_it_takes_effect(server: LocalServer, ring: Call) -> None:
    async with ring(server, QUERY, path=PATH) as parrot:
        for message in (SETTINGS, pcm(s16(tone(0.1))), {"patience": 0.1}, {"sing": 1}, pcm(s16(silence(0.3)))):
            await parrot.send(message)
        events = await told(parrot)
    assert {"squawk": "What?"} in events
    order = [event.get("does") or event.get("patience") for event in events if "does" in event or "patience" in event]
    assert order == ["turn.start", 0.1, "turn.end"]


async def test_a_message_can_end_the_session_and_the_close_frame_have_no_code(server: LocalServer, ring: Call) -> None:
    async with ring(server, QUERY, path=PATH) as parrot:
        for message in (SETTINGS, {"sing": 1}, {"swear": 1}, {"sing": 1}):
            await parrot.send(message)
        assert await parrot.until_closed() == 1005
    assert [event["squawk"] for event in parrot.events[2:]] == ["What?", "What?"]


@pytest.mark.parametrize(
    ("settings", "first", "code", "squawk"),
    [
        (ServerSettings(), {"patience": 1}, 4400, "No rate"),
        (ServerSettings(idle_timeout=0.2), None, 4408, "Idle timeout"),
    ],
)
async def test_without_parameters_there_is_no_session(
    ring: Call, settings: ServerSettings, first: dict[str, object] | None, code: int, squawk: str
) -> None:
    async with (
        LocalServer(LoudnessDetector, settings, sides=(PARROT,)) as server,
        ring(server, QUERY, path=PATH) as parrot,
    ):
        if first is not None:
            await parrot.send(first)
        assert await parrot.until_closed() == code
    assert parrot.events[-1]["squawk"] == squawk


async def test_each_is_refused_in_its_form() -> None:
    async with LocalServer(LoudnessDetector, ServerSettings(key="k"), sides=(server_sides()[0], PARROT)) as server:
        reply = await ask(server, f"GET {PATH} HTTP/1.1".encode())
        assert (reply.status, reply.headers["content-type"]) == (426, "text/squawk")
        assert reply.body.decode() == f"Upgrade Required at {PATH}, numbered"
        nowhere = await ask(server, b"GET /nowhere HTTP/1.1")
        assert nowhere.json()["message"] == f"Nothing is here; speech is recognised at /stt/turns/websocket and {PATH}."


@pytest.mark.parametrize(
    ("query", "headers", "status", "title"),
    [
        (QUERY, {"Authorization": "Bearer k"}, 401, "Cracker!"),
        ("bird=red", {"X-Cracker": "k"}, 400, "No bird"),
    ],
)
async def test_a_request_can_refuse_the_handshake(
    ring: Call, query: str, headers: dict[str, str], status: int, title: str
) -> None:
    async with LocalServer(LoudnessDetector, ServerSettings(key="k"), sides=(PARROT,)) as server:
        with pytest.raises(InvalidStatus) as refused:
            async with ring(server, query, path=PATH, headers=headers):
                pass
        assert refused.value.response.status_code == status
        assert refused.value.response.body.startswith(title.encode())
        async with ring(server, QUERY, path=PATH, headers={"X-Cracker": "k"}) as parrot:
            assert "hello" in await parrot.next()


async def test_the_front_page_has_both(server: LocalServer) -> None:
    page = (await ask(server, b"GET / HTTP/1.1")).body.decode()
    assert "streaming protocols of Cartesia's Realtime STT (Auto) and Parrot, offline" in page
    assert f"ws://localhost:1{PATH}?bird=grey" in page
    assert "  Parrot('http://localhost:1', 'local')\n" in page
