"""Name of the local server, and how clients recognise it: by the `Server` header of its responses."""

from typing import Final

PRODUCT: Final = "stt-monitor"
"""Start of its `Server` header; version and comment follow."""

MODEL: Final = "Moonshine"
"""Its recogniser, whatever model a client requests."""

LOCAL_SERVER: Final = f"local server ({MODEL})"
"""Its name for people."""


def server_header(version: str) -> str:
    """Return the `Server` header of a local server of this `version`."""
    return f"{PRODUCT}/{version} (local server; {MODEL})"


def is_local_server(header: str) -> bool:
    """Return whether a response with this `Server` header ("" for none) is from a local server."""
    return header == PRODUCT or header.startswith(f"{PRODUCT}/")


def with_protocol(server: str, service: str) -> str:
    """Name the local server, and the service whose protocol it speaks, for people."""
    return f"{server}, {service}'s protocol"
