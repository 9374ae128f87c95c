"""What the program makes its sessions of, for tests that run them as it does."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from tests.support.virtual_time import current_clock

from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.key import Keys
from stt_monitor.core.listeners import Observer
from stt_monitor.core.session_options import LocalService, ServiceChoice, UrlService
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.sound.arms import Arm
from stt_monitor.services import registry
from stt_monitor.services.base import Service
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.session import sources as sound
from stt_monitor.session.factory import SessionFactory
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.session.sources import Reference, SessionInput


def unheard(_: object) -> Reference:
    return Reference("none", None)


async def no_local_server() -> str:
    raise ServiceUnavailableError("this test has no local server")


def side_by_side(
    services: Mapping[str, str], *inputs: SessionInput, observe: Callable[[str], Observer] | None = None
) -> SessionFactory:
    """Play inputs to several services at once, by name, each at its URL."""
    setups = [
        ServiceSetup(registry.service(name), UrlService(url), Settings(), keys=Keys(None), start_server=no_local_server)
        for name, url in services.items()
    ]
    return SessionFactory(inputs, setups, chunk_ms=100, observe=observe, clock=current_clock())


def heard(path: Path, channel: str = "mix") -> SessionInput:
    """Return a recording, with reference speech found in it."""
    return SessionInput(sound.recording(path, channel, 100), sound.detected_speech, sound.identity(path, channel))


def maker(
    url: str | None,
    *paths: Path,
    settings: Settings | None = None,
    key: str | None = None,
    speaks: Service = SERVICE,
    start_server: Callable[[], Awaitable[str]] = no_local_server,
    observe: Callable[[str], Observer] | None = None,
    at_once: int = 1,
    arms: Sequence[Arm] = (),
) -> SessionFactory:
    """Play recordings, without reference speech, to the service at `url`, or to the local server."""
    service: ServiceChoice = LocalService() if url is None else UrlService(url)
    setup = ServiceSetup(speaks, service, settings or Settings(), keys=Keys(key), start_server=start_server)
    return SessionFactory(
        [SessionInput(sound.recording(path, "mix", 100), unheard, name=path.name) for path in paths],
        [setup],
        chunk_ms=100,
        arms=arms,
        observe=observe,
        clock=current_clock(),
        at_once=at_once,
    )
