"""Messages of Mistral Voxtral, invented: what its types allow (services.md 5)."""

from typing import Any

SESSION: dict[str, Any] = {
    "request_id": "0b1e",
    "model": "voxtral-mini-transcribe-realtime-3",
    "audio_format": {"encoding": "pcm_s16le", "sample_rate": 16_000},
    "target_streaming_delay_ms": None,
    "diarize": None,
    "context_bias": ["Mistral"],
    "language": None,
    "speaker_references": None,
    "turn_detection": {
        "start_threshold": 0.5, "eager_end_threshold": 0.5, "end_threshold": 0.33, "min_silence_ms": 500,
        "end_timeout_ms": 3000,
    },
}  # fmt: skip


def delta(text: str) -> dict[str, Any]:
    """A piece of text."""
    return {"type": "transcription.text.delta", "text": text}


def turn(event: str, at: float, **more: object) -> dict[str, Any]:
    """A turn event."""
    return {"type": f"turn.{event}", "time_s": at, **more}


EXAMPLES: list[dict[str, Any]] = [
    {"type": "session.created", "session": {**SESSION, "context_bias": None, "turn_detection": None}},
    {"type": "session.updated", "session": SESSION},
    turn("start", 1.84),
    delta("Book a"),
    turn("eager_end", 3.1),
    turn("resume", 3.3),
    delta(" table"),
    {"type": "transcription.language", "audio_language": "en"},
    {"type": "transcription.segment", "text": "Book a table", "start": 1.9, "end": 3.2, "speaker_id": None},
    turn("eager_end", 4.4),
    turn("end", 4.9, end_reason="threshold"),
    delta(" for two."),
    turn("start", 8),
    turn("end", 11, end_reason="timeout"),
    {"type": "transcription.done", "model": "voxtral-mini-transcribe-realtime-3", "text": "Book a table for two.",
        "language": None, "segments": [], "usage": {"prompt_tokens": 5, "prompt_audio_seconds": 3}},
    {"type": "error", "error": {"message": "no", "code": 3051}},
    {"type": "error", "error": {"message": {"detail": "no"}, "code": 1300}},
]  # fmt: skip
