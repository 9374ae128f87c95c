"""How the local server is run."""

from typing import Final

import msgspec

IDLE_TIMEOUT_S: Final = 180.0
"""Without a message from the client, audio or text."""


class ServerSettings(msgspec.Struct, frozen=True):
    """How the local server is run.

    Attributes:
        host: interface to listen on.
        port: TCP port; 0 takes a free one.
        key: what clients must send; "" accepts any and none.
        idle_timeout: seconds without a message from the client before a session is closed.
        max_sessions: concurrent sessions; 0 derives it from the number of cores.
        trace: send every client the likelihood.
        allow_hosts: host names of the server, besides its address and this machine's.
        allow_origins: origins of pages that may use it, besides those of this machine.
    """

    host: str = "127.0.0.1"
    port: int = 0
    key: str = ""
    idle_timeout: float = IDLE_TIMEOUT_S
    max_sessions: int = 0
    trace: bool = False
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
