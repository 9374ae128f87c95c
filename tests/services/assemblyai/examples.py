"""Messages of AssemblyAI, invented: what its types allow (services.md 6)."""

from typing import Any

BEGIN: dict[str, Any] = {
    "type": "Begin", "id": "5b1e", "expires_at": 1796000000,
    "configuration": {"model": "universal-streaming-english", "mode": None, "api_version": "2025-05-12"},
}  # fmt: skip


def word(text: str, start: int, *, final: bool = True) -> dict[str, Any]:
    """A word of 200 ms; `start` in ms."""
    return {"text": text, "start": start, "end": start + 200, "confidence": 0.98, "word_is_final": final}


def turn(order: int, transcript: str, *tail: str, **more: object) -> dict[str, Any]:
    """A `Turn` with the usual fields; `tail` are the words that are not final."""
    settled = [word(text, 1200 + 300 * place) for place, text in enumerate(transcript.split())]
    behind = [word(text, 1200 + 300 * (len(settled) + place), final=False) for place, text in enumerate(tail)]
    return {
        "type": "Turn", "turn_order": order, "turn_is_formatted": False, "end_of_turn": False,
        "transcript": transcript, "end_of_turn_confidence": 0.02, "words": settled + behind, "utterance": "", **more,
    }  # fmt: skip


def end(order: int, transcript: str, **more: object) -> dict[str, Any]:
    """The `Turn` that ends one."""
    return turn(order, transcript, **{"end_of_turn": True, "end_of_turn_confidence": 0.7, **more})


STREAMING: list[dict[str, Any]] = [
    BEGIN,
    turn(0, "", "book"),
    turn(0, "book a", "tab"),
    turn(0, "book a table", utterance="book a table", end_of_turn_confidence=0.3),
    turn(0, "book a table", end_of_turn_confidence=0.35),
    turn(0, "book a table for", "two", language_code="en", language_confidence=0.9),
    turn(0, "book a table for two", utterance="for two"),
    end(0, "book a table for two"),
    turn(1, "", "yes"),
    end(0, "Book a table for two.", turn_is_formatted=True),
    end(1, "yes"),
    {"type": "Warning", "warning_code": 3100, "warning": "slow"},
    {"type": "Heartbeat", "total_audio_received_ms": 4000, "total_duration_ms": 4010, "realtime_factor": 1.0,
        "max_speech_probability": 0.1},
    {"type": "SpeakerRevision", "revisions": [{"turn_order": 0, "speaker_label": "A", "words": []}]},
    {"type": "LLMGatewayResponse", "turn_order": 0, "transcript": "yes", "data": {}},
    {"type": "Error", "error_code": 3005, "error": "Session Cancelled: An error occurred"},
    {"type": "Termination", "audio_duration_seconds": 4, "session_duration_seconds": 5},
]  # fmt: skip

LATER: list[dict[str, Any]] = [
    BEGIN | {"configuration": {"model": "universal-3-6-pro", "mode": "balanced", "api_version": "2025-05-12"}},
    {"type": "SpeechStarted", "timestamp": 1100, "confidence": 0.9},
    turn(0, "Book a-"),
    turn(0, "Book the table-", end_of_turn_confidence=0.4),
    end(0, "Book the table.", turn_is_formatted=True, end_of_turn_confidence=1.0),
    {"type": "Silence", "start_ms": 3000, "end_ms": 4000},
]
