"""Errors, and the closes that follow them (services.md 6)."""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from stt_monitor.services.server_side import Answer, Farewell, Head, RejectedError, Rejection

BAD_MESSAGE: Final = 3006
BAD_AUDIO: Final = 3007
_FAILED: Final = 3005

UNAUTHORIZED: Final = Rejection(
    HTTPStatus.UNAUTHORIZED.phrase,
    "Unauthorized Connection: send the key of this local server, Authorization: KEY",
    HTTPStatus.UNAUTHORIZED,
    "1008",
)

_CODES: Final = {
    HTTPStatus.REQUEST_TIMEOUT: BAD_MESSAGE,
    HTTPStatus.TOO_MANY_REQUESTS: _FAILED,
    HTTPStatus.INTERNAL_SERVER_ERROR: _FAILED,
}
"""Of failures that the server tells by their status."""

_LONGEST_REASON: Final = 123
"""Bytes of a close frame."""


def refused(message: str, code: int = BAD_MESSAGE) -> RejectedError:
    """Refuse a parameter or a message; each refusal ends the session."""
    return RejectedError(Rejection("Bad Request", message, code=str(code), fatal=True))


def error(rejection: Rejection) -> str:
    """Return the message that tells of a failure."""
    fields: dict[str, Any] = {"type": "Error", "error_code": _code(rejection), "error": rejection.message}
    return msgspec.json.encode(fields).decode()


def farewell(rejection: Rejection) -> Farewell:
    """Send an error, then close with the same code."""
    fits = len(rejection.message.encode()) <= _LONGEST_REASON
    reason = rejection.message if fits else "See Error message for details"
    return Farewell((error(rejection),), _code(rejection), reason)


def answer(rejection: Rejection, head: Head, request_id: str) -> Answer:  # noqa: ARG001  the same for any request
    """Refuse a request."""
    value = {"error": rejection.message}
    return Answer(HTTPStatus(rejection.status), "application/json", msgspec.json.encode(value), rejection.headers)


def _code(rejection: Rejection) -> int:
    return int(rejection.code) if rejection.code else _CODES.get(HTTPStatus(rejection.status), BAD_MESSAGE)
