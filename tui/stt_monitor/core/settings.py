"""What a session asks of the service. `None` means: not sent, the server's default holds (design 6)."""

from typing import Final

import msgspec

DEFAULT_MODEL: Final = "ink-2"

PUBLISHED_END_TIMEOUT_MS: Final = 5600
"""The vendor's default of `turn_end_timeout_ms` (protocol 2.3): what a session that sends none is measured against."""


class TurnSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The four turn settings (protocol 2.3)."""

    start_threshold: float | None = None
    eager_end_threshold: float | None = None
    end_threshold: float | None = None
    end_timeout_ms: float | None = None


class Settings(msgspec.Struct, frozen=True):
    """Model, key terms (protocol 12) and turn settings."""

    model: str = DEFAULT_MODEL
    keyterms: tuple[str, ...] = ()
    turn: TurnSettings = TurnSettings()
