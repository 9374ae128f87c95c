"""Where a request is forwarded to. Pure: opens no socket."""

from http import HTTPStatus
from typing import Final
from urllib.parse import SplitResult, urlsplit

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.services import registry
from stt_monitor.services.base import Service
from stt_monitor.system.hosts import in_url
from stt_monitor.tap.heads import RefusedError
from stt_monitor.tap.settings import TapSettings

_PLAIN: Final = ("http", "ws")
_SECURE: Final = ("https", "wss")


class Upstream(msgspec.Struct, frozen=True):
    """A server that requests are forwarded to."""

    host: str
    port: int
    secure: bool
    """Whether it speaks TLS."""
    base_path: str
    """What its paths begin with; no slash at its end."""
    service: Service | None
    """Whose protocol the request is of; None where that is not known."""

    @property
    def place(self) -> str:
        """Host and port as `Host` has them: without the port that goes without saying."""
        usual = self.port == (443 if self.secure else 80)
        return in_url(self.host) + ("" if usual else f":{self.port}")

    @property
    def where(self) -> str:
        """Scheme, host and port, for people."""
        return f"{'https' if self.secure else 'http'}://{self.place}"


class Route:
    """Finds the server of a request.

    Args:
        settings: of the tap.

    Raises:
        InputError: `to` is no URL of a server.
    """

    def __init__(self, settings: TapSettings) -> None:
        self._to = _base(settings.to) if settings.to else None
        self._service = registry.service(settings.service) if settings.service else None

    @property
    def is_chosen(self) -> bool:
        """Whether somebody has said which service it is."""
        return self._service is not None

    @property
    def target(self) -> tuple[str, int] | None:
        """Host and port that everything goes to; None where the path decides."""
        return (self._to.hostname or "", _port(self._to)) if self._to is not None else None

    def find(self, path: str) -> Upstream:
        """Return where a request with this path goes.

        Raises:
            RefusedError: the path is of no known service, and no base URL is given. A guess could send one
                vendor's key to another.
        """
        service = self._service or service_of_path(path)
        if self._to is not None:
            return _upstream(self._to, service)
        if service is None:
            names = ", ".join(registry.NAMES)
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"The tap cannot tell whose path this is: start it with --service ({names}) or --to URL.",
            )
        return _upstream(urlsplit(service.url), service)


def service_of_path(path: str) -> Service | None:
    """Return the service of a request's path: of its websocket, its speech synthesis, or another part of its API."""
    services = registry.services()
    for each in services:
        if path.endswith((each.path, *((each.speech.path,) if each.speech else ()))):
            return each
    return next((each for each in services if any(f"{path}/".startswith(f"{own}/") for own in each.web_paths)), None)


def _base(url: str) -> SplitResult:
    try:
        base = urlsplit(url)
        fine = base.scheme in (*_PLAIN, *_SECURE) and base.hostname and (base.port is None or base.port > 0)
        fine = fine and not any(map(str.isspace, url))
    except ValueError:
        fine = False
    if not fine:
        raise InputError("--to is no URL of a server: give one such as https://host or http://127.0.0.1:8765")
    if base.username is not None or base.query or base.fragment:
        raise InputError("--to takes scheme, host, port and path alone: the agent's requests bring all else")
    return base


def _upstream(base: SplitResult, service: Service | None) -> Upstream:
    path = base.path.removesuffix("/")
    path = path.removesuffix(service.path) if service is not None else path
    return Upstream(base.hostname or "", _port(base), base.scheme in _SECURE, path, service)


def _port(base: SplitResult) -> int:
    return base.port or (443 if base.scheme in _SECURE else 80)
