"""The states of the turn state machine (protocol.md 6.1)."""

from enum import Enum


class State(Enum):
    """State of the user's turn, according to the service."""

    IDLE = "idle"
    SPEAKING = "speaking"
    EAGER_END = "eager_end"
