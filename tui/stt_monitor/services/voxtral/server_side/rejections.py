"""Refusals over HTTP, and errors of a session (services.md 5)."""

from http import HTTPStatus
from typing import Final

import msgspec

from stt_monitor.services.server_side import Answer, Head, RejectedError, Rejection
from stt_monitor.services.voxtral.failures import RATE_LIMITED, REFUSED

UNAUTHORIZED: Final = Rejection(
    HTTPStatus.UNAUTHORIZED.phrase,
    "Send the key of this local server: Authorization: Bearer KEY.",
    HTTPStatus.UNAUTHORIZED,
    headers=(("WWW-Authenticate", "Bearer"),),
)

AFTER_AUDIO: Final = "Session fields cannot be changed after audio has started."

_CODES: Final = {HTTPStatus.BAD_REQUEST: REFUSED, HTTPStatus.TOO_MANY_REQUESTS: RATE_LIMITED}
"""Numbers of failures; the status serves for others."""


def refused(message: str) -> RejectedError:
    """Refuse what a message says; each refusal ends the session."""
    return RejectedError(Rejection("Bad Request", message, fatal=True))


def error(rejection: Rejection) -> str:
    """Return the message that tells of a failure."""
    code = _CODES.get(HTTPStatus(rejection.status), rejection.status)
    return msgspec.json.encode({"type": "error", "error": {"message": rejection.message, "code": code}}).decode()


def answer(rejection: Rejection, head: Head, request_id: str) -> Answer:  # noqa: ARG001  the same for any request
    """Refuse a request."""
    value = {"message": rejection.message, "request_id": request_id}
    return Answer(HTTPStatus(rejection.status), "application/json", msgspec.json.encode(value), rejection.headers)
