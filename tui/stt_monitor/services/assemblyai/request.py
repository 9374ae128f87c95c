"""What opens a connection, and what is sent over it besides audio (services.md 6)."""

from typing import Final
from urllib.parse import urlencode

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.assemblyai.families import FORMATS, LATER_MODEL, MODE, MODEL, family_of
from stt_monitor.services.base import Audio, Request, Site

KEY_VARIABLE: Final = "ASSEMBLYAI_API_KEY"
BASE_URL: Final = "wss://streaming.assemblyai.com"
SOCKET_PATH: Final = "/v3/ws"
API_VERSION: Final = "2025-05-12"

ENCODINGS: Final = ("pcm_s16le", "pcm_mulaw")
"""Its names are ours."""

LOWEST_RATE: Final = 8000
HIGHEST_RATE: Final = 96_000
"""Hz."""

CHUNK_MS: Final = (50, 1000)
"""Least and most audio in a frame."""

PUBLIC_NAMES: Final = frozenset(
    {
        "speech_model", "encoding", "sample_rate", "keyterms_prompt", "language_codes", "language_detection", "mode",
        "format_turns", "continuous_partials", "turn_left_pad_ms", "speaker_labels", "max_speakers", "voice_focus",
        "domain", "inactivity_timeout", "session_heartbeat", "acknowledge_silence", "trace",
        *family_of(MODEL).schema.names, *family_of(LATER_MODEL).schema.names,
    }
)  # fmt: skip
"""The parameters of the URL that are no credentials, and the local server's own `trace`."""

LIKELIHOOD: Final = "x.likelihood"
"""An extension of the local server, sent to `trace` only: `points`, pairs of seconds of audio and likelihood; `lag`."""

FORCE_ENDPOINT: Final = "ForceEndpoint"
TERMINATE: Final = "Terminate"
UPDATE: Final = "UpdateConfiguration"
KEEP_ALIVE: Final = "KeepAlive"


def headers(site: Site) -> dict[str, str]:
    """Return the version, and the key without a scheme; in its place, the login that a proxy may want."""
    version = {"AssemblyAI-Version": API_VERSION}
    if site.key:
        return {"Authorization": site.key, **version}
    return {"Authorization": f"Basic {site.login}", **version} if site.login else version


def request(site: Site, settings: Settings, audio: Audio) -> Request:
    """Ask for turns; what settings leave open is not sent.

    Raises:
        InputError: the service does not take such audio.
    """
    if audio.encoding not in ENCODINGS:
        raise InputError(f"the service takes no {audio.encoding}: give {' or '.join(ENCODINGS)}")
    if not LOWEST_RATE <= audio.sample_rate <= HIGHEST_RATE:
        raise InputError(
            f"the service takes no audio at {audio.sample_rate} Hz: give it at {LOWEST_RATE} to {HIGHEST_RATE} Hz"
        )
    schema = family_of(settings.model or MODEL).schema
    lists = {"keyterms_prompt": settings.keyterms, "language_codes": settings.language_hints}
    query = [
        *site.query,
        ("speech_model", settings.model or MODEL),
        ("encoding", audio.encoding),
        ("sample_rate", str(audio.sample_rate)),
        *((name, msgspec.json.encode(words).decode()) for name, words in lists.items() if words),
        *((name, schema[name].text(value)) for name, value in settings.turn.items()),
    ]
    return Request(f"{site.url}?{urlencode(query)}", headers(site))


def encode(chunk: bytes) -> bytes:
    """Send samples as they are."""
    return chunk


def configure(turn: TurnSettings) -> str:
    """Change the turn settings that are set and can be changed; milliseconds are whole numbers."""
    changed = {name: value for name, value in turn.items() if name not in (MODE, FORMATS)}
    values = {name: int(value) if value == int(value) else value for name, value in changed.items()}
    return msgspec.json.encode({"type": UPDATE, **values}).decode()


def finish(in_turn: bool) -> tuple[str, ...]:  # noqa: ARG001, FBT001  a turn may have begun that has no text yet
    """End the turn, then the session."""
    return tuple(f'{{"type":"{name}"}}' for name in (FORCE_ENDPOINT, TERMINATE))
