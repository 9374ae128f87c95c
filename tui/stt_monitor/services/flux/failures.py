"""What its refusals say (services.md 4)."""

from typing import Any, Final

from stt_monitor.core.events import ServiceError, Wire
from stt_monitor.services.base import Refusal
from stt_monitor.services.http_errors import body_message

_POLICY_VIOLATION: Final = 1008
_INTERNAL: Final = "INTERNAL"
_UNDECODABLE: Final = "DATA-0000"
_NO_AUDIO: Final = "NET-0001"


def service_error(wire: Wire) -> ServiceError:
    """Say what an `Error` or a `ConfigureFailure` means: the first ends the connection, the second a change alone."""
    code = _text(wire, "code") or _text(wire, "error_code")
    text = ": ".join(part for part in (code, _text(wire, "description")) if part)
    if wire.get("type") == "ConfigureFailure":
        return ServiceError(text, 400, passing=False, refuses_settings=True)
    passing = not code or _INTERNAL in code
    return ServiceError(text, 500 if passing else 400, passing=passing, fatal=True)


def refusal_text(body: bytes) -> str:
    """Read a refusal: JSON with code and message."""
    return body_message(body, _message)


def _message(fields: Wire) -> str:
    return ": ".join(text for name in ("err_code", "err_msg") if (text := _text(fields, name)))


def failure(code: int | None, said: str) -> Refusal | None:
    """Say what a close means that comes from this service alone."""
    if _UNDECODABLE in said:
        return Refusal("could not decode the audio", "check encoding and sample rate")
    if _NO_AUDIO in said:
        return Refusal("got no audio for too long", "check the source, and start a new session", passing=True)
    return refusal(said) if code == _POLICY_VIOLATION else None


def refusal(said: str) -> Refusal:
    """Explain a refusal by its message; retrying will not help."""
    if "threshold" in said.lower():
        return Refusal("refused the turn settings", "each has its range, and eager end ≤ end")
    return Refusal("refused the parameters", "check model, encoding and settings")


def _text(fields: dict[str, Any], name: str) -> str:
    return text if isinstance(text := fields.get(name), str) else ""
