"""Messages of Deepgram Flux, invented: what its types allow (services.md 4)."""

from typing import Any

WORDS = [{"word": "book", "confidence": 0.98, "start": 9.3, "end": 9.5}]


def turn_info(event: str, number: int, text: str, **more: object) -> dict[str, Any]:
    """A `TurnInfo` with the usual fields."""
    return {
        "type": "TurnInfo", "request_id": "0b1e", "sequence_id": number, "event": event, "turn_index": 2,
        "audio_window_start": 9.1, "audio_window_end": 9.1 + number / 4, "transcript": text, "words": WORDS,
        "end_of_turn_confidence": 0.55, **more,
    }  # fmt: skip


EXAMPLES: list[dict[str, Any]] = [
    {"type": "Connected", "request_id": "0b1e", "sequence_id": 0},
    turn_info("Update", 1, "", words=[]),
    turn_info("StartOfTurn", 2, "Book"),
    turn_info("Update", 3, "Book a", languages=["en", "es"], languages_hinted=["en"]),
    turn_info("Update", 4, "Book a"),
    turn_info("EagerEndOfTurn", 5, "Book a table."),
    turn_info("TurnResumed", 6, "Book a table"),
    turn_info("Update", 7, "Book a table for two"),
    {"type": "ConfigureSuccess", "request_id": "0b1e", "sequence_id": 8, "keyterms": [], "thresholds":
        {"eot_threshold": 0.7}},
    {"type": "ConfigureFailure", "request_id": "0b1e", "sequence_id": 9, "code": "INVALID_THRESHOLD",
        "description": "no"},
    turn_info("EagerEndOfTurn", 10, "Book a table for two."),
    turn_info("EndOfTurn", 11, "Book a table for two.", trigger="model", end_of_turn_confidence=0.81),
    {"type": "Warning", "request_id": "0b1e", "sequence_id": 12, "code": "FORCE_END_TURN_NO_ACTIVE_TURN",
        "description": "none"},
    {"type": "Error", "sequence_id": 13, "code": "INTERNAL_SERVER_ERROR", "description": "sorry"},
]  # fmt: skip
