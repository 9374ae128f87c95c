"""Places what a service says of positions in the session's audio: it counts from the start of its connection."""

from typing import Any, Final

import msgspec

from stt_monitor.core.events import TurnEvent, Word

_POSITIONS: Final = ("at", "speech_start", "speech_end")


def placed(event: TurnEvent, first: float | None) -> TurnEvent:
    """Return an event with positions in the session's audio, seconds.

    Args:
        event: with positions in the audio of its connection.
        first: position of that connection's first audio; None before any: then the event has no positions.
    """
    if first == 0.0:
        return event
    changed: dict[str, Any] = {
        name: None if first is None else first + position
        for name in _POSITIONS
        if (position := getattr(event, name)) is not None
    }
    if any(word.start is not None or word.end is not None for word in event.words):
        changed["words"] = tuple(_placed(word, first) for word in event.words)
    return msgspec.structs.replace(event, **changed) if changed else event


def _placed(word: Word, first: float | None) -> Word:
    start, end = (None if each is None or first is None else first + each for each in (word.start, word.end))
    return msgspec.structs.replace(word, start=start, end=end)
