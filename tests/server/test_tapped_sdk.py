"""Vendors' SDKs through a tap to the local server: what is measured of their calls is as in a session of our own."""

import asyncio
import json
import signal
import subprocess
import wave
from pathlib import Path
from typing import Any

import pytest
from tests.server.stand_in import TWO_TURNS, TWO_TURNS_TRANSCRIPT
from tests.server.test_flux_sdk import stream
from tests.support.patience import PATIENCE_S
from tests.support.watched import Watched
from tests.tap.test_command import line, tap

from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.recording.replay import replay_records
from stt_monitor.recording.saved_sessions import open_saved
from stt_monitor.tap.sessions.session import TOO_FAST

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]
"""The SDKs' business with newer releases of their libraries."""

FORMAT: Any = {"model": "ink-2", "encoding": "pcm_s16le", "sample_rate": 16_000}
CHUNK = 3200
CHUNK_S = 0.1


async def speak(base_url: str, audio: bytes) -> None:
    """Send audio as it is spoken, as an agent does, and read to the end."""
    from cartesia import AsyncCartesia

    clock = asyncio.get_running_loop().time

    async def send(connection: Any) -> None:  # noqa: ANN401  the SDK's own types vary
        began = clock()
        for number, at in enumerate(range(0, len(audio), CHUNK), 1):
            await asyncio.sleep(began + number * CHUNK_S - clock())
            await connection.send_raw(audio[at : at + CHUNK])
        await connection.send({"type": "close"})

    async def read(connection: Any) -> None:  # noqa: ANN401  the same
        async for _ in connection:
            pass

    async with (
        AsyncCartesia(api_key="sk-never-told", base_url=base_url) as client,
        client.stt.auto_finalize.websocket(**FORMAT) as connection,
    ):
        await asyncio.gather(send(connection), read(connection))


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """End a tap; return what it printed since the last line that was read, and its diagnoses."""
    assert process.stdout is not None
    assert process.stderr is not None
    process.send_signal(signal.SIGTERM)
    printed = process.stdout.read()
    errors = process.stderr.read()
    process.wait(PATIENCE_S)
    return printed, errors


def wav(path: Path, audio: bytes) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        file.writeframes(audio)
    return path


@pytest.mark.slow
async def test_calls_are_sessions_saved_and_measured_like_any(stand_in_url: str, tmp_path: Path) -> None:
    to = stand_in_url.replace("ws", "http", 1)
    with tap("--listen", "0", "--to", to, "--json", "--record", str(tmp_path / "calls"), "--keep", "2") as process:
        base_url = str((await asyncio.to_thread(line, process))["url"])
        await asyncio.gather(speak(base_url, TWO_TURNS), stream(base_url, TWO_TURNS))
        for _ in range(3):  # the begin of the other call, and both ends
            await asyncio.to_thread(line, process)
        rest, errors = await asyncio.to_thread(ended, process)
    assert process.returncode == 128 + signal.SIGTERM
    assert "sk-never-told" not in rest + errors
    assert TOO_FAST in errors  # of the one that sent all at once
    saved = [open_saved(folder) for folder in sorted((tmp_path / "calls").iterdir())]
    records = {session.lanes[0].manifest.session.service: list(replay_records(session)) for session in saved}
    assert set(records) == {"cartesia", "flux"}
    turns = {name: [each for each in told if isinstance(each, TurnRecord)] for name, told in records.items()}
    assert "".join(turn.transcript for turn in turns["cartesia"]) == TWO_TURNS_TRANSCRIPT
    assert [turn.slow for turn in turns["flux"]] == [True] * len(turns["flux"])
    summaries = [each for each in map(json.loads, rest.splitlines()) if each["kind"] == "summary"]
    assert len(summaries) <= 2
    direct = Watched(wav(tmp_path / "two.wav", TWO_TURNS), stand_in_url)
    await direct.run()
    told = [each for each in direct.records if isinstance(each, TurnRecord)]
    assert [(turn.transcript, turn.eager_ends, turn.resumes) for turn in turns["cartesia"]] == [
        (turn.transcript, turn.eager_ends, turn.resumes) for turn in told
    ]


@pytest.mark.slow
async def test_redacted_calls_tell_figures_alone(stand_in_url: str) -> None:
    to = stand_in_url.replace("ws", "http", 1)
    with tap("--listen", "0", "--to", to, "--json", "--redact") as process:
        base_url = str((await asyncio.to_thread(line, process))["url"])
        await speak(base_url, TWO_TURNS)
        rest, _ = await asyncio.to_thread(ended, process)
    assert "word1" not in rest
    kinds = [json.loads(each)["kind"] for each in rest.splitlines()]
    assert kinds.count("turn") == 2
    assert kinds.count("summary") == 1
