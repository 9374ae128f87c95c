"""What the program makes its sessions of, for tests that run them as it does."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.support.virtual_time import current_clock

from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.journal import Observer
from stt_monitor.core.key import Keys
from stt_monitor.core.session_options import LocalService, ServiceChoice, UrlService
from stt_monitor.core.settings import Settings
from stt_monitor.services.base import Service
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.session import sources as sound
from stt_monitor.session.factory import SessionFactory
from stt_monitor.session.sources import Reference, SessionInput


def unheard(_: object) -> Reference:
    return Reference("none", None)


async def no_local_server() -> str:
    raise ServiceUnavailableError("this test has no local server")


def maker(
    url: str | None,
    *paths: Path,
    settings: Settings | None = None,
    key: str | None = None,
    speaks: Service = SERVICE,
    start_server: Callable[[], Awaitable[str]] = no_local_server,
    observe: Callable[[], Observer] | None = None,
) -> SessionFactory:
    """Play recordings, without reference speech, to the service at `url`, or to the local server."""
    service: ServiceChoice = LocalService() if url is None else UrlService(url)
    return SessionFactory(
        [SessionInput(sound.recording(path, "mix", 100), unheard) for path in paths],
        service,
        settings or Settings(),
        speaks=speaks,
        chunk_ms=100,
        keys=Keys(key),
        start_server=start_server,
        observe=observe,
        clock=current_clock(),
    )
