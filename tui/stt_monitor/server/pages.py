"""What the server answers to plain HTTP: pages, and refusals (protocol.md 10.1). No I/O."""

import uuid
from http import HTTPStatus
from typing import Any, Final

import msgspec

from stt_monitor.server.protocol.errors import RefusalError

WEBSOCKET_PATH: Final = "/stt/turns/websocket"
SPEECH_PATH: Final = "/tts/bytes"
HEALTH_PATH: Final = "/health"

TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"

JSON_REFUSALS_SINCE: Final = "2026-03-01"
"""Clients of an older API version are refused in plain text."""


class Answer(msgspec.Struct, frozen=True):
    """An HTTP response: status, type and bytes of the body, further headers."""

    status: HTTPStatus
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def as_json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Answer:  # noqa: ANN401  whatever JSON can hold
    """Answer with `value` as JSON."""
    return Answer(status, JSON, msgspec.json.encode(value) + b"\n")


def refusal(
    status: HTTPStatus,
    message: str,
    *,
    title: str = "",
    error_code: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Answer with the error object of the vendor's API."""
    value = {
        "error_code": error_code,
        "title": title or status.phrase,
        "message": message,
        "request_id": str(uuid.uuid4()),
    }
    return Answer(status, JSON, msgspec.json.encode(value) + b"\n", headers)


def in_version(answer: Answer, version: str) -> Answer:
    """Return an answer as clients of an API version expect it; `version` is a date, or "" for the newest."""
    if answer.status < HTTPStatus.BAD_REQUEST or not version or version >= JSON_REFUSALS_SINCE:
        return answer
    refused = msgspec.json.decode(answer.body)
    text = f"{refused['title']}: {refused['message']}"
    return msgspec.structs.replace(answer, content_type=TEXT, body=text.encode())


def unauthorized() -> Answer:
    """No key, or the wrong one."""
    return refusal(
        HTTPStatus.UNAUTHORIZED,
        "Send the key of this local server: Authorization: Bearer, X-API-Key, access_token or api_key.",
        headers=(("WWW-Authenticate", "Bearer"),),
    )


def misdirected() -> Answer:
    """The request is for a name that is not this server's."""
    return refusal(
        HTTPStatus.MISDIRECTED_REQUEST, "This local server does not go by that name; --allow-host NAME lets it in."
    )


def foreign_page() -> Answer:
    """A page of another site has a browser ask."""
    return refusal(
        HTTPStatus.FORBIDDEN, "Pages of other sites may not use this local server; --allow-origin ORIGIN lets one in."
    )


def too_busy(message: str) -> Answer:
    """No room for another session (protocol.md 10.2)."""
    return refusal(
        HTTPStatus.TOO_MANY_REQUESTS, message, error_code="concurrency_limited", headers=(("Retry-After", "5"),)
    )


def upgrade_required() -> Answer:
    """The path is the websocket's, and the request is none."""
    return refusal(
        HTTPStatus.UPGRADE_REQUIRED,
        f"{WEBSOCKET_PATH} speaks the WebSocket protocol; connect with a WebSocket client.",
        headers=(("Upgrade", "websocket"), ("Connection", "Upgrade")),
    )


def not_found() -> Answer:
    """Nothing is served there."""
    return refusal(HTTPStatus.NOT_FOUND, f"Nothing is here; speech is recognised at {WEBSOCKET_PATH}.")


def method_not_allowed(allowed: str) -> Answer:
    """The path is served, by another method."""
    return refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"This path answers {allowed} only.", headers=(("Allow", allowed),))


def no_synthesis() -> Answer:
    """The optional part that makes speech is not installed (protocol.md 15)."""
    return refusal(
        HTTPStatus.NOT_IMPLEMENTED,
        "This local server has no synthesiser; install it with pip install '.[tts]', or bring a WAV file.",
    )


def internal_error() -> Answer:
    """Something failed that is not the client's doing."""
    return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "The local server failed; its log says why.")


def from_refusal(error: RefusalError) -> Answer:
    """What was asked for is not accepted."""
    return refusal(HTTPStatus(error.status), error.message, title=error.title, error_code=error.error_code or None)


def front_page(address: str) -> Answer:
    """Say to a person what this is and how to use it. `address` is host:port as the visitor wrote it."""
    text = f"""stt-monitor: local speech-to-text server

It speaks the turn-based streaming protocol of Cartesia's Realtime STT (Auto), offline, in English.

  websocket   ws://{address}{WEBSOCKET_PATH}?model=ink-2&encoding=pcm_s16le&sample_rate=16000
  health      http://{address}{HEALTH_PATH}
  speech      POST http://{address}{SPEECH_PATH}, if the optional synthesiser is installed

Point an SDK at it:

  CARTESIA_BASE_URL=http://{address} CARTESIA_API_KEY=local
"""
    return Answer(HTTPStatus.OK, TEXT, text.encode())
