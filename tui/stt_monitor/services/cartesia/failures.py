"""What its refusals say (protocol.md 10)."""

from typing import Final

from stt_monitor.core.events import ServiceError, Wire
from stt_monitor.services.base import Refusal
from stt_monitor.services.cartesia import codec
from stt_monitor.services.http_errors import body_message, is_busy

_POLICY_VIOLATION: Final = 1008

_ABOUT_SETTINGS: Final = frozenset({0, 400, 422})
"""The status of an error that answers a change of settings; 0 when it has none."""


def service_error(told: codec.ServiceError, *, accepted: bool) -> ServiceError:
    """Say what an `error` event means; `accepted`: something else has come on its connection before.

    In the place of `connected` it is a refusal (protocol.md 10.3); without a status it may be anything, and how the
    connection is closed after it tells more. Retrying is as integrations do it (protocol.md 10.2).
    """
    status = told.status_code
    return ServiceError(
        text=": ".join(part for part in (told.title, told.message) if part),
        status=status,
        passing=status == 0 or is_busy(status),
        busy=is_busy(status),
        fatal=status != 0 and not accepted,
        refuses_settings=status in _ABOUT_SETTINGS,
    )


def refusal_text(body: bytes) -> str:
    """Read a refusal: JSON with title and message, or plain text from older versions (protocol.md 10.1)."""
    return body_message(body, _message)


def _message(fields: Wire) -> str:
    return ": ".join(text for name in ("title", "message") if isinstance(text := fields.get(name), str))


def failure(code: int | None, said: str) -> Refusal | None:
    """Say what a close means that comes from this service alone (protocol.md 10.2)."""
    return refusal(said) if code == _POLICY_VIOLATION else None


def refusal(said: str) -> Refusal:
    """Say what it objects to, by what it says of it; it will object again (protocol.md 10.2)."""
    if "threshold" in said.lower():
        return Refusal("refused the turn settings", "each has its range, and start > eager end > end")
    return Refusal("refused the parameters", "check model, encoding and settings")
