"""Its request, and what is sent over the connection (services.md 5)."""

from base64 import b64encode
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import Audio, Request, Site
from stt_monitor.services.voxtral.settings import MODEL, SCHEMA

KEY_VARIABLE: Final = "MISTRAL_API_KEY"
BASE_URL: Final = "wss://api.mistral.ai"
SOCKET_PATH: Final = "/v1/audio/transcriptions/realtime"

PUBLIC_NAMES: Final = frozenset({"model", "trace"})
"""The parameters of the URL that are no credentials; `trace` is the local server's own."""

UPDATE: Final = "session.update"
APPEND: Final = "input_audio.append"
FLUSH: Final = "input_audio.flush"
END: Final = "input_audio.end"

LIKELIHOOD: Final = "x.likelihood"
"""An extension of the local server, sent to `trace` only: `points` of position and likelihood, and `lag`, the seconds
by which recognition is behind."""


def headers(site: Site) -> dict[str, str]:
    """Return the key; in its place, the login that a proxy may want."""
    if site.key:
        return {"Authorization": f"Bearer {site.key}"}
    return {"Authorization": f"Basic {site.login}"} if site.login else {}


def request(site: Site, settings: Settings, audio: Audio) -> Request:
    """Ask for turns, in the first message; what settings leave open is not sent."""
    query = [*site.query, ("model", settings.model or MODEL)]
    session: dict[str, Any] = {"audio_format": {"encoding": audio.encoding, "sample_rate": audio.sample_rate}}
    if settings.language_hints:
        session["language"] = settings.language_hints[0]
    if settings.keyterms:
        session["context_bias"] = settings.keyterms
    session["turn_detection"] = turn_detection(settings.turn)
    update = msgspec.json.encode({"type": UPDATE, "session": session}).decode()
    return Request(f"{site.url}?{urlencode(query)}", headers(site), (update,))


def turn_detection(turn: TurnSettings) -> dict[str, float | int]:
    """Return turn settings as the service writes them: milliseconds are whole numbers."""
    return {name: int(value) if SCHEMA[name].unit else value for name, value in turn.items()}


def encode(chunk: bytes) -> str:
    """Send samples as base64, in a message."""
    return f'{{"type":"{APPEND}","audio":"{b64encode(chunk).decode()}"}}'


def finish(_in_turn: bool) -> tuple[str, ...]:  # noqa: FBT001  the one question of `Service.finish`
    """End the audio. A flush before it would change nothing."""
    return (f'{{"type":"{END}"}}',)
