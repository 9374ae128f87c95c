"""Failures of the service: what happened, what to do about it, and whether it may pass by itself (protocol 10)."""

import os
import socket
import ssl
from typing import Final

import msgspec
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.frames import CloseCode

from stt_monitor.core.events import ServiceError
from stt_monitor.core.text import printable

_LONGEST_QUOTE: Final = 200

_PASSING_CLOSES: Final = frozenset(
    {
        CloseCode.GOING_AWAY,
        CloseCode.ABNORMAL_CLOSURE,
        CloseCode.INTERNAL_ERROR,
        CloseCode.SERVICE_RESTART,
        CloseCode.TRY_AGAIN_LATER,
        CloseCode.BAD_GATEWAY,
    }
)
"""Closes after which another connection may last (protocol 10.2)."""


class Failure(msgspec.Struct, frozen=True):
    """Why there is no connection."""

    what: str
    """What happened, in words."""
    remedy: str
    """What the user can do about it."""
    passing: bool
    """Whether trying again may help; what the user has to change first is never tried again."""

    @property
    def sentence(self) -> str:
        """The whole of it in one sentence."""
        return f"{self.what}: {self.remedy}"


def why_not_open(error: Exception, where: str) -> Failure:
    """Say why a websocket did not open.

    Args:
        error: as raised by the websocket's library.
        where: the address, as people may see it.
    """
    if isinstance(error, InvalidStatus):
        status, body = error.response.status_code, bytes(error.response.body or b"")
        return why_refused(status, body_message(body), "the turns", where)
    remedy, passing = "check the address and the network", True
    match error:
        case TimeoutError():
            what = "did not answer in time"
        case ssl.SSLError() if not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            what = f"has no secure connection to offer ({_tls_reason(error)})"
            remedy, passing = "check the address, its certificate and the clock", False
        case InvalidURI() | ValueError():
            what, remedy, passing = "is no address of a websocket", "give one such as wss://host:port", False
        case InvalidHandshake() if not isinstance(error.__cause__, EOFError | OSError):
            what, remedy, passing = "answered, but not as a websocket", "check the address", False
        case InvalidHandshake() | ssl.SSLError() | ConnectionResetError():
            what = "hung up in the middle of the greeting"
            remedy = "check the address (is it wss:// or ws://?) and the network"
        case _:
            what = f"could not be reached ({_system_reason(error)})"
    return Failure(f"{where} {what}", remedy, passing)


def why_refused(status: int, said: str, service: str, where: str) -> Failure:
    """Say why a request got no yes.

    Args:
        status: of the HTTP answer.
        said: what the service said to it, cleaned; may be empty.
        service: what was asked for, such as "the turns".
        where: the address, as people may see it.
    """
    said = _behind(said)
    passing = False
    match status:
        case 401 | 403:
            what, remedy = f"refused the key{said}", f"set CARTESIA_API_KEY to one that is good for {service}"
        case 402:
            what, remedy = f"wants credits or a larger plan{said}", "see your account"
        case 404 | 426 | 501:
            what, remedy = f"does not offer {service}{said}", "check the address"
        case 429:
            what, remedy, passing = f"has too many sessions open{said}", "end another, or try later", True
        case _ if status >= 500:  # noqa: PLR2004  server errors, as every reader knows
            what, remedy, passing = f"refused {service} with HTTP {status}{said}", "try again later", True
        case _:
            what, remedy = f"refused {service} with HTTP {status}{said}", "check address and settings"
    return Failure(f"{where} {what}", remedy, passing)


def why_closed(code: int | None, reason: str, error: ServiceError | None = None) -> Failure:
    """Say why an open websocket was closed.

    Args:
        code: of the close frame; None or 1006 when there was none.
        reason: the service's own words, not cleaned.
        error: the `error` event that was the last thing to come before the close, if there was one; it may say more
            than the close does (protocol 10.2).
    """
    told = ": ".join(part for part in (error.title, error.message) if part) if error is not None else ""
    said = _behind(_quoted(told if reason in told else reason))  # the close is often the error's title alone
    passing = code is None or code in _PASSING_CLOSES
    remedy = "start a new session"
    match code:
        case CloseCode.POLICY_VIOLATION if "threshold" in (reason + told).lower():
            what, remedy = (
                f"the service refused the turn settings{said}",
                "each has its range, and start > eager end > end",
            )
        case CloseCode.POLICY_VIOLATION:
            what, remedy = f"the service refused the parameters{said}", "check model, encoding and settings"
        case CloseCode.ABNORMAL_CLOSURE | None:
            what, remedy = f"the connection was lost{said}", "check the network and start a new session"
        case CloseCode.GOING_AWAY:
            what = f"the service closed the connection{said}"
        case _:
            what = f"the service closed the connection with code {code}{said}"
    if error is not None and code not in (CloseCode.POLICY_VIOLATION, CloseCode.ABNORMAL_CLOSURE, None):
        passing = may_pass(error)
        remedy = remedy if passing else "see what the service said, and change that"
    return Failure(what, remedy, passing)


def body_message(body: bytes) -> str:
    """Read the text of a refusal: JSON with title and message, or plain text from older versions (protocol 10.1)."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _quoted(body.decode("utf-8", "replace"))
    fields = said if isinstance(said, dict) else {}
    return _quoted(": ".join(text for key in ("title", "message") if isinstance(text := fields.get(key), str)))


def may_pass(error: ServiceError) -> bool:
    """Tell whether what an error reports may pass by itself.

    The rule of the integrations: what is no fault of the request may pass; no status means nobody knows.
    """
    return error.status_code in (0, 429) or error.status_code >= 500  # noqa: PLR2004  HTTP's classes of status


def _system_reason(error: Exception) -> str:
    """The system's words; asyncio's own are about calls and tuples, and names of hosts have errors of their own."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None or isinstance(error, socket.gaierror):
        return printable(getattr(error, "strerror", None) or "unreachable").lower()
    return os.strerror(number).lower()


def _tls_reason(error: ssl.SSLError) -> str:
    reason = getattr(error, "verify_message", "") or (getattr(error, "reason", "") or "TLS failed").replace("_", " ")
    return printable(reason).lower()


def _behind(said: str) -> str:
    return f" ({said})" if said else ""


def _quoted(text: str) -> str:
    """Text of the service's, fit for a sentence of ours."""
    clean = printable(text).strip()
    return clean if len(clean) <= _LONGEST_QUOTE else clean[: _LONGEST_QUOTE - 1] + "…"
