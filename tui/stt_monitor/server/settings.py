"""How the local server is run."""

from typing import Final

import msgspec

IDLE_TIMEOUT_S: Final = 180.0
"""Without a message of the client, audio or text (protocol.md 11)."""


class Settings(msgspec.Struct, frozen=True):
    """How the local server is run.

    Attributes:
        host: interface to listen on.
        port: TCP port; 0 takes a free one.
        key: what clients must present; "" accepts any and none.
        idle_timeout: seconds without a message of the client before a session is closed.
        max_sessions: sessions at once; 0 works it out from the cores.
        trace: tell every client the likelihood.
        allow_hosts: names that the server goes by, besides its address and this machine's.
        allow_origins: of pages that may use it, besides those of this machine.
    """

    host: str = "127.0.0.1"
    port: int = 0
    key: str = ""
    idle_timeout: float = IDLE_TIMEOUT_S
    max_sessions: int = 0
    trace: bool = False
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
