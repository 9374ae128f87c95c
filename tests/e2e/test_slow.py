"""What this machine holds up is not the service's fault: the turn is slow."""

import asyncio
import os
import signal
import sys

import pytest
from tests.support.sound import READING
from tests.support.watched import Watched

from stt_monitor.core.commands import Stop
from stt_monitor.core.sound.slowness import SLOW_S
from stt_monitor.server.child import LocalServerProcess


@pytest.mark.skipif(sys.platform == "win32", reason="stops a process with a signal")
async def test_a_local_server_that_is_stopped_for_a_second_makes_its_turn_slow():
    with LocalServerProcess() as server:
        url = await server.start_async()
        watched = Watched(READING, f"{url}?trace=1")
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGSTOP)
        try:
            stopped = await watched.until(lambda snapshot: (snapshot.health.round_trip or 0) > 2 * SLOW_S)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        assert stopped.open_turn is not None
        number = stopped.open_turn.number
        caught_up = await watched.until(
            lambda snapshot: (snapshot.health.server_lag_max or 0) > SLOW_S and snapshot.counts.turns >= number
        )
        assert caught_up.counts.turns >= number
        watched.session.send(Stop())
        await running
    assert watched.lines("turn")[number - 1]["slow"] is True
