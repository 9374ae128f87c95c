"""Refusals over HTTP, and the codes of failures (services.md 4)."""

from http import HTTPStatus
from typing import Final

import msgspec

from stt_monitor.services.server_side import Answer, Head, Rejection

UNPARSABLE: Final = "UNPARSABLE_CLIENT_MESSAGE"
INVALID_THRESHOLD: Final = "INVALID_THRESHOLD"

UNAUTHORIZED: Final = Rejection(
    HTTPStatus.UNAUTHORIZED.phrase,
    "Send the key of this local server: Authorization: Token KEY.",
    HTTPStatus.UNAUTHORIZED,
    "INVALID_AUTH",
    headers=(("WWW-Authenticate", "Token"),),
)

_CODES: Final = {
    HTTPStatus.BAD_REQUEST: "Bad Request",
    HTTPStatus.REQUEST_TIMEOUT: "NET-0001",
    HTTPStatus.TOO_MANY_REQUESTS: "TOO_MANY_REQUESTS",
    HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL_SERVER_ERROR",
}
"""Of failures that the server tells by their status."""


def code(rejection: Rejection) -> str:
    """Return the service's code of a failure."""
    status = HTTPStatus(rejection.status)
    return rejection.code or _CODES.get(status, status.phrase)


def refused(message: str, failure: str = "", *, fatal: bool = False) -> Rejection:
    """Refuse a parameter, or a message."""
    return Rejection("Bad Request", message, code=failure, fatal=fatal)


def answer(rejection: Rejection, head: Head, request_id: str) -> Answer:  # noqa: ARG001  the same for any request
    """Refuse a request; the header says what the body says."""
    value = {"err_code": code(rejection), "err_msg": rejection.message, "request_id": request_id}
    headers = (*rejection.headers, ("dg-error", rejection.message), ("dg-request-id", request_id))
    return Answer(HTTPStatus(rejection.status), "application/json", msgspec.json.encode(value), headers)
