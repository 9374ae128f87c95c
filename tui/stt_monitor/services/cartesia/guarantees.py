"""What it promises of its events, by the names of protocol.md 6.3."""

from collections.abc import Mapping
from typing import Final

from stt_monitor.core.dialect import Promise

GUARANTEES: Final[Mapping[Promise, str]] = {
    Promise.GREETING: "G1",
    Promise.STARTED: "G2",
    Promise.ONE_EAGER_END: "G3",
    Promise.RESUMES_EAGER_END: "G4",
    Promise.ONE_TURN: "G6",
    Promise.GROWING_TEXT: "G7",
    Promise.FINAL_TEXT_GROWS: "G8",
}
"""Those that the order of events can break. Of the others, what breaks G5 breaks G2 or G6, and G10 nobody can see."""

SAME_REQUEST: Final = "G9"
"""Every message of a connection has the same `request_id`: found by the decoder, for it is this service's own."""
