"""The four turn settings (protocol.md 2.3): their defaults, their ranges and their order."""

from typing import Final

import msgspec


class Thresholds(msgspec.Struct, frozen=True):
    """Crossings of the likelihood (0..1) that the user is inside a turn, and the longest wait after speech.

    The defaults are the newer of the two published tables.
    """

    start: float = 0.8
    eager_end: float = 0.6
    end: float = 0.3
    end_timeout_ms: float = 5600

    def problem(self) -> str | None:
        """Say what is wrong with these values, in one sentence, or None. Ranges are the wider of the published ones."""
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                return f"{name} is {value:g}; it must lie from {low:g} to {high:g}"
        if not self.start > self.eager_end > self.end:
            return (
                f"thresholds must be start > eager_end > end, and are {self.start:g}, {self.eager_end:g}, {self.end:g}"
            )
        return None


RANGES: Final[dict[str, tuple[float, float]]] = {
    "start": (0.5, 0.9),
    "eager_end": (0.3, 0.8),
    "end": (0.05, 0.5),
    "end_timeout_ms": (640, 11200),
}
