"""The calls of a tap at a moment, as a list shows them."""

import msgspec


class CallState(msgspec.Struct, frozen=True):
    """One call. Its texts are not sanitized."""

    call: int
    """Its number, from 1 on."""
    service: str
    """Name of the service; empty where nobody knows it."""
    state: str
    """`idle`, `speaking`, `eager_end`; `over` after its end, `unwatched` where it goes on without being watched."""
    began_at: float
    """Seconds since the tap began."""
    turns: int = 0
    """Finished turns."""
    eot_p50_ms: float | None = None
    """Median of `eot_latency`; None without one that counts."""
    lag_s: float | None = None
    """How far reference speech is behind the sound, seconds; None where none is looked for."""
    problem: str = ""
    """Why it is not watched, or not measured, in a sentence."""


class CallsState(msgspec.Struct, frozen=True):
    """All calls that are known: those that go on, and the last ones that are over."""

    calls: tuple[CallState, ...] = ()
    """In the order of their beginnings."""
    begun: int = 0
    """Calls so far."""
    dropped: int = 0
    """Calls that are watched no more, because monitoring fell behind or failed. They go on."""
