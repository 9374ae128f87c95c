"""Places what a service says of positions in the session's audio: it counts from the start of its connection."""

from typing import Any, Final

import msgspec

from stt_monitor.core.events import TurnEvent, Word

_POSITIONS: Final = ("at", "speech_start", "speech_end")

BEYOND_S: Final = 1.0
"""How far what is said of the audio may lie beyond what was sent: services round up, and may add silence."""


def placed(event: TurnEvent, first: float | None, sent: float) -> TurnEvent:
    """Return an event with positions in the session's audio, seconds; one in audio that was never sent is none.

    Args:
        event: with positions in the audio of its connection.
        first: position of that connection's first audio; None before any: then the event has no positions.
        sent: position up to which audio was sent.
    """
    limit = sent + BEYOND_S
    changed: dict[str, Any] = {
        name: None if first is None or first + position > limit else first + position
        for name in _POSITIONS
        if (position := getattr(event, name)) is not None
    }
    times = [each for word in event.words for each in (word.start, word.end) if each is not None]
    if times and (first is None or first + max(times) > limit):
        changed["words"] = tuple(msgspec.structs.replace(word, start=None, end=None) for word in event.words)
    elif times and first:
        changed["words"] = tuple(_placed(word, first) for word in event.words)
    return msgspec.structs.replace(event, **changed) if changed else event


def _placed(word: Word, first: float) -> Word:
    start, end = (None if each is None else first + each for each in (word.start, word.end))
    return msgspec.structs.replace(word, start=start, end=end)
