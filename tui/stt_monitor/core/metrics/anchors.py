"""Between which two moments a turn's figure was measured (design 4, 5)."""

import msgspec

from stt_monitor.core.snapshot import FinishedTurn


class Anchor(msgspec.Struct, frozen=True):
    """A moment: what happened, and when, seconds of session."""

    what: str
    at: float
    reference: bool = False
    """It is known from the reference speech; otherwise the service told it."""


def anchors(finished: FinishedTurn, figure: str) -> tuple[Anchor, Anchor] | None:
    """Return the moments that a figure of a turn was measured from and to; None where the figure is.

    The longest gap between updates is not told apart from the others of its turn: it has no moments here.
    """
    turn = finished.turn
    value: float | None = getattr(finished.figures, figure)
    guessed = turn.standing_guess.at if turn.standing_guess else None
    moments = {
        "onset_latency": ("speech onset", "turn.start", turn.started_at),
        "first_text": ("speech onset", "first text", turn.first_text_at),
        "eager_latency": ("speech end", "turn.eager_end", guessed),
        "eot_latency": ("speech end", "turn.end", turn.ended_at),
        "eager_lead": ("turn.eager_end", "turn.end", turn.ended_at),
    }
    if value is None or figure not in moments:
        return None
    begun, ended, at = moments[figure]
    if at is None:
        return None
    return Anchor(begun, at - value, reference=begun.startswith("speech")), Anchor(ended, at)
