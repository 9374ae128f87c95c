"""What its refusals say (services.md 5)."""

from typing import Any, Final

from stt_monitor.core.events import ServiceError, Wire
from stt_monitor.services.base import Refusal
from stt_monitor.services.http_errors import body_message, is_busy
from stt_monitor.services.json_frames import one_line, whole

REFUSED: Final = 3051
"""Code of a `session.update` that is not accepted, before or after audio."""

RATE_LIMITED: Final = 1300
"""Code of too many requests."""

_STATUSES: Final = range(400, 600)


def service_error(wire: Wire, *, about_settings: bool = False) -> ServiceError:
    """Say what an `error` means; the close follows.

    Args:
        wire: the message.
        about_settings: whether nothing but the settings of the session can be refused yet.
    """
    text, code = error_text(wire), _code(wire)
    if code == RATE_LIMITED:
        return ServiceError(text, 429, busy=True, fatal=True)
    if code in _STATUSES:
        return ServiceError(text, code, passing=is_busy(code), busy=is_busy(code), fatal=True)
    if code == REFUSED:
        return ServiceError(text, 400, passing=False, fatal=True, refuses_settings=about_settings)
    return ServiceError(text, fatal=True)


def error_text(wire: Wire) -> str:
    """Return the message of an `error`: a text, or an object with more of it; not sanitized."""
    error = wire.get("error")
    return _message(error) if isinstance(error, dict) else ""


def refusal_text(body: bytes) -> str:
    """Read a refusal over HTTP: JSON with a message."""
    return body_message(body, _message)


def failure(_code: int | None, _said: str) -> Refusal | None:
    """Say what a close means that comes from this service alone: none, for an `error` comes before each."""
    return None


def refusal(said: str) -> Refusal:
    """Explain a refusal by its message; retrying will not help."""
    if "threshold" in said.lower() or "_ms" in said:
        return Refusal("refused the turn settings", "check their order: start ≥ eager end > end, timeout ≥ silence")
    if "model" in said.lower() or "turn_detection" in said:
        return Refusal("refused the session", "check the model: not every one of its models has turns")
    return Refusal("refused the session", "check model, encoding and settings")


def _code(wire: Wire) -> int:
    error = wire.get("error")
    return whole(error.get("code")) or 0 if isinstance(error, dict) else 0


def _message(fields: dict[str, Any]) -> str:
    for name in ("message", "detail", "error"):
        match fields.get(name):
            case str() as text if text:
                return text
            case dict() as inner if inner:
                return _message(inner) or one_line(inner)
            case list() as inner if inner:
                return one_line(inner)
    return ""
