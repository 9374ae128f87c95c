"""The words that say in one word why a turn ended when it did, and what they mean."""

from enum import Enum
from typing import Final

from stt_monitor.core.text.wording import NO_VALUE


class Word(Enum):
    """Why a turn ended when it did; values are what a table says."""

    EAGER = "eager"
    RESUMED = "resumed"
    WAITED = "waited"
    THRESHOLD = "threshold"
    TIMEOUT = "timeout"
    VAD = "vad"
    CUT = "cut"
    SPURIOUS = "spurious"
    SLOW = "slow"
    CLOSED = "closed"
    MANUAL = "manual"
    DANGLING = "dangling"
    PENDING = "…"
    UNKNOWN = NO_VALUE


MEANINGS: Final = {
    Word.EAGER: "most of the time passed until the eager end",
    Word.RESUMED: "most of it with eager ends that were resumed",
    Word.WAITED: "most of it between the eager end and the end",
    Word.THRESHOLD: "no eager end came after speech: its model decided, or the likelihood fell below the end threshold",
    Word.TIMEOUT: "the service waited for its timeout; ~ before it: a guess",
    Word.VAD: "its voice activity detector found silence",
    Word.CUT: "a cut-off; +0.6 s: when speech came back; without: it went on; ~ before it: a proxy without labels",
    Word.SPURIOUS: "nobody spoke: the turn has no reference speech",
    Word.SLOW: "this machine, its network or the client held it up: summaries exclude it",
    Word.CLOSED: "our own close ended it, not the service",
    Word.MANUAL: "the client asked for the end, not the service",
    Word.DANGLING: "it never ended: the connection was lost, or another turn began",
    Word.PENDING: "not known yet",
    Word.UNKNOWN: "nothing tells: there is no reference speech to measure from",
}
"""What the words mean, for help and documentation."""
