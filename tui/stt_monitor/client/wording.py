"""Failures of the service put into words: what happened, and what to do about it (protocol 10)."""

import ssl
from typing import Final

import msgspec
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.frames import CloseCode

from stt_monitor.core.text import printable

_LONGEST_QUOTE: Final = 200


def why_not_open(error: Exception) -> str:
    """Say why a websocket did not open; the sentence lacks its beginning, the address."""
    match error:
        case InvalidStatus():
            return why_refused(error.response.status_code, body_message(bytes(error.response.body or b"")), "the turns")
        case TimeoutError():
            why = "did not answer in time: check the address and the network"
        case ssl.SSLError():
            why = f"has no secure connection to offer ({error.reason or 'TLS failed'}): check the address and the clock"
        case InvalidURI() | ValueError():
            why = "is no address of a websocket: give one such as wss://host:port"
        case InvalidHandshake():
            why = "answered, but not as a websocket: check the address"
        case _:
            reason = (getattr(error, "strerror", None) or "unreachable").lower()
            why = f"could not be reached ({reason}): check the address and the network"
    return why


def why_refused(status: int, said: str, service: str) -> str:
    """Say why a request got no yes; the sentence lacks its beginning, the address.

    Args:
        status: of the HTTP answer.
        said: what the service said to it, cleaned; may be empty.
        service: what was asked for, such as "the turns".
    """
    said = _behind(said)
    match status:
        case 401 | 403:
            return f"refused the key{said}: set CARTESIA_API_KEY to one that is good for {service}"
        case 402:
            return f"wants credits or a larger plan{said}: see your account"
        case 404 | 426 | 501:
            return f"does not offer {service}{said}: check the address"
        case 429:
            return f"has too many sessions open{said}: end another, or try later"
    return f"refused {service} with HTTP {status}{said}: try again later"


def why_closed(code: int | None, reason: str) -> str:
    """Say why an open websocket was closed, in a whole sentence.

    Args:
        code: of the close frame; None or 1006 when there was none.
        reason: the service's own words, not cleaned.
    """
    said = _behind(_quoted(reason))
    match code:
        case CloseCode.POLICY_VIOLATION if "threshold" in reason.lower():
            return f"the service refused the turn settings{said}: they must be start > eager end > end"
        case CloseCode.POLICY_VIOLATION:
            return f"the service refused the parameters{said}: check model, encoding and settings"
        case CloseCode.GOING_AWAY:
            return f"the service closed the connection{said}: start a new session"
        case CloseCode.ABNORMAL_CLOSURE | None:
            return "the connection was lost: check the network and start a new session"
    return f"the service closed the connection with code {code}{said}: start a new session"


def body_message(body: bytes) -> str:
    """Read the text of a refusal: JSON with title and message, or plain text from older versions (protocol 10.1)."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _quoted(body.decode("utf-8", "replace"))
    fields = said if isinstance(said, dict) else {}
    return _quoted(": ".join(text for key in ("title", "message") if isinstance(text := fields.get(key), str)))


def _behind(said: str) -> str:
    return f" ({said})" if said else ""


def _quoted(text: str) -> str:
    """Text of the service's, fit for a sentence of ours."""
    clean = printable(text).strip()
    return clean if len(clean) <= _LONGEST_QUOTE else clean[: _LONGEST_QUOTE - 1] + "…"
