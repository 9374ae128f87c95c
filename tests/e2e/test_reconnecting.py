"""Connections that are lost to other processes and seen from other threads: in real time."""

import asyncio
import os
import queue
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sessions import maker
from tests.support.sound import write_wav
from tests.support.watched import Watched

from stt_monitor.core.commands import RetryNow, Start
from stt_monitor.server.child import LocalServerProcess
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.thread import SessionThread
from stt_monitor.transport import retry as backoff
from stt_monitor.transport.address import Address, read_address

if TYPE_CHECKING:
    from stt_monitor.core.snapshot import Snapshot


async def drop(dialogue: Dialogue) -> None:
    await dialogue.say("connected")
    await dialogue.hear(0.2)
    dialogue.socket.transport.abort()


async def test_the_user_can_try_at_once_from_another_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backoff, "FIRST_DELAY_S", 10_000.0)
    monkeypatch.setattr(backoff, "LONGEST_DELAY_S", 10_000.0)
    seen: queue.SimpleQueue[Snapshot | Outcome] = queue.SimpleQueue()
    async with ScriptedService(drop, polite) as service:
        runner = SessionThread(maker(service.url, write_wav(tmp_path / "half a second.wav", 0.55)))
        runner.subscribe(seen.put, on_outcome=seen.put)
        try:
            runner.send(Start())
            while not isinstance(arrival := await asyncio.to_thread(seen.get), Outcome):
                if arrival.retry is not None:
                    runner.send(RetryNow())
            assert arrival == Outcome()
        finally:
            runner.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_a_local_server_that_was_killed_is_started_again(tmp_path: Path):
    with LocalServerProcess() as server:
        await server.start_async()

        async def find() -> Address:
            return read_address(await server.start_async())

        watched = Watched(write_wav(tmp_path / "a second.wav", 1.0), "")
        watched.session._find_service = find
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 0.3)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert await running == Outcome()
    assert watched.health.reconnects == 1
    assert watched.health.audio_sent_s == 1.0
