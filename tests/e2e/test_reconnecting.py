"""A connection that is lost because the other process died."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from tests.support.sound import write_wav
from tests.support.watched import Watched

from stt_monitor.server.child import LocalServerProcess
from stt_monitor.session.outcome import Outcome
from stt_monitor.transport.address import Address, read_address


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
