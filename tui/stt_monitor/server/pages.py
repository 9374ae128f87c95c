"""What the server answers to plain HTTP: pages, and why it refuses. No I/O."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from stt_monitor.services.server_side import Answer, Rejection, ServerSide

HEALTH_PATH: Final = "/health"

TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"


def as_json(value: Any) -> Answer:  # noqa: ANN401  whatever JSON can hold
    """Answer with `value` as JSON."""
    return Answer(HTTPStatus.OK, JSON, msgspec.json.encode(value) + b"\n")


def rejection(status: HTTPStatus, message: str, headers: tuple[tuple[str, str], ...] = ()) -> Rejection:
    """Refuse with a status, whose phrase is the title."""
    return Rejection(status.phrase, message, status, headers=headers)


def misdirected() -> Rejection:
    """The request is for a name that is not this server's."""
    return rejection(
        HTTPStatus.MISDIRECTED_REQUEST, "This local server does not go by that name; --allow-host NAME lets it in."
    )


def foreign_page() -> Rejection:
    """The request comes from a page of another site."""
    return rejection(
        HTTPStatus.FORBIDDEN, "Pages of other sites may not use this local server; --allow-origin ORIGIN lets one in."
    )


def too_busy(message: str) -> Rejection:
    """There is no room for another session."""
    return rejection(HTTPStatus.TOO_MANY_REQUESTS, message, (("Retry-After", "5"),))


def upgrade_required(side: ServerSide) -> Rejection:
    """The path is a websocket's, and the request does not ask for one."""
    return rejection(
        HTTPStatus.UPGRADE_REQUIRED,
        f"{side.path} speaks the WebSocket protocol; connect with a WebSocket client.",
        (("Upgrade", "websocket"), ("Connection", "Upgrade")),
    )


def not_found(sides: Sequence[ServerSide]) -> Rejection:
    """Nothing is served there."""
    paths = _listed([side.path for side in sides])
    return rejection(HTTPStatus.NOT_FOUND, f"Nothing is here; speech is recognised at {paths}.")


def method_not_allowed(allowed: str) -> Rejection:
    """The path is served, by another method."""
    return rejection(HTTPStatus.METHOD_NOT_ALLOWED, f"This path answers {allowed} only.", (("Allow", allowed),))


def no_synthesis() -> Rejection:
    """The synthesiser, an extra, is not installed."""
    return rejection(
        HTTPStatus.NOT_IMPLEMENTED,
        "This local server has no synthesiser; install it with pip install '.[tts]', or bring a WAV file.",
    )


def internal_error() -> Rejection:
    """Something failed that is not the client's doing."""
    return rejection(HTTPStatus.INTERNAL_SERVER_ERROR, "The local server failed; its log says why.")


def front_page(address: str, sides: Sequence[ServerSide]) -> Answer:
    """Say what this is and how to use it. `address` is host:port as the visitor wrote it."""
    titles = _listed([side.title for side in sides])
    protocols = "protocol" if len(sides) == 1 else "protocols"
    speech = [
        f"  speech      POST http://{address}{side.synthesis.path}, if the optional synthesiser is installed"
        for side in sides
        if side.synthesis
    ]
    lines = [
        "stt-monitor: local speech-to-text server",
        "",
        f"It speaks the turn-based streaming {protocols} of {titles}, offline, in English.",
        "",
        *(f"  websocket   ws://{address}{side.path}?{side.example_query}" for side in sides),
        f"  health      http://{address}{HEALTH_PATH}",
        *speech,
        "",
        "Point an SDK at it:",
        "",
        *(f"  {side.point_sdk(f'http://{address}', 'local')}" for side in sides),
        "",
    ]
    return Answer(HTTPStatus.OK, TEXT, "\n".join(lines).encode())


def _listed(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
