"""Registry of services."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from stt_monitor.core.errors import InputError

if TYPE_CHECKING:
    from stt_monitor.core.dialect import Dialect
    from stt_monitor.core.records.session import SessionRecord
    from stt_monitor.core.settings.requested import Schema
    from stt_monitor.services.base import Service
    from stt_monitor.services.server_side import ServerSide

NAMES: Final[tuple[str, ...]] = (
    "cartesia",
    "flux",
    "voxtral",
    "assemblyai",
)  # fmt: skip
"""One line per service: its folder, which holds a `SERVICE`, and if the local server speaks it a `SERVER_SIDE` in
`server_side`. The first is the default."""


@cache
def service(name: str = NAMES[0]) -> Service:
    """Return a service by name, or the default.

    Raises:
        KeyError: no such service.
    """
    if name not in NAMES:
        raise KeyError(name)
    found: Service = import_module(f"stt_monitor.services.{name}").SERVICE
    return found


def service_of(session: SessionRecord) -> Service:
    """Return the service of a session; the default for older records without a name.

    Raises:
        InputError: the service is unknown: a newer program wrote the record.
    """
    name = name_of(session)
    if name not in NAMES:
        raise InputError(f"this stt-monitor does not know the service {name!r}: upgrade it")
    return service(name)


def name_of(session: SessionRecord) -> str:
    """Return the name of a session's service; the default for older records without a name."""
    return session.service if isinstance(session.service, str) else NAMES[0]


def dialect_of(session: SessionRecord) -> Dialect:
    """Return what the core must know about a session's service.

    Raises:
        InputError: as for `service_of`.
    """
    return service_of(session).dialect(session.settings)


def schema_of(session: SessionRecord) -> Schema:
    """Return the turn settings that a session's model takes.

    Raises:
        InputError: as for `service_of`.
    """
    return dialect_of(session).schema


def services() -> tuple[Service, ...]:
    """Return all services."""
    return tuple(service(name) for name in NAMES)


@cache
def server_side(name: str) -> ServerSide:
    """Return the local server's side of a protocol, by the service's name.

    Raises:
        KeyError: the local server does not speak it.
    """
    if not service(name).has_server_side:
        raise KeyError(name)
    found: ServerSide = import_module(f"stt_monitor.services.{name}.server_side").SERVER_SIDE
    return found


@cache
def server_sides() -> tuple[ServerSide, ...]:
    """Return the local server's side of each protocol that it speaks; only the server and a tap load them."""
    return tuple(server_side(each.name) for each in services() if each.has_server_side)
