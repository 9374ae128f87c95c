"""Errors over HTTP: what a status means, also in a message of a service, and the message in a body."""

from collections.abc import Callable
from typing import Final

import msgspec

from stt_monitor.core.events import Wire

NOT_ALLOWED: Final = frozenset({401, 402, 403})
"""About key and credits."""


def is_busy(status: int) -> bool:
    """Return whether a service asks for patience; what is no fault of the request may pass, as integrations have it."""
    return status == 429 or status >= 500  # noqa: PLR2004  HTTP's classes of status


def body_message(body: bytes, message: Callable[[Wire], str]) -> str:
    """Return the message in a body; not sanitized, may be empty.

    Args:
        body: JSON, or text from what stands before the service.
        message: finds the message in a JSON object.
    """
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace")
    return message(said) if isinstance(said, dict) else ""
