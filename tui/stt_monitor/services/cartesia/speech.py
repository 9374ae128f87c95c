"""Its text-to-speech, as the vendor's examples make their sample (protocol.md 15)."""

from typing import Final

import msgspec

from stt_monitor.services.base import Speech

SPEECH_PATH: Final = "/tts/bytes"
SAMPLE_RATE: Final = 16_000
_MODEL: Final = "sonic-latest"
_VOICE: Final = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"


def _body(sentence: str) -> bytes:
    return msgspec.json.encode(
        {
            "model_id": _MODEL,
            "transcript": sentence,
            "voice": {"mode": "id", "id": _VOICE},
            "language": "en",
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": SAMPLE_RATE},
        }
    )


SPEECH: Final = Speech(
    path=SPEECH_PATH,
    sample_rate=SAMPLE_RATE,
    example="Hello, world! The quick brown fox jumps over the lazy dog.",  # what the vendor's Python examples say
    body=_body,
)
