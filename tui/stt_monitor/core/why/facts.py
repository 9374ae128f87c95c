"""What is known of why a turn ended when it did. Pure."""

import msgspec

from stt_monitor.core.sound.held import Held
from stt_monitor.core.sound.slowness import Cause
from stt_monitor.core.why.other import Other
from stt_monitor.core.why.parts import Part
from stt_monitor.core.why.words import Word


class Facts(msgspec.Struct, frozen=True, dict=True):
    """What an account says, word for word. Times are seconds; None: unknown, or there is no such thing."""

    why: Word
    parts: tuple[Part, ...] = ()
    """Of `eot_latency`, in order; empty where it has none that says something of the service."""
    sign: str = ""
    """`~` where the word is a guess or a proxy."""
    end_threshold: bool = True
    """Whether the service has a threshold for the end, which what it calls a threshold then is."""
    timeout: float | None = None
    """Silence after which the service ends a turn in any case."""
    told: bool | None = None
    """Whether the service says why it ended the turn; None: it did not end it, or the reason is unknown."""
    early: float | None = None
    """How long before the end of speech its eager end came, where it came before it."""
    lead: float | None = None
    """From the confirmed eager end to the end."""
    speech_back: float | None = None
    """How long after the end speech came back, which shows a cut-off."""
    pause_cut: float | None = None
    """The pause that ended it, a cut-off."""
    pause_survived: float | None = None
    """The longest pause in it that did not."""
    heard_late: float | None = None
    """How much later than reference speech the service heard speech end; negative: sooner."""
    text_after: float | None = None
    """How long after the end its text came."""
    held: Held | None = None
    """What the likelihood did."""
    of_confidence: bool = False
    """Whether its thresholds are of the confidence that the turn has ended: one minus the likelihood."""
    send_lag: float | None = None
    """The longest lag of our sending in the time that the parts add up to."""
    server_lag: float | None = None
    """The same of the local server."""
    other: Other | None = None
    """What another setting would have done, where that was asked."""
    slow_because: tuple[Cause, ...] = ()
    """What held it up, where it is slow."""
    first: bool = False
    """Whether it is the first of its connection."""
