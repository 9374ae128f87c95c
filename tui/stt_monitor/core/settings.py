"""What a session asks of the service. `None` means: not sent, the server's default holds (design 6)."""

from itertools import pairwise
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


THRESHOLDS: Final = ("start_threshold", "eager_end_threshold", "end_threshold")
"""Each must be greater than the next (protocol 2.3)."""

MOST_LANGUAGE_HINTS: Final = 6
MOST_KEYTERMS: Final = 100
MOST_KEYTERM_CHARACTERS: Final = 1200
"""Of all key terms together (protocol 12)."""

_WITHOUT_HINTS: Final = "ink-2"
"""This model and its dated forms refuse language hints (protocol 13)."""


class TurnSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The four turn settings (protocol 2.3)."""

    start_threshold: float | None = None
    """`turn.start` above this likelihood of being inside a turn."""
    eager_end_threshold: float | None = None
    """`turn.eager_end` below it, `turn.resume` above it."""
    end_threshold: float | None = None
    """`turn.end` below it."""
    end_timeout_ms: float | None = None
    """`turn.end` so many milliseconds after speech, whatever the likelihood."""

    def completed(self) -> "TurnSettings":
        """Return these settings with the published defaults in the place of what is not set."""
        return msgspec.structs.replace(PUBLISHED, **_set(self))

    def problem(self, *, with_defaults: bool = True) -> str:
        """Say in one sentence why the service would refuse these settings; empty when it would not.

        Args:
            with_defaults: whether what is not set is known to have the published default: the order is that of the
                settings after defaults are filled in, and a service may have others (protocol 2.3).
        """
        for name, value in _set(self).items():
            if problem := range_problem(name, value):
                return f"{_words(name)} is {written(value)}: {problem}"
        settings = _set(self.completed() if with_defaults else self)
        for upper, lower in pairwise(name for name in THRESHOLDS if name in settings):
            if not settings[upper] > settings[lower]:
                below, above = (self._told(name, settings[name]) for name in (upper, lower))
                return f"{below} must be greater than {above}"
        return ""

    def _told(self, name: str, value: float) -> str:
        mark = " (the default)" if getattr(self, name) is None else ""
        return f"{_words(name)} {written(value)}{mark}"


def range_problem(name: str, value: float) -> str:
    """Say where one of the settings must lie; empty when it does."""
    low, high = RANGES[name]
    return "" if low <= value <= high else f"it must lie from {low:g} to {high:g}"


def written(value: float) -> str:
    """Write a setting as it is sent: exactly, and a whole number without a point."""
    return str(value).removesuffix(".0")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _set(settings: TurnSettings) -> dict[str, float]:
    return {name: value for name, value in msgspec.structs.asdict(settings).items() if value is not None}


PUBLISHED: Final = TurnSettings(
    start_threshold=0.8, eager_end_threshold=0.6, end_threshold=0.3, end_timeout_ms=PUBLISHED_END_TIMEOUT_MS
)
"""The newer of the two published tables of defaults (protocol 2.3), which the local server has too."""


class Settings(msgspec.Struct, frozen=True):
    """Model, key terms (protocol 12), turn settings and language hints (protocol 13)."""

    model: str = DEFAULT_MODEL
    """The model that is asked for."""
    keyterms: tuple[str, ...] = ()
    """Words and phrases to expect."""
    turn: TurnSettings = TurnSettings()
    """When turns start and end; what is not set is left to the service."""
    language_hints: tuple[str, ...] = ()
    """Languages to expect."""

    def problem(self, *, with_defaults: bool) -> str:
        """Say in one sentence why the service would refuse these settings; `with_defaults` as for `TurnSettings`."""
        if len(self.keyterms) > MOST_KEYTERMS:
            return f"{len(self.keyterms)} key terms are too many: give {MOST_KEYTERMS} at most"
        if (characters := sum(map(len, self.keyterms))) > MOST_KEYTERM_CHARACTERS:
            return f"the key terms have {characters} characters: give {MOST_KEYTERM_CHARACTERS} at most, in all"
        hints = self.language_hints
        if odd := [hint for hint in hints if not (hint.isascii() and hint.replace("-", "").isalnum())]:
            return f"{odd[0]!r} is no language: give a code such as en, one for each --language-hint"
        if len(hints) > MOST_LANGUAGE_HINTS:
            return f"{len(hints)} language hints are too many: give {MOST_LANGUAGE_HINTS} at most"
        if hints and self.model.startswith(_WITHOUT_HINTS):
            return f"{self.model} takes no language hints: give --model ink-preview"
        return self.turn.problem(with_defaults=with_defaults)
