"""A service as configured for sessions: its address and the settings requested."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.key import Keys
from stt_monitor.core.session_options import LocalService, ServiceChoice, UrlService, VendorService
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import Service
from stt_monitor.transport.address import Address, read_address

TRACE: Final = "?trace=1"
"""Asks the local server for its likelihood and lag; to the client, part of any address."""


class ServiceSetup:
    """One service of the sessions to come; they ask it for the address anew before every attempt to connect."""

    def __init__(
        self,
        speaks: Service,
        choice: ServiceChoice,
        settings: Settings,
        *,
        keys: Keys,
        start_server: Callable[[], Awaitable[str]],
    ) -> None:
        """Begin with the options of the command line.

        Args:
            speaks: what is spoken with it, wherever it is.
            choice: where it is.
            settings: what is asked of it.
            keys: for services that are not the local server.
            start_server: starts the local server unless it runs, and returns its base URL.

        Raises:
            InputError: the service's address is none, or there is no key for the vendor's, or it is not local.
        """
        self.speaks: Final = speaks
        self.settings = settings
        """What is asked of it."""
        self.keys: Final = keys
        self.choices: list[ServiceChoice] = [LocalService()] if speaks.has_server_side else []
        """Where it may be."""
        self.choices += [VendorService()] if keys.own else []
        self._start_server = start_server
        self.choose(choice)

    @property
    def model(self) -> str:
        """Requested model."""
        return self.settings.model or self.speaks.model

    def problem(self, turn: TurnSettings) -> str:
        """Describe why the service would refuse turn settings; empty if it would not."""
        return self.speaks.schema_of(self.model).problem(turn)

    def tune(self, turn: TurnSettings) -> None:
        """Set the turn settings of later sessions."""
        self.settings = msgspec.structs.replace(self.settings, turn=turn)

    def choose(self, choice: ServiceChoice) -> None:
        """Set where later sessions find the service.

        Raises:
            InputError: its address is none, or there is no key for the vendor's.
        """
        self._address = service_address(choice, self.keys, self.speaks)
        if choice not in self.choices:
            self.choices.append(choice)

    async def find(self) -> Address:
        """Return where to connect to; starts the local server where that is it.

        Raises:
            UserError: it did not start.
        """
        if self._address is not None:
            return self._address
        return local_address(await self._start_server(), self.keys, self.speaks)


def local_address(url: str, keys: Keys, service: Service) -> Address:
    """Return the address of the local server at a base URL; no key is for it."""
    hidden = (*filter(None, (keys.own,)), *keys.others)
    return msgspec.structs.replace(read_address(url + TRACE, service=service, hidden=hidden), local=True)


def service_address(choice: ServiceChoice, keys: Keys, service: Service) -> Address | None:
    """Return a service's address; None for the local server, which has one only once it runs.

    Raises:
        InputError: the address is none, or there is no key for the vendor's service, or the local server does not
            speak it.
    """
    match choice:
        case LocalService() if not service.has_server_side:
            raise InputError(
                f"the local server does not speak {service.title}: set {service.key_variable}, or give --url"
            )
        case LocalService():
            return None
        case UrlService(url):
            return read_address(url, keys.own, service, keys.others)
        case VendorService():
            if not keys.own:
                raise InputError(
                    f"the vendor's service needs a key: set {service.key_variable}, and start the program again"
                )
            return read_address(service.url, keys.own, service, keys.others)
