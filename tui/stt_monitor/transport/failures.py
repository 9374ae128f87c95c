"""Why there is no connection: what happened, what to do, and whether it may pass by itself (protocol.md 10)."""

import os
import socket
import ssl
from typing import Final

import msgspec
from websockets.exceptions import InvalidHandshake, InvalidProxyStatus, InvalidStatus, ProxyError

from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.text.sanitize import printable
from stt_monitor.services.base import Credential, Service
from stt_monitor.services.http_errors import is_busy
from stt_monitor.transport.proxies import Proxy
from stt_monitor.transport.redact import Redactor
from stt_monitor.transport.retry import told_wait

_LONGEST_QUOTE: Final = 200

_UNSUITABLE: Final = frozenset({404, 426, 501})
_NO_LOGIN: Final = 407


class Failure(msgspec.Struct, frozen=True):
    """Why there is no connection."""

    what: str
    """What happened, in words."""
    remedy: str
    """What the user can do about it."""
    passing: bool
    """Whether trying again may help; what the user has to change first is never tried again."""
    busy: bool = False
    """Whether the service is there and asks for patience (429, 5xx): it is tried for longer than one that is not."""
    retry_after: float | None = None
    """In how many seconds it asked to be tried again, if it did."""

    @property
    def sentence(self) -> str:
        """The whole of it in one sentence."""
        told = f"; it asks not to be tried again for {self.retry_after:.0f} s" if self.retry_after else ""
        return f"{self.what}: {self.remedy}{told}"


class ConnectionFailedError(ServiceUnavailableError):
    """No connection could be opened; `failure` says why, and whether to try again."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


class Asked(msgspec.Struct, frozen=True):
    """What was asked for, where, and on which way: what sentences about its failure need to know."""

    where: str
    """The address, as people may see it."""
    service: Service
    """Whose words are spoken there."""
    wanted: str = "the turns"
    """What it should have given."""
    credential: Credential = Credential.NONE
    """What went along."""
    by_key: bool = False
    """Whether nobody gave the address: it is asked because there is a key."""
    elsewhere: bool = False
    """Whether redirects led to an address that the credentials are not for."""
    proxy: Proxy | None = None
    redact: Redactor = msgspec.field(default_factory=Redactor)

    @property
    def through(self) -> str:
        """The way, to be put behind a verb; empty when it is the direct one."""
        return "" if self.proxy is None else f" through {self.proxy.shown}"

    def said(self, body: bytes) -> str:
        """Return what the body of a refusal says, fit for a sentence of ours; empty when it says nothing."""
        return quoted(self.service.refusal_text(body), self.redact)


def why_not_open(error: Exception, asked: Asked) -> Failure:
    """Say why a websocket did not open; `error` is as raised by the websocket's library, and is never quoted."""
    no_way = None if asked.proxy is None else _why_no_way(error, asked.proxy, asked)
    if no_way is not None:
        return no_way
    match error:
        case InvalidStatus():
            headers, body = error.response.headers, bytes(error.response.body or b"")
            wait = told_wait(headers.get_all("Retry-After"), headers.get_all("Date"))
            return why_refused(error.response.status_code, asked.said(body), asked, wait)
        case OSError():
            return why_unreached(error, asked)
        case InvalidHandshake() if isinstance(error.__cause__, EOFError | OSError):
            return why_unreached(ConnectionResetError(), asked)
        case InvalidHandshake():
            what, remedy = "answered, but not as a websocket", "check the address"
        case _:
            what, remedy = "is no address of a websocket", "give one such as wss://host:port"
    return Failure(f"{asked.where} {what}", remedy, passing=False)


def _why_no_way(error: Exception, proxy: Proxy, asked: Asked) -> Failure | None:
    """Say why a proxy did not lead on; None if that is not what an error is about."""
    match error:
        case InvalidProxyStatus():
            return why_proxy_refused(error.response.status_code, proxy, asked)
        case ProxyError():
            return Failure(f"{proxy.shown} answered, but not as a proxy", _proxy_remedy(proxy), passing=False)
        case ImportError():
            return why_no_socks(proxy)
    return None


def why_unreached(error: OSError, asked: Asked) -> Failure:
    """Say why connecting failed, or the connection was closed; with a proxy, it is the proxy that was called."""
    remedy, passing = "check the address and the network", True
    if asked.by_key:
        remedy = f"check the network, or do without the service of {asked.service.key_variable}: give --local"
    match error:
        case TimeoutError():
            what = f"did not answer in time{asked.through}"
        case ssl.SSLError() if not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            what = f"has no secure connection to offer{asked.through} ({_tls_reason(error)})"
            remedy, passing = "check the address, its certificate and the clock", False
        case ssl.SSLError() | ConnectionResetError() | BrokenPipeError():
            what = f"hung up in the middle of the greeting{asked.through}"
            remedy = "check the address (is it wss:// or ws://?) and the network"
        case _ if asked.proxy is not None:
            what = f"{asked.proxy.shown} could not be reached ({_system_reason(error)})"
            return Failure(what, _proxy_remedy(asked.proxy), passing)
        case _:
            what = f"could not be reached ({_system_reason(error)})"
    return Failure(f"{asked.where} {what}", remedy, passing)


def why_proxy_refused(status: int, proxy: Proxy, asked: Asked) -> Failure:
    """Say why a proxy did not lead on to the service."""
    if status == _NO_LOGIN:
        if proxy.has_login:
            what, remedy = "refused the login", f"check user and password in {proxy.variable}"
        else:
            what, remedy = "wants a login", f"put user and password into {proxy.variable}"
        return Failure(f"{proxy.shown} {what}", remedy, passing=False)
    passing = is_busy(status) and status not in _UNSUITABLE
    what = f"{proxy.shown} did not lead on to {asked.where} (HTTP {status})"
    return Failure(what, _proxy_remedy(proxy), passing, busy=passing)


def why_no_socks(proxy: Proxy) -> Failure:
    """Say what a SOCKS proxy needs."""
    remedy = f"pip install python-socks socksio, or change {proxy.variable}"
    return Failure(f"{proxy.shown} speaks SOCKS, for which a package is missing", remedy, passing=False)


def why_no_proxy(proxy: Proxy) -> Failure:
    """Say that the address of a proxy is invalid; it is not shown, because it may contain a password."""
    return Failure(f"{proxy.variable} holds no address of a proxy", "give one such as http://host:port", passing=False)


def why_refused(
    status: int, said: str, asked: Asked, retry_after: float | None = None, *, kind: str = "HTTP"
) -> Failure:
    """Say why a request got no yes.

    Args:
        status: of the HTTP answer.
        said: what the service said to it, cleaned; may be empty.
        asked: the request.
        retry_after: in how many seconds it asked to be tried again; None if it did not say.
        kind: what sort of status it is, in words.
    """
    said = behind(said)
    if status == _NO_LOGIN and asked.proxy is not None:
        return why_proxy_refused(status, asked.proxy, asked)
    passing = is_busy(status) and status not in _UNSUITABLE
    match status:
        case 403 if asked.credential is Credential.KEY:
            what, remedy = (
                f"refused {asked.wanted} with {kind} {status}{said}",
                "check the model, or what the key may do",
            )
        case 401 | 403 if asked.credential is Credential.UNNEEDED:
            what, remedy = f"refused {asked.wanted} with {kind} {status}{said}", "check model and settings"
        case 403 if asked.credential is Credential.NONE and not asked.elsewhere:
            what = f"refused {asked.wanted} with {kind} {status}{said}"
            remedy = f"check the model, or set {asked.service.key_variable} to a key that is good for {asked.wanted}"
        case 401 | 403:
            what, remedy = _why_not_allowed(said, asked)
        case 402:
            what, remedy = f"wants credits or a larger plan{said}", "see your account"
        case _ if status in _UNSUITABLE:
            what, remedy = f"does not offer {asked.wanted}{said}", "check the address"
        case 429:
            what, remedy = f"has too many sessions open{said}", "end another, or try later"
        case _ if passing:
            what, remedy = f"refused {asked.wanted} with {kind} {status}{said}", "try again later"
        case _:
            what, remedy = f"refused {asked.wanted} with {kind} {status}{said}", "check address and settings"
    return Failure(f"{asked.where} {what}", remedy, passing, passing, retry_after if passing else None)


def _why_not_allowed(said: str, asked: Asked) -> tuple[str, str]:
    if asked.credential is Credential.KEY:
        return f"refused the key{said}", f"set {asked.service.key_variable} to one that is good for {asked.wanted}"
    if asked.credential is Credential.LOGIN:
        return f"refused the login{said}", "check user and password in --url"
    if asked.elsewhere:
        return f"wants a key{said}", "a redirect takes none along; if that is the right address, give it with --url"
    return f"wants a key{said}", f"set {asked.service.key_variable} to one that is good for {asked.wanted}"


def _proxy_remedy(proxy: Proxy) -> str:
    return f"check {proxy.variable}, or list the service's host in no_proxy"


def _system_reason(error: Exception) -> str:
    """The system's words; asyncio's own are about calls and tuples, and names of hosts have errors of their own."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None or isinstance(error, socket.gaierror):
        return printable(getattr(error, "strerror", None) or "unreachable").lower()
    return os.strerror(number).lower()


def _tls_reason(error: ssl.SSLError) -> str:
    reason = getattr(error, "verify_message", "") or (getattr(error, "reason", "") or "TLS failed").replace("_", " ")
    return printable(reason).lower()


def behind(said: str) -> str:
    """Put what a service said behind a sentence; nothing where it said nothing."""
    return f" ({said})" if said else ""


def quoted(text: str, redact: Redactor | None = None) -> str:
    """Return text of the service's, fit for a sentence of ours. Secrets go before it is cut: half a key is one too."""
    clean = printable(redact(text) if redact else text).strip()
    clean = redact(clean) if redact else clean  # what was dropped may have stood in the middle of one
    return clean if len(clean) <= _LONGEST_QUOTE else clean[: _LONGEST_QUOTE - 1] + "…"
