from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from stt_monitor.tap.events import CallEvent
from stt_monitor.tap.forwarder import Forwarder
from stt_monitor.tap.settings import TapSettings

Way = Callable[[int], Awaitable[int]]
"""Returns the port at which a server of this machine is called: its own, or that of a tap."""


@pytest.fixture
def told() -> list[CallEvent]:
    """What the taps told."""
    return []


@pytest.fixture(params=["directly", "tapped"])
async def way(request: pytest.FixtureRequest, told: list[CallEvent]) -> AsyncIterator[Way]:
    """With and without a tap: nothing may differ."""
    async with AsyncExitStack() as taps:

        def tell(event: CallEvent) -> bool:
            told.append(event)
            return True

        async def through(port: int) -> int:
            if request.param == "directly":
                return port
            settings = TapSettings(port=0, to=f"http://127.0.0.1:{port}")
            tap = await taps.enter_async_context(Forwarder(settings, tell))
            return tap.listening[1]

        yield through
