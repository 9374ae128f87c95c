"""Speech from the service's text-to-speech, as the vendor's examples make their sample (protocol 15)."""

from typing import Final

import msgspec

from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.transport.address import Address
from stt_monitor.transport.fetch import post

EXAMPLE_SENTENCE: Final = "Hello, world! The quick brown fox jumps over the lazy dog."
"""What the vendor's Python examples say."""

SAMPLE_RATE: Final = 16_000
_MODEL: Final = "sonic-latest"
_VOICE: Final = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"


def synthesise(address: Address, sentence: str) -> bytes:
    """Have a sentence spoken. Blocks until the whole of it is there.

    Args:
        address: the service, with its key.
        sentence: what is to be said, in English.

    Returns:
        Samples as `pcm_s16le`, mono, at `SAMPLE_RATE` Hz.

    Raises:
        ServiceUnavailableError: the service could not be reached, or does not synthesise.
    """
    body = msgspec.json.encode(
        {
            "model_id": _MODEL,
            "transcript": sentence,
            "voice": {"mode": "id", "id": _VOICE},
            "language": "en",
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": SAMPLE_RATE},
        }
    )
    audio = post(address, address.speech_url, body, "the speech synthesis")
    if len(audio) < 2:  # noqa: PLR2004  bytes of one sample
        raise ServiceUnavailableError(f"{address.speech_url} answered without speech: give a recording instead")
    return audio[: len(audio) // 2 * 2]
