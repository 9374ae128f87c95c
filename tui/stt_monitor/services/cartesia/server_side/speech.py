"""Requests for speech (protocol.md 15)."""

from typing import Final

import msgspec

from stt_monitor.services.base import Audio
from stt_monitor.services.cartesia.speech import SPEECH_PATH
from stt_monitor.services.server_side import RejectedError, Rejection, SpeechRequest, Synthesis

MAX_TRANSCRIPT_CHARACTERS: Final = 2000
"""About two minutes of speech."""

RATES: Final = (8000, 16_000, 22_050, 24_000, 44_100, 48_000)
"""Hz."""

ENCODINGS: Final = ("pcm_s16le", "pcm_f32le", "pcm_alaw", "pcm_mulaw")

_WAV: Final = "wav"
_CONTENT_TYPES: Final = {"raw": "audio/raw", _WAV: "audio/wav"}


class _OutputFormat(msgspec.Struct, frozen=True):
    container: str
    encoding: str
    sample_rate: int


class _Body(msgspec.Struct, frozen=True):
    """The fields that matter; voice, model and language are whatever they are, there is one voice."""

    transcript: str
    output_format: _OutputFormat


def read_speech_request(body: bytes) -> SpeechRequest:
    """Read the body of a request. Raises RejectedError."""
    try:
        asked = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        reason = str(error) if isinstance(error, msgspec.ValidationError) else "it is not JSON"
        raise RejectedError(Rejection("Invalid request", f"The body cannot be read: {reason}.")) from None
    form = asked.output_format
    if not asked.transcript.strip() or len(asked.transcript) > MAX_TRANSCRIPT_CHARACTERS:
        limit = f"from 1 to {MAX_TRANSCRIPT_CHARACTERS} characters"
        raise RejectedError(Rejection("Invalid transcript", f"The transcript must have {limit}."))
    if form.container not in _CONTENT_TYPES or form.encoding not in ENCODINGS or form.sample_rate not in RATES:
        raise RejectedError(
            Rejection(
                "Unsupported output format",
                f"Containers are {', '.join(_CONTENT_TYPES)}; encodings {', '.join(ENCODINGS)};"
                f" sample rates {', '.join(map(str, RATES))}.",
                code="unsupported_audio_format",
            )
        )
    audio = Audio(form.encoding, form.sample_rate)
    return SpeechRequest(asked.transcript, audio, form.container == _WAV, _CONTENT_TYPES[form.container])


SYNTHESIS: Final = Synthesis(SPEECH_PATH, read_speech_request)
