"""What a session asks of the service. `None` means: not sent, the server's default holds (design 6)."""

from typing import Final

import msgspec

DEFAULT_MODEL: Final = "ink-2"

KEY_VARIABLE: Final = "CARTESIA_API_KEY"
"""The environment variable that holds the vendor's key, which is never given in another way."""

TURN_PREFIX: Final = "turn_"
"""What the names of the turn settings begin with in a URL (protocol 2.2)."""

QUERY_NAMES: Final = frozenset(
    {
        "model", "encoding", "sample_rate", "keyterm", "language_hint", "language_hints", "cartesia_version",
        "cartesia_client", "trace",
    }
)  # fmt: skip
"""The other parameters of the URL that are no credentials (protocol 2.2), and the local server's own `trace`."""

PUBLISHED_END_TIMEOUT_MS: Final = 5600
"""The vendor's default of `turn_end_timeout_ms` (protocol 2.3): what a session that sends none is measured against."""

RANGES: Final[dict[str, tuple[float, float]]] = {
    "start_threshold": (0.5, 0.9),
    "eager_end_threshold": (0.3, 0.8),
    "end_threshold": (0.05, 0.5),
    "end_timeout_ms": (640, 11_200),
}
"""What the service accepts, the wider of the two published tables (protocol 2.3)."""


class TurnSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The four turn settings (protocol 2.3)."""

    start_threshold: float | None = None
    eager_end_threshold: float | None = None
    end_threshold: float | None = None
    end_timeout_ms: float | None = None

    def completed(self) -> "TurnSettings":
        """Return these settings with the published defaults in the place of what is not set."""
        return msgspec.structs.replace(PUBLISHED, **_set(self))

    def problem(self) -> str:
        """Say in one sentence why the service would refuse these settings; empty when it would not.

        The order is that of the settings after defaults are filled in (protocol 2.3).
        """
        for name, value in _set(self).items():
            low, high = RANGES[name]
            if not low <= value <= high:
                return f"{name.replace('_', ' ')} is {value:g}: it must lie from {low:g} to {high:g}"
        start, eager, end, _ = msgspec.structs.astuple(self.completed())
        if start > eager > end:
            return ""
        return f"the thresholds must be start > eager end > end, and would be {start:g}, {eager:g}, {end:g}"


def _set(settings: TurnSettings) -> dict[str, float]:
    return {name: value for name, value in msgspec.structs.asdict(settings).items() if value is not None}


PUBLISHED: Final = TurnSettings(
    start_threshold=0.8, eager_end_threshold=0.6, end_threshold=0.3, end_timeout_ms=PUBLISHED_END_TIMEOUT_MS
)
"""The newer of the two published tables of defaults (protocol 2.3), which the local server has too."""


class Settings(msgspec.Struct, frozen=True):
    """Model, key terms (protocol 12) and turn settings."""

    model: str = DEFAULT_MODEL
    keyterms: tuple[str, ...] = ()
    turn: TurnSettings = TurnSettings()
