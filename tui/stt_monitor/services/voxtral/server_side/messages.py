"""Messages of a client, read into values (services.md 5)."""

import binascii
from base64 import b64decode
from typing import Any, Final

import msgspec

from stt_monitor.services.voxtral.request import APPEND, END, FLUSH, UPDATE
from stt_monitor.services.voxtral.server_side.rejections import refused

MOST_BYTES: Final = 262_144
"""Of audio, decoded, in one message."""

_KINDS: Final = (UPDATE, APPEND, FLUSH, END)


def read_message(message: str | bytes) -> tuple[str, dict[str, Any]]:
    """Return the type and the other fields of a message.

    Raises:
        RejectedError: it is none of the protocol.
    """
    try:
        fields = msgspec.json.decode(message) if isinstance(message, str) else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        fields = None
    kind = fields.pop("type", None) if isinstance(fields, dict) else None
    if kind not in _KINDS or not isinstance(fields, dict):
        raise refused(f"Send JSON with one of these as its type: {', '.join(_KINDS)}.")
    allowed = {UPDATE: {"session"}, APPEND: {"audio"}}.get(kind, set())
    if unknown := fields.keys() - allowed:
        raise refused(f"{kind} has no {min(unknown)}.")
    return kind, fields


def audio(fields: dict[str, Any]) -> bytes:
    """Return the audio of an `input_audio.append`.

    Raises:
        RejectedError: it is no base64, or too much.
    """
    told = fields.get("audio")
    try:
        data = b64decode(told, validate=True) if isinstance(told, str) else None
    except (binascii.Error, ValueError):
        data = None
    if data is None:
        raise refused("audio must be base64.")
    if len(data) > MOST_BYTES:
        raise refused(f"audio must not be more than {MOST_BYTES} bytes, decoded.")
    return data
