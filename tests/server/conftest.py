import asyncio
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.server.stand_in import Call, LoudnessDetector, Start, call
from tests.support.patience import PATIENCE_S

from stt_monitor.server.child import LocalServerProcess
from stt_monitor.server.server import LocalServer
from stt_monitor.server.settings import ServerSettings
from stt_monitor.server.turn_detection.interface import MakeDetector


@pytest.fixture
def ring() -> Call:
    """Opens a connection to a server."""
    return call


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts servers; they end with the test."""
    running: list[LocalServer] = []

    async def begin(
        settings: ServerSettings | None = None, make_detector: MakeDetector = LoudnessDetector
    ) -> LocalServer:
        server = LocalServer(make_detector, settings)
        running.append(await server.__aenter__())
        return server

    yield begin
    for server in running:
        await asyncio.wait_for(server.__aexit__(), PATIENCE_S)


CHILD = """
    import sys
    sys.path.insert(0, {root!r})
    from tests.server.stand_in import LoudnessDetector
    from stt_monitor.server import __main__ as child, serve
    serve._load_detector = lambda: LoudnessDetector
    sys.exit(child.main())
"""


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Starts the child as it is, but for the models."""
    script = tmp_path_factory.mktemp("child") / "child.py"
    script.write_text(textwrap.dedent(CHILD.format(root=str(Path(__file__).parents[2]))))
    return sys.executable, str(script)


@pytest.fixture(scope="session")
def stand_in_url(command: tuple[str, str]) -> Iterator[str]:
    """A server with the simple detector, in a process of its own."""
    with LocalServerProcess(command) as server:
        yield server.start()


@pytest.fixture(scope="session")
def real_url() -> Iterator[str]:
    """The server as it is."""
    with LocalServerProcess() as server:
        yield server.start()
