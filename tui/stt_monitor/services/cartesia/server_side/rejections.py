"""Refusals over HTTP (protocol.md 10.1), and the names of failures."""

from http import HTTPStatus
from typing import Final

import msgspec

from stt_monitor.services.cartesia.server_side.request import api_version
from stt_monitor.services.server_side import Answer, Head, Rejection

UNAUTHORIZED: Final = Rejection(
    HTTPStatus.UNAUTHORIZED.phrase,
    "Send the key of this local server: Authorization: Bearer, X-API-Key, access_token or api_key.",
    HTTPStatus.UNAUTHORIZED,
    headers=(("WWW-Authenticate", "Bearer"),),
)

_JSON_SINCE: Final = "2026-03-01"
"""Clients of an older API version are refused in plain text."""

_CODES: Final = {HTTPStatus.TOO_MANY_REQUESTS: "concurrency_limited"}
"""The vendor's names of failures that the server tells by their status (protocol.md 10.2)."""


def error_code(rejection: Rejection) -> str:
    """Return the vendor's name of a failure, or ""."""
    return rejection.code or _CODES.get(HTTPStatus(rejection.status), "")


def answer(rejection: Rejection, head: Head, request_id: str) -> Answer:
    """Refuse a request in the form of the API version that it asks for."""
    status, version = HTTPStatus(rejection.status), api_version(head)
    if version and version < _JSON_SINCE:
        text = f"{rejection.title}: {rejection.message}"
        return Answer(status, "text/plain; charset=utf-8", text.encode(), rejection.headers)
    value = {
        "error_code": error_code(rejection) or None,
        "title": rejection.title,
        "message": rejection.message,
        "request_id": request_id,
    }
    return Answer(status, "application/json", msgspec.json.encode(value) + b"\n", rejection.headers)
