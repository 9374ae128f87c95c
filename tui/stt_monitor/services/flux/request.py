"""What opens a connection, and what is sent over it besides audio (services.md 4)."""

from typing import Final
from urllib.parse import urlencode

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.settings.requested import Settings, TurnSettings, number_text
from stt_monitor.services.base import Audio, Request, Site
from stt_monitor.services.flux.settings import MODEL, SCHEMA

KEY_VARIABLE: Final = "DEEPGRAM_API_KEY"
BASE_URL: Final = "wss://api.deepgram.com"
SOCKET_PATH: Final = "/v2/listen"

ENCODINGS: Final = {"pcm_s16le": "linear16", "pcm_f32le": "linear32", "pcm_mulaw": "mulaw", "pcm_alaw": "alaw"}
"""Its names of encodings; 32-bit samples are floating-point ones there."""

SAMPLE_RATES: Final = (8000, 16_000, 24_000, 44_100, 48_000)
"""Hz."""

PUBLIC_NAMES: Final = frozenset(
    {
        "model", "encoding", "sample_rate", "keyterm", "language_hint", "numerals", "profanity_filter", "redact",
        "mip_opt_out", "tag", "trace", *SCHEMA.names,
    }
)  # fmt: skip
"""The parameters of the URL that are no credentials, and the local server's own `trace`."""

LAG: Final = "x.lag"
"""An extension of the local server, sent to `trace` only: `lag` is the seconds by which recognition is behind."""

FORCE_END_TURN: Final = "ForceEndTurn"
CLOSE_STREAM: Final = "CloseStream"


def headers(site: Site) -> dict[str, str]:
    """Return the key; in its place, the login that a proxy may want."""
    if site.key:
        return {"Authorization": f"Token {site.key}"}
    return {"Authorization": f"Basic {site.login}"} if site.login else {}


def request(site: Site, settings: Settings, audio: Audio) -> Request:
    """Ask for turns; what settings leave open is not sent.

    Raises:
        InputError: the service does not take such audio.
    """
    if audio.encoding not in ENCODINGS:
        raise InputError(f"the service takes no {audio.encoding}: give {', '.join(ENCODINGS)}")
    if audio.sample_rate not in SAMPLE_RATES:
        rates = ", ".join(map(str, SAMPLE_RATES))
        raise InputError(f"the service takes no audio at {audio.sample_rate} Hz: give it at {rates} Hz")
    query = [
        *site.query,
        ("model", settings.model or MODEL),
        ("encoding", ENCODINGS[audio.encoding]),
        ("sample_rate", str(audio.sample_rate)),
        *(("keyterm", term) for term in settings.keyterms),
        *(("language_hint", hint) for hint in settings.language_hints),
        *((name, number_text(value)) for name, value in settings.turn.items()),
    ]
    return Request(f"{site.url}?{urlencode(query)}", headers(site))


def encode(chunk: bytes) -> bytes:
    """Send samples as they are."""
    return chunk


def configure(turn: TurnSettings) -> str:
    """Change the turn settings that are set."""
    return msgspec.json.encode({"type": "Configure", "thresholds": turn}).decode()


def finish(in_turn: bool) -> tuple[str, ...]:  # noqa: FBT001  the one question of `Service.finish`
    """End the open turn, then the stream, which alone would end no turn; where none is open it would be warned of."""
    names = (FORCE_END_TURN, CLOSE_STREAM) if in_turn else (CLOSE_STREAM,)
    return tuple(f'{{"type":"{name}"}}' for name in names)
