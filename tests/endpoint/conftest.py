import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.endpoint.stand_in import Call, LoudnessHearing, Start, call

from stt_monitor.endpoint.hearing import MakeHearing
from stt_monitor.endpoint.server import Endpoint, Settings


@pytest.fixture
def ring() -> Call:
    """Opens a connection to an endpoint."""
    return call


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts endpoints; they end with the test."""
    running: list[Endpoint] = []

    async def begin(settings: Settings | None = None, make_hearing: MakeHearing = LoudnessHearing) -> Endpoint:
        endpoint = Endpoint(make_hearing, settings)
        running.append(await endpoint.__aenter__())
        return endpoint

    yield begin
    for endpoint in running:
        await asyncio.wait_for(endpoint.__aexit__(), 10)
