"""Runs the local server until a stop signal. Cheap to import: models, numpy and websockets load when it runs."""

import asyncio
import functools
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from stt_monitor.server.settings import ServerSettings
from stt_monitor.system.hosts import cannot_listen

if TYPE_CHECKING:
    from stt_monitor.server.server import LocalServer
    from stt_monitor.server.turn_detection.interface import MakeDetector

LINE_BYTES: Final = 32 * 1024
"""Of the request line: 1200 characters of keyterms, percent-encoded, and an access token."""

Announce = Callable[["LocalServer"], None]
"""Called once the server listens."""


def serve_until_stopped(settings: ServerSettings, announce: Announce) -> None:
    """Run the local server until SIGINT or SIGTERM, unless they are ignored.

    Raises:
        UserError: a part is missing, or the address cannot be listened on.
    """
    # The websocket library reads this limit once, when it is imported.
    os.environ.setdefault("WEBSOCKETS_MAX_LINE_LENGTH", str(LINE_BYTES))
    asyncio.run(_serve(_load_detector(), settings, announce))


async def _serve(make_detector: "MakeDetector", settings: ServerSettings, announce: Announce) -> None:
    from stt_monitor.server.server import LocalServer

    stop = asyncio.Event()
    _on_stop_signals(stop)
    server = LocalServer(make_detector, settings)
    try:
        await server.__aenter__()
    except OSError as error:
        raise cannot_listen(settings.host, settings.port, error) from error
    try:
        announce(server)
        await stop.wait()
    finally:
        await server.__aexit__()


def _on_stop_signals(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM and SIGINT, unless they are ignored, as the child ignores ctrl+c."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            # Unlike loop.add_signal_handler this works on Windows too.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


def _load_detector() -> "MakeDetector":
    """Load the models. Raises UserError when a part is missing."""
    from stt_monitor.server.asr.models import Models
    from stt_monitor.server.turn_detection.detector import Detector

    models = Models.load()
    return functools.partial(Detector, models)
