"""Where the service is and how to ask for it (protocol 2). Pure: no socket is opened here."""

from base64 import b64encode
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.key import long_parts
from stt_monitor.core.settings import KEY_VARIABLE, TURN_PREFIX, Settings, written
from stt_monitor.transport.redact import Redactor, is_credential

VENDOR_URL: Final = "wss://api.cartesia.ai"
TURNS_PATH: Final = "/stt/turns/websocket"
SPEECH_PATH: Final = "/tts/bytes"
API_VERSION: Final = "2026-08-14"
"""The newest Cartesia-Version that the protocol notes know (protocol 2.5)."""

_SOCKET_SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


class Address(msgspec.Struct, frozen=True):
    """A service, and the key for it. The key is in no representation of this object."""

    base: SplitResult
    key: str | None = None
    local: bool = False
    """It is the local server, started by this program."""

    def __repr__(self) -> str:
        """Show the address as people may see it."""
        return f"Address({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without credentials and query: fit for screen, log and recording."""
        return urlunsplit((_SOCKET_SCHEMES[self.base.scheme], self._place, self._path(TURNS_PATH), "", ""))

    @property
    def redact(self) -> Redactor:
        """Takes out of a text what of this address and its key must not be shown, should a service repeat it."""
        return Redactor(
            (
                self.key or "",
                *long_parts(self.key or ""),
                _unquoted(self.base.password or self.base.username or ""),  # alone, a user may well be a token
                self._login,
                *(value for name, value in parse_qsl(self.base.query) if is_credential(name)),
            )
        )

    @property
    def is_vendors(self) -> bool:
        """Whether it is the one that is taken when there is a key and nobody gave an address."""
        return self.base == urlsplit(VENDOR_URL)

    @property
    def host(self) -> str:
        """The host's name; without the dot of an absolute name where it is `localhost`, which few resolvers know so."""
        name = self.base.hostname or ""
        return name.removesuffix(".") if name == "localhost." else name

    def socket_url(self, settings: Settings, encoding: str, sample_rate: int) -> str:
        """Return the websocket's URL with all parameters; what the settings leave open is not sent (protocol 2.2)."""
        turn = {f"{TURN_PREFIX}{name}": value for name, value in msgspec.structs.asdict(settings.turn).items()}
        query = [
            *parse_qsl(self.base.query, keep_blank_values=True),
            ("model", settings.model),
            ("encoding", encoding),
            ("sample_rate", str(sample_rate)),
            *(("keyterm", term) for term in settings.keyterms),
            *(("language_hint", hint) for hint in settings.language_hints),
            *((name, written(value)) for name, value in turn.items() if value is not None),
        ]
        # A blank must travel as %20: whether the service reads + as one is not known (protocol 2.2).
        text = urlencode(query, quote_via=quote)
        return urlunsplit((_SOCKET_SCHEMES[self.base.scheme], self._place, self._path(TURNS_PATH), text, ""))

    @property
    def speech_url(self) -> str:
        """The URL of the speech synthesis that the vendor's examples take their sample from (protocol 15)."""
        scheme = "https" if _SOCKET_SCHEMES[self.base.scheme] == "wss" else "http"
        return urlunsplit((scheme, self._place, self._path(SPEECH_PATH), "", ""))

    @property
    def headers(self) -> dict[str, str]:
        """Version and key (protocol 2.4, 2.5); in the place of a key, the login that a proxy may want."""
        headers = {"Cartesia-Version": API_VERSION}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        elif self._login:
            headers["Authorization"] = f"Basic {self._login}"
        return headers

    @property
    def _place(self) -> str:
        """Host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.base.port}" if self.base.port else host

    @property
    def _login(self) -> str:
        """User and password of the URL, as they are written into a header; empty when it has none."""
        if self.base.username is None:
            return ""
        # As bytes: it need not be UTF-8.
        user, password = unquote_to_bytes(self.base.username), unquote_to_bytes(self.base.password or "")
        return b64encode(user + b":" + password).decode()

    def _path(self, suffix: str) -> str:
        return self.base.path.removesuffix("/").removesuffix(TURNS_PATH) + suffix


def _unquoted(text: str) -> str:
    raw = unquote_to_bytes(text)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_address(url: str, key: str | None = None) -> Address:
    """Read what a user gave as `--url`: a base (`https://host/prefix`) or the full websocket URL.

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
        shown = url.split("?", 1)[0].rsplit("@", 1)[-1]
        raise InputError(f"--url {shown}: give an address such as wss://host:port or http://127.0.0.1:8765")
    address = Address(base, key)
    if key and base.username is not None:
        raise InputError(
            f"--url {address.shown}: only one of its user and password and {KEY_VARIABLE} can be sent; leave one out"
        )
    return address
