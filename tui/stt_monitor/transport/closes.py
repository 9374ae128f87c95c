"""Why the service ended a connection that was open (protocol.md 10.2, 10.3)."""

from typing import Final

from websockets.frames import CloseCode

from stt_monitor.core.events import ServiceError
from stt_monitor.services.base import Service
from stt_monitor.services.http_errors import NOT_ALLOWED
from stt_monitor.transport.failures import Asked, Failure, behind, quoted, why_refused

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
"""Closes after which another connection may last (protocol.md 10.2)."""


def why_refused_in_band(error: ServiceError, reason: str, asked: Asked) -> Failure:
    """Say why a service refused over an open websocket; a 404 there is about a model, not about an address.

    Args:
        error: what it sent.
        reason: of its close, not cleaned; empty when there was none yet.
        asked: what opened the websocket.
    """
    if error.status in NOT_ALLOWED or error.busy:
        return why_refused(error.status, quoted(_told(error, reason)), asked, kind="status")
    told = _told(error, reason)
    refusal = asked.service.refusal(told)
    return Failure(f"the service {refusal.what}{behind(quoted(told))}", refusal.remedy, refusal.passing)


def why_closed(code: int | None, reason: str, service: Service, error: ServiceError | None = None) -> Failure:
    """Say why an open websocket was closed.

    Args:
        code: of the close frame; None or 1006 when there was none.
        reason: the service's own words, not cleaned.
        service: whose words they are.
        error: the `error` event that was the last thing to come before the close, if there was one; it may say more
            than the close does (protocol.md 10.2).
    """
    told = _told(error, reason)
    said = behind(quoted(told))
    passing = code is None or code in _PASSING_CLOSES
    remedy = "start a new session"
    fatal = error is not None and error.ends_session
    match code:
        case CloseCode.ABNORMAL_CLOSURE | None if fatal:
            what = f"the service ended the session{said}"
        case CloseCode.ABNORMAL_CLOSURE | None:
            what, remedy = f"the connection was lost{said}", "check the network and start a new session"
        case CloseCode.GOING_AWAY:
            what = f"the service closed the connection{said}"
        case _:
            what = f"the service closed the connection with code {code}{said}"
    refusal = service.failure(code, told)
    if refusal is not None:
        what, remedy, passing = f"the service {refusal.what}{said}", refusal.remedy, refusal.passing
    busy = False
    if error is not None and (fatal or code not in (CloseCode.ABNORMAL_CLOSURE, None)) and not refusal:
        passing, busy = error.passing, error.busy
        remedy = remedy if passing else "see what the service said, and change that"
    return Failure(what, remedy, passing, busy)


def _told(error: ServiceError | None, reason: str) -> str:
    """Return all that a service said when it closed; the reason is often the error's title alone."""
    told = "" if error is None else error.text
    return told if reason in told else "; ".join(part for part in (told, reason) if part)
