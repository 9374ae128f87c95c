"""What its refusals say (protocol.md 10)."""

from typing import Final

import msgspec

from stt_monitor.services.base import Refusal

_POLICY_VIOLATION: Final = 1008


def refusal_text(body: bytes) -> str:
    """Read a refusal: JSON with title and message, or plain text from older versions (protocol.md 10.1)."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace")
    fields = said if isinstance(said, dict) else {}
    return ": ".join(text for name in ("title", "message") if isinstance(text := fields.get(name), str))


def failure(code: int | None, said: str) -> Refusal | None:
    """Say what a close means that comes from this service alone (protocol.md 10.2)."""
    if code != _POLICY_VIOLATION:
        return None
    if "threshold" in said.lower():
        return Refusal("refused the turn settings", "each has its range, and start > eager end > end")
    return Refusal("refused the parameters", "check model, encoding and settings")
