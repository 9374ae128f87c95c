"""An invented service in the registry, for what the command line and the screen make of any service."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from unittest.mock import patch

from stt_monitor.services import registry
from stt_monitor.services.base import Service
from stt_monitor.services.server_side import ServerSide


@contextmanager
def registered(service: Service, side: ServerSide) -> Iterator[None]:
    """Within the context, this process knows one more service, and so do local servers in it."""
    package = f"{registry.__package__}.{service.name}"
    modules = {package: _module(package, SERVICE=service), f"{package}.server_side": _module(package, SERVER_SIDE=side)}
    with (
        patch.dict(sys.modules, modules),
        patch.object(registry, "NAMES", tuple(dict.fromkeys((*registry.NAMES, service.name)))),
    ):
        _forget()
        try:
            yield
        finally:
            _forget()


def _module(name: str, **content: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


def _forget() -> None:
    registry.service.cache_clear()
    registry.server_sides.cache_clear()
