"""How much of what was written to a socket the other end of the line has not acknowledged."""

import asyncio
import struct
import sys
from typing import Final

_SIOCOUTQ: Final = 0x5411
"""Linux: bytes in a socket's send queue, sent or not."""


def unacknowledged_bytes(transport: asyncio.WriteTransport) -> int | None:
    """Return the bytes that wait in this process or in the system; None where the system does not tell."""
    raw = transport.get_extra_info("socket")
    if not sys.platform.startswith("linux") or raw is None:
        return None
    import fcntl  # not on every system

    try:
        answer = fcntl.ioctl(raw.fileno(), _SIOCOUTQ, bytes(4))
    except (OSError, ValueError):  # it is closed
        return None
    return int(struct.unpack("i", answer)[0]) + transport.get_write_buffer_size()
