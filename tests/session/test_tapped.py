"""Vendors' SDKs, unchanged, through a tap to the local server: the same figures as in a session of our own.

Each is imported where it is used, as in its own tests: collection is quick without them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, NamedTuple

import pytest
from tests.server import test_assemblyai_sdk as assemblyai
from tests.server import test_flux_sdk as flux
from tests.server import test_sdk as cartesia
from tests.server import test_voxtral_sdk as voxtral
from tests.server.stand_in import LoudnessDetector
from tests.server.test_tapped_sdks import same
from tests.support.overheard import Overhearing
from tests.support.sound import READING, wav_bytes
from tests.support.virtual_time import VirtualLoop, current_clock
from tests.support.watched import Watched

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.server.server import LocalServer
from stt_monitor.services import registry
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import detected_speech
from stt_monitor.tap.events import CallEvent
from stt_monitor.tap.forwarder import Forwarder
from stt_monitor.tap.settings import TapSettings

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]
"""The SDKs' business with newer releases of their libraries."""

CHUNK_MS = 100
SOUND = AudioFormat(Encoding.PCM_S16LE, 16_000)
AUDIO = wav_bytes(READING)

VOXTRAL: Any = TurnSettings(start_threshold=0.5, eager_end_threshold=0.5, end_threshold=0.2, min_silence_ms=500)
"""All that its SDK sends as soon as one is asked for."""

ASSEMBLYAI: dict[str, Any] = assemblyai.QUERY


async def spoken() -> AsyncIterator[bytes]:
    """Yield the recording as an agent gets it: each piece once it has been spoken."""
    clock = asyncio.get_running_loop().time
    began = clock()
    for piece, until in pieces():
        await asyncio.sleep(began + until - clock())
        yield piece


def pieces() -> Iterator[tuple[bytes, float]]:
    """Yield the recording in pieces, each with where it ends, seconds."""
    size = SOUND.bytes_per_second * CHUNK_MS // 1000
    for at in range(0, len(AUDIO), size):
        piece = AUDIO[at : at + size]
        yield piece, (at + len(piece)) / SOUND.bytes_per_second


async def cartesia_sync(url: str) -> None:
    """Do on a thread what blocks, for the time to know of it."""
    from cartesia import Cartesia

    act = asyncio.to_thread
    with Cartesia(api_key="any", base_url=url) as client:
        connecting = client.stt.auto_finalize.websocket(**cartesia.FORMAT)
        connection = await act(connecting.__enter__)
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop):  # it has no other way to know a socket that no loop selects
            loop.world.watch(connection._connection.socket.fileno())
        async for piece in spoken():
            await act(connection.send_raw, piece)
        await act(connection.send, {"type": "close"})
        await act(list, connection)
        await act(connecting.__exit__, None, None, None)


async def cartesia_async(url: str) -> None:
    from cartesia import AsyncCartesia

    async with (
        AsyncCartesia(api_key="any", base_url=url) as client,
        client.stt.auto_finalize.websocket(**cartesia.FORMAT) as connection,
    ):

        async def send() -> None:
            async for piece in spoken():
                await connection.send_raw(piece)
            await connection.send({"type": "close"})

        await asyncio.gather(send(), _read(connection))


async def deepgram(url: str) -> None:
    async with flux.client_of(url).listen.v2.connect(**flux.FORMAT, eager_eot_threshold=0.5) as connection:

        async def send() -> None:
            async for piece in spoken():
                await connection.send_media(piece)
            await connection.send_close_stream()

        await asyncio.gather(send(), _read(connection))


async def mistral(url: str) -> None:
    client = voxtral.client_of(url)
    await _read(
        client.audio.realtime.transcribe_stream(
            spoken(), voxtral.MODEL, audio_format=voxtral.sound_format(), turn_detection=VOXTRAL
        )
    )


async def assembly(url: str) -> None:
    from assemblyai.streaming import v3

    options = v3.RealTimeTranscriberOptions(api_key="any", api_host=url.replace("http", "ws"))
    transcriber = v3.AsyncRealTimeTranscriber(options)
    for kind in v3.RealTimeEvents:
        transcriber.on(kind, lambda *_: None)
    await transcriber.connect(v3.RealTimeParameters(**ASSEMBLYAI))
    async for piece in spoken():
        await transcriber.stream(piece)
    await transcriber.disconnect(terminate=True)


async def _read(told: Any) -> None:  # noqa: ANN401  each SDK has a type of its own
    async for _ in told:
        pass


class Agent(NamedTuple):
    """An SDK, and what a session of ours asks for that is the same."""

    talk: Callable[[str], Awaitable[None]]
    service: str
    turn: TurnSettings = TurnSettings()


AGENTS = {
    "cartesia sync": Agent(cartesia_sync, "cartesia"),
    "cartesia async": Agent(cartesia_async, "cartesia"),
    "deepgram": Agent(deepgram, "flux", TurnSettings(eager_eot_threshold=0.5)),
    "mistral": Agent(mistral, "voxtral", VOXTRAL),
    "assemblyai": Agent(assembly, "assemblyai"),
}


def figures(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what only a session with a file has, and only a call. Time is virtual: the rest is equal."""
    others = ("call", "speech_start_file_s", "speech_end_file_s")
    return [{name: value for name, value in turn.items() if name not in others} for turn in turns]


def came(events: list[dict[str, Any]]) -> list[tuple[float, Any]]:
    """Return what the service said, and when."""
    return [(event["t"], same(event["event"])) for event in events]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning")
@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
async def test_the_figures_of_a_call_are_those_of_a_session_of_our_own(agent: Agent) -> None:
    events: list[CallEvent] = []

    def tell(event: CallEvent) -> bool:
        events.append(event)
        return True

    clock = current_clock()
    async with LocalServer(LoudnessDetector, clock=clock) as server:
        direct = Watched(
            READING,
            server.base_url,
            Settings(turn=agent.turn),
            reference=detected_speech(SOUND),
            service=registry.service(agent.service),
            chunk_ms=CHUNK_MS,
        )
        assert await direct.run() == Outcome()
        async with Forwarder(TapSettings(port=0, to=server.base_url), tell, clock=clock) as tap:
            await agent.talk(f"http://127.0.0.1:{tap.listening[1]}")
    heard = Overhearing(lambda sound: detected_speech(sound).finder)
    heard.handle(*events)
    assert figures(heard.lines("turn")) == figures(direct.lines("turn"))
    assert [turn["eot_latency_ms"] > 0 for turn in heard.lines("turn")] == [True] * 3
    assert not any(turn["slow"] for turn in heard.lines("turn"))
    assert came(heard.lines("event")) == came(direct.lines("event"))
