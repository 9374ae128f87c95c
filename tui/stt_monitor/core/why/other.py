"""What another setting would have done to a turn, and to the others of its session."""

import msgspec


class Other(msgspec.Struct, frozen=True):
    """The setting that would have ended a turn soonest without another cut-off, or with the fewest."""

    setting: str = ""
    """Its label and value: `end 0.45`; empty where none would have ended it noticeably sooner, or nobody can tell."""
    sooner: float = 0.0
    """Seconds by which the turn would have ended sooner."""
    coarse: bool = False
    """Whether that is the least: the service told its likelihood seldom."""
    cut: int = 0
    """Turns that would have been cut off, and were not."""
    cut_already: int = 0
    """Turns that were cut off as it is."""
    split: int = 0
    """Turns that would have ended in a pause that they survived, beside those that `cut` counts."""
    known: int = 0
    """Turns of which it can be told."""
    turns: int = 0
    """Turns of the session that say something of the service."""
    so_far: bool = False
    """Whether the session goes on."""
    at_least: float = 0.0
    """Seconds from which on it is worth a word."""
    alone: tuple[str, ...] = ()
    """What the settings are called that were tried, each alone, and in which steps, where none would have."""
    unknown: str = ""
    """Why nothing can be told, in words that follow “cannot be told:”; empty where it can."""
