"""What the likelihood did between the end of speech and the end of a turn."""

import msgspec


class Held(msgspec.Struct, frozen=True, gc=False):
    """The likelihood from an eager end on, or without one from the end of speech on, up to the end of the turn."""

    highest: float
    lowest: float
    """Before it fell below the threshold for the end, if it did."""
    eager_limit: float | None
    """The thresholds in force, as likelihoods. This one only where an eager end begins the stretch."""
    end_limit: float
