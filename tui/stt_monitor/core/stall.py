"""A stall, no events during speech: the evidence, and whose fault it is."""

from enum import Enum
from typing import Final

import msgspec

SILENCE_S: Final = 5.0
"""How much speech without an event is too much, of a service that promises nothing; seconds."""


class Blame(Enum):
    """Whose fault it is."""

    LINE = "line"
    SERVICE = "service"
    MACHINE = "machine"
    """This machine sends late, or its local server falls behind."""
    UNKNOWN = "unknown"


class Evidence(msgspec.Struct, frozen=True):
    """What is known of a line on which no event comes; times are seconds, None: unknown."""

    speech_s: float
    """Reference speech sent since the last event."""
    event_ago_s: float
    """Since the last event, or since the connection where none came."""
    sent_s: float = 0.0
    """Audio sent over this connection."""
    confirmed_s: float | None = None
    """Part of it that was sent before an answered ping; None where no ping was answered."""
    unacknowledged_s: float | None = None
    """Part of it that the other end of the line has not acknowledged; None where the system does not tell."""
    waiting_s: float = 0.0
    """Audio that waits to be sent, or should have been sent by now."""
    held_s: float = 0.0
    """For how long the socket has taken no audio, though some waits."""
    pong_ago_s: float | None = None
    """Since the last answer to a ping."""
    unanswered_s: float | None = None
    """Age of the oldest ping without an answer; None without one."""
    round_trip_s: float | None = None
    """Of the last answered ping."""
    send_lag_s: float = 0.0
    """How late the newest chunk was sent."""
    server_lag_s: float | None = None
    """How far the local server is behind."""
    local: bool = False
    """Whether the service is the local server."""
    doubtful: bool = False
    """Whether the audio was degraded, or looks wrong: what is speech to us may be none to the service."""


class Stall(msgspec.Struct, frozen=True):
    """A line on which no event comes. Times are seconds of session."""

    since: float
    """When the last event came, or the connection was opened."""
    at: float
    """When that had lasted for too long, or more was known of the cause."""
    blame: Blame
    sentence: str
    """For people: whose fault, and how that is known."""
    evidence: Evidence
