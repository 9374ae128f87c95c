"""A sweep's thread and its event loop."""

import asyncio

from stt_monitor.core.commands import Stop
from stt_monitor.sweep.runner import SweepRunner
from stt_monitor.sweep.thread import SweepThread


def never() -> SweepRunner:
    raise AssertionError("it was not begun")


def test_one_that_never_began_leaves_no_loop_open():
    loop = asyncio.new_event_loop()
    thread = SweepThread(never, print, lambda: loop)
    for _ in range(2):
        thread.close()
    thread.send(Stop())
    assert loop.is_closed()
