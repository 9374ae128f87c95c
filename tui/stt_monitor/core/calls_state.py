"""The calls of a tap at a moment, as a list shows them."""

import msgspec


class CallState(msgspec.Struct, frozen=True):
    """One call. Its texts are not sanitized."""

    call: int
    """Its number, from 1 on."""
    service: str
    """Name of the service; empty if unknown."""
    state: str
    """`idle`, `speaking`, `eager_end`; `over` after its end, `unwatched` where it goes on without being watched."""
    began_at: float
    """Seconds since the tap began."""
    ended_at: float | None = None
    """The same of its end; None while it goes on."""
    ended: str = ""
    """How it ended, in words: `closed, code 1011`."""
    turns: int = 0
    """Finished turns."""
    eot_p50_ms: float | None = None
    """Median of `eot_latency`; None without one that counts."""
    lag_s: float | None = None
    """How far reference speech is behind the sound, seconds; None where none is looked for."""
    problem: str = ""
    """Why it is not watched, or not measured, in a sentence."""
    stall: str = ""
    """Why it is stalled, in a sentence; empty if it is not."""
    folder: str = ""
    """Folder of its saved session; empty without one."""
    is_heard: bool = False
    """Whether there is a session of it to show while it goes on."""


class CallsState(msgspec.Struct, frozen=True):
    """All calls that are known: those that go on, and the last ones that are over.

    A call is a websocket here: other requests of an agent are only counted.
    """

    calls: tuple[CallState, ...] = ()
    """In the order of their beginnings."""
    at: float = 0.0
    """Seconds since the tap began."""
    begun: int = 0
    """Calls so far."""
    turns: int = 0
    """Finished turns of all of them."""
    requests: int = 0
    """Other requests so far."""
    dropped: int = 0
    """Calls that are watched no more, because monitoring fell behind or failed. They go on."""
    behind_s: float = 0.0
    """How long the last copy waited to be read, seconds."""


class TapHead(msgspec.Struct, frozen=True):
    """What is always true of a tap. Its texts are not sanitized."""

    url: str
    """Base URL for the agent's SDK."""
    to: str = ""
    """Base URL that calls are forwarded to; empty: each vendor's."""
    service: str = ""
    """Service of all requests; empty: by their path."""
    saved_in: str = ""
    """Folder of the saved calls; empty: they are not saved."""
    keep: int | None = None
    """How many of them are kept; None: all."""
    redact: bool = False
    """Whether nothing that is said is shown."""
    metrics: str = ""
    """URL for Prometheus; empty without it."""
    warnings: tuple[str, ...] = ()
