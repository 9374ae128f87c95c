"""Address of a service. Pure: opens no socket."""

from base64 import b64encode
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, unquote_to_bytes, urlsplit, urlunsplit

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.key import secrets_in
from stt_monitor.core.session_options import UrlService
from stt_monitor.core.settings.requested import Settings
from stt_monitor.services import registry
from stt_monitor.services.base import Audio, Credential, Request, Service, Site

if TYPE_CHECKING:
    from stt_monitor.transport.redact import Redactor

_SOCKET_SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_WEB_SCHEMES: Final = {"ws": "http", "wss": "https"}


class Address(msgspec.Struct, frozen=True):
    """Address of a service, and the key for it. `repr` shows neither key nor login."""

    base: SplitResult
    service: Service
    """The service whose protocol is spoken there."""
    key: str | None = None
    hidden: tuple[str, ...] = ()
    """Other secrets to remove from text, such as the keys of other services; never sent."""
    local: bool = False
    """Whether it is the local server that this program started."""

    def __repr__(self) -> str:
        """Show the address without its credentials."""
        return f"Address({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without credentials and query, for screen, logs and recordings."""
        return self._url(self._scheme, self.service.path)

    @property
    def redact(self) -> "Redactor":
        """Removes the credentials of this address from text: a service may repeat them."""
        from stt_monitor.transport.redact import Redactor, is_credential  # a large pattern: not before the first paint

        return Redactor(
            (
                *(part for secret in (self.key or "", *self.hidden) for part in secrets_in(secret)),
                _unquoted(self.base.password or self.base.username or ""),  # alone, a user may well be a token
                self._login,
                *(value for name, value in self._query if is_credential(name, self.service.is_public)),
            )
        )

    @property
    def is_vendors(self) -> bool:
        """Whether it is the vendor's own address."""
        return self.base == urlsplit(self.service.url)

    @property
    def credential(self) -> Credential:
        """The kind of credential that requests carry."""
        if self.key:
            return Credential.KEY
        if self.local:
            return Credential.UNNEEDED
        return Credential.LOGIN if self._login else Credential.NONE

    @property
    def host(self) -> str:
        """Host name. `localhost.` loses its final dot: few resolvers know it."""
        name = self.base.hostname or ""
        return name.removesuffix(".") if name == "localhost." else name

    def request(self, settings: Settings, encoding: str, sample_rate: int) -> Request:
        """Return the request that opens a websocket; unset settings are not sent."""
        return self.service.request(self._site(self._scheme, self.service.path), settings, Audio(encoding, sample_rate))

    def web_request(self, path: str) -> Request:
        """Return a plain HTTP request to the same server, with its headers."""
        site = self._site(_WEB_SCHEMES[self._scheme], path)
        return Request(site.url, self.service.headers(site))

    def _site(self, scheme: str, path: str) -> Site:
        return Site(self._url(scheme, path), self._query, self.key, self._login)

    def _url(self, scheme: str, path: str) -> str:
        prefix = self.base.path.removesuffix("/").removesuffix(self.service.path)
        return urlunsplit((scheme, self._place, prefix + path, "", ""))

    @property
    def _scheme(self) -> str:
        return _SOCKET_SCHEMES[self.base.scheme]

    @property
    def _query(self) -> tuple[tuple[str, str], ...]:
        return tuple(parse_qsl(self.base.query, keep_blank_values=True))

    @property
    def _place(self) -> str:
        """Host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.base.port}" if self.base.port else host

    @property
    def _login(self) -> str:
        """User and password of the URL, encoded for a header; empty without one."""
        if self.base.username is None:
            return ""
        # As bytes: it need not be UTF-8.
        user, password = unquote_to_bytes(self.base.username), unquote_to_bytes(self.base.password or "")
        return b64encode(user + b":" + password).decode()


def _unquoted(text: str) -> str:
    raw = unquote_to_bytes(text)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_address(
    url: str, key: str | None = None, service: Service | None = None, hidden: tuple[str, ...] = ()
) -> Address:
    """Parse the value of `--url`: a base (`https://host/prefix`) or the full websocket URL.

    Args:
        url: the text.
        key: for the service, if there is one.
        service: whose protocol is spoken there; None for the default.
        hidden: other secrets that must not be shown.

    Raises:
        InputError: the text is no URL of a websocket or web server, or it has a login though there is a key: both go
            into the same header.
    """
    try:
        base = urlsplit(url)
        fine = base.scheme in _SOCKET_SCHEMES and base.hostname and (base.port is None or base.port > 0)
    except ValueError:
        fine = False
    if not fine:
        raise InputError(
            f"--url {UrlService(url).shown}: give an address such as wss://host:port or http://127.0.0.1:8765"
        )
    address = Address(base, service or registry.service(), key, hidden)
    if key and base.username is not None:
        raise InputError(
            f"--url {address.shown}: only one of its user and password and {address.service.key_variable} can be sent;"
            " leave one out"
        )
    return address
