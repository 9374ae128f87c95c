"""How much of what is past a session keeps in memory."""

from typing import Final

import msgspec


class Kept(msgspec.Struct, frozen=True):
    """The newest of everything that gets longer with a session. Figures are made of all of it, however little is kept.

    What is still needed for a figure stays in any case: what lies within a turn that is not over, or not measured.
    """

    turns: int | None = None
    """Turns with final metrics; None: all of them."""
    spans: int = 10_000
    """Spans of reference speech: some hours of it."""
    likelihood: int | None = 10_000
    """Points of the likelihood: five minutes at one per 32 ms; None: all of them."""
    level_minutes: int = 720
    """Minutes of audio levels, of which twelve hours are 432 kB."""
    runs: int = 10_000
    """Runs of audio without a break: one more for each pause, outage or loss."""


FOR_SCREEN: Final = Kept()
"""All turns, and hours of the rest: somebody looks at them."""

WITHOUT_TURNS: Final = Kept(turns=0)
"""The same for who takes each turn as it becomes final."""
