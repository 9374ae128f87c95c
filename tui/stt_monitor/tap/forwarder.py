"""The forwarding side of a tap: accepts agents' connections and forwards each, in one event loop."""

import asyncio
import socket
import ssl
import time
from contextlib import suppress
from typing import Final, Self

from stt_monitor.core.errors import InputError
from stt_monitor.server.visitors import Visitors
from stt_monitor.system.clock import Clock
from stt_monitor.system.error_log import log_error
from stt_monitor.system.hosts import is_this_machine
from stt_monitor.system.open_files import allow_open_files
from stt_monitor.tap.call import Call, Tell
from stt_monitor.tap.events import CallEvent
from stt_monitor.tap.settings import TapSettings
from stt_monitor.tap.side import MOST_WAITING_BYTES
from stt_monitor.tap.upstream import Route

MOST_CALLS: Final = 1000
"""Connections at once, where the system lets the process have so many."""

_BEAT_S: Final = 0.1
"""How often the tap looks whether it is held up."""

_FILES_PER_CALL: Final = 2
_OTHER_FILES: Final = 56
"""What else the process that forwards has open, with connections that are being opened or refused."""


class Forwarder:
    """Forwards calls inside its `async with` block; those that are open at its end are cut off.

    Args:
        settings: how to run.
        tell: gets what is told of calls, in order.
        tls: how the service proves who it is; by default, by a certificate that this system trusts.
        clock: tells when bytes came; the event loop has the same.

    Raises:
        InputError: `settings.to` is no URL of a server.
    """

    def __init__(
        self, settings: TapSettings, tell: Tell, tls: ssl.SSLContext | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._settings = settings
        self._tell = tell
        self.clock = clock
        self.route = Route(settings)
        self.visitors = Visitors.of(settings.host, settings.allow_hosts)
        self.tls = tls or ssl.create_default_context()
        self.tls.set_alpn_protocols(["http/1.1"])
        self._calls: set[Call] = set()
        may_be_open = allow_open_files(MOST_CALLS * _FILES_PER_CALL + _OTHER_FILES)
        self._most_calls = max(1, (may_be_open - _OTHER_FILES) // _FILES_PER_CALL)
        self._empty = asyncio.Event()
        self._empty.set()
        self._begun = 0
        self._server: asyncio.Server | None = None
        self._beat_at = clock()
        self._beating: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Start to listen.

        Raises:
            OSError: the address cannot be listened on.
            InputError: `settings.to` is the tap itself.
        """
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Call(self).agent, self._settings.host, self._settings.port
        )
        for listening in self._server.sockets:
            with suppress(OSError):  # connections inherit it
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MOST_WAITING_BYTES)
        host, port = self.route.target or ("", 0)
        if port == self.listening[1] and is_this_machine(host):
            self._server.close()
            raise InputError("--to is the address of this tap: give the one of the service")
        self._beat()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, and end the calls."""
        assert self._server is not None
        self._server.close()
        if self._beating is not None:
            self._beating.cancel()
        for call in tuple(self._calls):
            call.abort()
        await self._empty.wait()

    @property
    def listening(self) -> tuple[str, int]:
        """The address and port that it listens on."""
        assert self._server is not None
        host, port = next(iter(self._server.sockets)).getsockname()[:2]
        return host, port

    def tell(self, event: CallEvent) -> bool:
        """Pass on an event of a call; returns False if that fails. The call goes on."""
        try:
            return self._tell(event)
        except Exception as error:  # noqa: BLE001  whatever it is, the call goes on
            self.report(error)
            return False

    def late_s(self, at: float) -> float:
        """Return by how many seconds data seen at a time may have arrived earlier, because the tap was held up."""
        return max(0.0, at - self._beat_at - _BEAT_S)

    def connected(self, call: Call) -> bool:
        """Remember a connection; returns False where there are too many."""
        self._calls.add(call)
        self._empty.clear()
        return len(self._calls) <= self._most_calls

    def number(self) -> int:
        """Return the number of the next call."""
        self._begun += 1
        return self._begun

    def gone(self, call: Call) -> None:
        """Forget a connection."""
        self._calls.discard(call)
        if not self._calls:
            self._empty.set()

    def _beat(self) -> None:
        """Note that the tap was not held up until now: where it is stopped, or the machine too slow, it comes late."""
        self._beat_at = self.clock()
        self._beating = asyncio.get_running_loop().call_later(_BEAT_S, self._beat)

    def report(self, error: Exception) -> None:
        """Log a bug that a call survives."""
        log_error(error)
