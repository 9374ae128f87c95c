"""Makes sessions from the input, service and settings that were chosen last."""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Listeners, Observer
from stt_monitor.core.key import Keys
from stt_monitor.core.session_options import (
    Available,
    Device,
    FileChoice,
    LocalService,
    MicrophoneChoice,
    SampleChoice,
    ServiceChoice,
    SourceChoice,
    UrlService,
    VendorService,
)
from stt_monitor.core.settings import Settings, TurnSettings
from stt_monitor.recording.paths import user_path
from stt_monitor.services.base import Service
from stt_monitor.session import sources
from stt_monitor.session.sources import SessionInput
from stt_monitor.system.clock import Clock
from stt_monitor.transport.address import Address, read_address

if TYPE_CHECKING:
    from stt_monitor.session.client import Session

TRACE: Final = "?trace=1"
"""Asks the local server for its likelihood and lag; to the client, part of any address."""


class SessionFactory:
    """Makes one session after another. Only `find_inputs` and `offers` block; any thread may call them."""

    def __init__(
        self,
        inputs: Iterable[SessionInput],
        service: ServiceChoice,
        settings: Settings,
        *,
        speaks: Service,
        chunk_ms: int,
        keys: Keys,
        start_server: Callable[[], Awaitable[str]],
        observe: Callable[[], Observer] | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """Begin with the options of the command line.

        Args:
            inputs: one session each.
            service: who hears it.
            settings: what is asked of the service.
            speaks: what is spoken with it, wherever it is.
            chunk_ms: audio per frame, milliseconds.
            keys: for services that are not the local server.
            start_server: starts the local server unless it runs, and returns its base URL.
            observe: makes who keeps a session; asked for each of them.
            clock: tells the sessions and their sources the time.

        Raises:
            InputError: the service's address is none, or there is no key for the vendor's, or it is not local.
        """
        self.inputs = tuple(inputs)
        self._speaks = speaks
        self._settings = settings
        self._chunk_ms = chunk_ms
        self._keys = keys
        self._start_server = start_server
        self._observe = observe
        self._clock = clock
        self._services: list[ServiceChoice] = [LocalService()] if speaks.has_server_side else []
        self._services += [VendorService()] if keys.own else []
        self.choose_service(service)

    def make(self, chosen: SessionInput, listeners: Listeners) -> "Session":
        """Make a session.

        Raises:
            UserError: the input cannot be opened, say because a file is gone.
        """
        from stt_monitor.session.client import Session  # loads numpy and websockets: after the first paint

        source = chosen.open_source(self._clock)
        if self._observe is not None:
            listeners = msgspec.structs.replace(listeners, observer=self._observe())
        return Session(
            source,
            chosen.find_speech(source.format),
            self._find_service,
            self._settings,
            listeners,
            service=self._speaks,
            chunk_ms=self._chunk_ms,
            clock=self._clock,
        )

    @property
    def service(self) -> str:
        """Name of the service whose protocol is spoken."""
        return self._speaks.name

    @property
    def model(self) -> str:
        """Model that is asked for."""
        return self._settings.model or self._speaks.model

    @property
    def turn_settings(self) -> TurnSettings:
        """Turn settings of the next session."""
        return self._settings.turn

    def problem(self, turn: TurnSettings) -> str:
        """Describe why the service would refuse turn settings; empty if it would not."""
        return self._speaks.schema_of(self.model).problem(turn)

    def tune(self, turn: TurnSettings) -> None:
        """Set the turn settings of later sessions."""
        self._settings = msgspec.structs.replace(self._settings, turn=turn)

    def choose_service(self, choice: ServiceChoice) -> None:
        """Set the service of later sessions.

        Raises:
            InputError: its address is none, or there is no key for the vendor's.
        """
        self._address = service_address(choice, self._keys, self._speaks)
        if choice not in self._services:
            self._services.append(choice)

    def find_inputs(self, choice: SourceChoice) -> tuple[SessionInput, ...]:
        """Check whether an input can be opened; returns what to set `inputs` to.

        Raises:
            InputError: it cannot; the message says why.
        """
        match choice:
            case MicrophoneChoice(device):
                from stt_monitor.audio.devices import find_device, probe_input_devices  # light

                find_device(device, probe_input_devices())  # elsewhere: a broken ALSA configuration aborts the process
                opened = sources.microphone(device, self._chunk_ms)
            case FileChoice(path, channel):
                opened = sources.recording(user_path(path), channel, self._chunk_ms)
            case SampleChoice():
                opened = sources.recording(sources.sample_path(), "mix", self._chunk_ms)
        return (SessionInput(opened, sources.detected_speech),)

    def offers(self) -> Available:
        """Find the inputs and services that can be chosen."""
        from stt_monitor.audio.devices import probe_input_devices  # light

        try:
            found, problem = probe_input_devices(), ""
        except InputError as error:
            found, problem = [], str(error)
        devices = tuple(Device(each.number, each.name, each.channels, each.rate, each.default) for each in found)
        return Available(
            devices,
            problem,
            tuple(self._services),
            self._keys.own is not None,
            self._speaks.key_variable,
            self._speaks.title,
        )

    async def _find_service(self) -> Address:
        if self._address is not None:
            return self._address
        return local_address(await self._start_server(), self._keys, self._speaks)


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
