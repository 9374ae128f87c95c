"""How a tap runs."""

from typing import Final

import msgspec

DEFAULT_PORT: Final = 8766


class TapSettings(msgspec.Struct, frozen=True):
    """How a tap runs. A URL may hold a login: `repr` shows nothing."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    """0 picks a free one."""
    to: str = ""
    """Base URL of the service; "" for the vendor of each path."""
    service: str = ""
    """Name of the service of all requests; "" to tell by the path."""
    allow_hosts: tuple[str, ...] = ()
    """Allowed host names, besides those of this machine."""

    def __repr__(self) -> str:
        """Represent it without its content."""
        return "TapSettings()"
