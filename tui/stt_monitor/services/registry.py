"""The services that there are."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from stt_monitor.core.dialect import Dialect
from stt_monitor.core.errors import InputError
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.services.base import Service

if TYPE_CHECKING:
    from stt_monitor.services.server_side import ServerSide

NAMES: Final = (
    "cartesia",
)  # fmt: skip
"""One line a service: the name of its folder, which holds a `SERVICE`, and in `server_side` a `SERVER_SIDE`. The first
is the default."""


@cache
def service(name: str = NAMES[0]) -> Service:
    """Return a service by its name; the default without one.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in NAMES:
        raise KeyError(name)
    found: Service = import_module(f"stt_monitor.services.{name}").SERVICE
    return found


def service_of(session: SessionRecord) -> Service:
    """Return the service that a session is about; the default where its record, being older, does not say.

    Raises:
        InputError: a newer program's, which this one does not know.
    """
    name = session.service
    if isinstance(name, str) and name not in NAMES:
        raise InputError(f"{name!r} is no service that this stt-monitor knows: upgrade it")
    return service(name) if isinstance(name, str) else service()


def dialect_of(session: SessionRecord) -> Dialect:
    """Return what the core has to know of the service that a session is about.

    Raises:
        InputError: as `service_of`.
    """
    return service_of(session).dialect(session.settings)


def services() -> tuple[Service, ...]:
    """Return all of them."""
    return tuple(service(name) for name in NAMES)


@cache
def server_sides() -> "tuple[ServerSide, ...]":
    """Return how the local server speaks each of them; only the server loads it."""
    return tuple(import_module(f"stt_monitor.services.{name}.server_side").SERVER_SIDE for name in NAMES)
