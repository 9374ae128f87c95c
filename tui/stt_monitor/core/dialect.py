"""What the core has to know of a service: how its messages are read, and what it promises."""

import msgspec

from stt_monitor.core.settings import Schema


class Dialect(msgspec.Struct, frozen=True):
    """A service, to the core."""

    schema: Schema
    """Its turn settings."""
