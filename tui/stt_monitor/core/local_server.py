"""What the local server is called, and how it is known: it answers every request with a `Server` header of its own."""

from typing import Final

PRODUCT: Final = "stt-monitor"
"""How its `Server` header begins; a version and a comment follow."""

MODEL: Final = "Moonshine"
"""What recognises in it, whatever model a client asks for."""

LOCAL_SERVER: Final = f"local server ({MODEL})"
"""What it is called wherever people read it."""


def server_header(version: str) -> str:
    """Return the `Server` header of a local server of this program's `version`."""
    return f"{PRODUCT}/{version} (local server; {MODEL})"


def is_local_server(header: str) -> bool:
    """Tell whether a response with this `Server` header ("" where there is none) is from a local server."""
    return header == PRODUCT or header.startswith(f"{PRODUCT}/")
