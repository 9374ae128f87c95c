"""What opens a connection, and what is sent over it besides audio (protocol.md 2, 4)."""

from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from stt_monitor.core.settings.requested import Settings, TurnSettings, number_text
from stt_monitor.services.base import Audio, Request, Site
from stt_monitor.services.cartesia.settings import MODEL

KEY_VARIABLE: Final = "CARTESIA_API_KEY"
BASE_URL_VARIABLE: Final = "CARTESIA_BASE_URL"
"""What the vendor's SDKs read another address from."""

BASE_URL: Final = "wss://api.cartesia.ai"
SOCKET_PATH: Final = "/stt/turns/websocket"
VERSION_HEADER: Final = "Cartesia-Version"
VERSION_NAME: Final = "cartesia_version"
"""The same as a parameter of the URL, which wins."""
API_VERSION: Final = "2026-08-14"
"""The newest version that the protocol notes know (protocol.md 2.5)."""

TURN_PREFIX: Final = "turn_"
"""What the names of the turn settings begin with in a URL (protocol.md 2.2)."""

PUBLIC_NAMES: Final = frozenset(
    {
        "model", "encoding", "sample_rate", "keyterm", "language_hint", "language_hints", VERSION_NAME,
        "cartesia_client", "trace",
    }
)  # fmt: skip
"""The other parameters of the URL that are no credentials (protocol.md 2.2), and the local server's own `trace`."""

CLOSE: Final = '{"type":"close"}'
"""No more audio will come (protocol.md 4.1)."""


def headers(site: Site) -> dict[str, str]:
    """Return version and key (protocol.md 2.4, 2.5); in the place of a key, the login that a proxy may want."""
    found = {VERSION_HEADER: API_VERSION}
    if site.key:
        found["Authorization"] = f"Bearer {site.key}"
    elif site.login:
        found["Authorization"] = f"Basic {site.login}"
    return found


def request(site: Site, settings: Settings, audio: Audio) -> Request:
    """Ask for turns; what settings leave open is not sent (protocol.md 2.2)."""
    query = [
        *site.query,
        ("model", settings.model or MODEL),
        ("encoding", audio.encoding),
        ("sample_rate", str(audio.sample_rate)),
        *(("keyterm", term) for term in settings.keyterms),
        *(("language_hint", hint) for hint in settings.language_hints),
        *((f"{TURN_PREFIX}{name}", number_text(value)) for name, value in settings.turn.items()),
    ]
    # A blank must travel as %20: whether the service reads + as one is not known (protocol.md 2.2).
    return Request(f"{site.url}?{urlencode(query, quote_via=quote)}", headers(site))


def encode(chunk: bytes) -> bytes:
    """Send samples as they are (protocol.md 3)."""
    return chunk


def configure(turn: TurnSettings) -> str:
    """Change the turn settings that are set (protocol.md 4.2)."""
    return msgspec.json.encode({"type": "config", "turn": turn}).decode()
