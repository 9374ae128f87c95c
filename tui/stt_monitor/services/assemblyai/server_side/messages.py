"""Messages of a client, read into values (services.md 6)."""

from typing import Any

import msgspec

from stt_monitor.services.assemblyai.families import FORMATS, Family
from stt_monitor.services.assemblyai.request import CHUNK_MS, FORCE_ENDPOINT, KEEP_ALIVE, TERMINATE, UPDATE
from stt_monitor.services.assemblyai.server_side.rejections import BAD_AUDIO, refused
from stt_monitor.services.base import Audio
from stt_monitor.services.server_side import EndTurn, Finish

_QUOTED: int = 60
"""Characters of a message that an error repeats."""


class Update(msgspec.Struct, frozen=True):
    """A change of the settings; what it does not name keeps its value."""

    turn: dict[str, float]
    formats: bool | None = None
    """Whether a formatted copy follows each end."""


def read_message(text: str, family: Family) -> EndTurn | Finish | Update | None:
    """Read one text message; None for one that says only that the client is there.

    Raises:
        RejectedError: it is no message of the protocol, or changes a setting to what it cannot be.
    """
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise refused(f"Invalid JSON: {text[:_QUOTED]}") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise refused(f"Invalid Message: {text[:_QUOTED]}")
    kind = message["type"]
    if kind == UPDATE:
        return _update(message, family)
    known: dict[str, EndTurn | Finish | None] = {FORCE_ENDPOINT: EndTurn(), TERMINATE: Finish(), KEEP_ALIVE: None}
    if kind not in known:
        raise refused(f"Invalid Message Type: {kind[:_QUOTED]}")
    return known[kind]


def duration_ms(frame: bytes, audio: Audio) -> float:
    """Return how much audio a frame holds. Raises RejectedError: less or more than the service takes."""
    least, most = CHUNK_MS
    width = 2 if audio.encoding == "pcm_s16le" else 1
    lasts = len(frame) / width / audio.sample_rate * 1000
    if not least <= round(lasts) <= most:
        raise refused(f"Input duration violation: {lasts:g} ms. Expected between {least} and {most} ms", BAD_AUDIO)
    return lasts


def _update(message: dict[str, Any], family: Family) -> Update:
    given = {name: message[name] for name in family.numbers if message.get(name) is not None}
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in given.values()):
        raise refused(f"Invalid Message: {', '.join(given)} must be numbers.")
    formats = message.get(FORMATS)
    if not isinstance(formats, bool | None):
        raise refused("Invalid Message: format_turns must be true or false.")
    return Update(given, formats)
