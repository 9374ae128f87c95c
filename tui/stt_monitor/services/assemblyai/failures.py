"""What its refusals say (services.md 6)."""

from collections.abc import Mapping
from typing import Any, Final

from stt_monitor.core.events import ServiceError, Wire
from stt_monitor.services.assemblyai.request import CHUNK_MS, KEY_VARIABLE
from stt_monitor.services.base import Refusal
from stt_monitor.services.http_errors import body_message

_NOT_ALLOWED: Final = 1008
_BAD_MESSAGE: Final = 3006
_TOO_MANY: Final = 3009

_REFUSALS: Final[Mapping[int, Refusal]] = {
    _NOT_ALLOWED: Refusal("refused the key or the account", f"check {KEY_VARIABLE}, and what the account may do"),
    3005: Refusal("failed", "start a new session", passing=True),
    _BAD_MESSAGE: Refusal("refused the parameters or a message", "check model, encoding and settings"),
    3007: Refusal(
        "refused the audio for its length or its speed",
        f"give --chunk-ms {CHUNK_MS[0]} to {CHUNK_MS[1]}, and no audio faster than real time",
    ),
    3008: Refusal("ended the session, which had run for as long as one may", "start a new session", passing=True),
    _TOO_MANY: Refusal("has too many sessions open", "end another, or try later", passing=True),
}
"""By the code of a close, which is also that of the error before it."""

_INACTIVE: Final = Refusal("heard nothing for too long", "check the source, and start a new session", passing=True)


def service_error(wire: Wire) -> ServiceError:
    """Say what an `Error` means: the connection is closed after it, with the same code."""
    number = wire.get("error_code")
    code = number if isinstance(number, int) and not isinstance(number, bool) else 0
    said = _text(wire, "error")
    busy = code == _TOO_MANY or "concurrent" in said
    status = 429 if busy else {_NOT_ALLOWED: 401, 3005: 500, 3008: 500}.get(code, 400 if code in _REFUSALS else 0)
    known = _refusal(code, said)
    return ServiceError(
        ": ".join(part for part in (str(code) if code else "", said) if part),
        status,
        passing=known.passing if known else True,
        busy=busy,
        fatal=True,
        refuses_settings=code == _BAD_MESSAGE,
    )


def refusal_text(body: bytes) -> str:
    """Read a refusal: JSON with `error`, or text."""
    return body_message(body, _message)


def _message(fields: Wire) -> str:
    return next((text for name in ("error", "message", "detail") if (text := _text(fields, name))), "")


def failure(code: int | None, said: str) -> Refusal | None:
    """Say what a close means that comes from this service alone."""
    return None if code is None else _refusal(code, said)


def refusal(said: str) -> Refusal:
    """Say what it objects to, by the code that its error begins with."""
    code, _, text = said.partition(":")
    return (_refusal(int(code), text) if code.isdecimal() else None) or _REFUSALS[_BAD_MESSAGE]


def _refusal(code: int, said: str) -> Refusal | None:
    if code == _BAD_MESSAGE and "inactiv" in said.lower():
        return _INACTIVE
    if code == _NOT_ALLOWED and "concurrent" in said:
        return _REFUSALS[_TOO_MANY]
    return _REFUSALS.get(code)


def _text(fields: dict[str, Any], name: str) -> str:
    return text if isinstance(text := fields.get(name), str) else ""
