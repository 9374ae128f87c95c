"""True turns: what reference speech says of turns and the pauses in them. Pure."""

from collections.abc import Iterable
from itertools import pairwise

import msgspec

from stt_monitor.core.sound.reference_speech import Span


class Pause(msgspec.Struct, frozen=True, gc=False):
    """A pause inside a turn, seconds of session."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


class TrueTurn(msgspec.Struct, frozen=True):
    """A turn as it was spoken: as labelled, or a span of detected speech. Times are seconds of session."""

    onset: float
    end: float | None
    """End of its last word; None while it goes on."""
    pauses: tuple[Pause, ...] = ()
    onset_position: float = 0.0
    """Seconds of audio."""
    end_position: float | None = None


def true_turns(spans: Iterable[Span]) -> list[TrueTurn]:
    """Return the turns that spans of reference speech make, in the order of the audio.

    Labelled speech that was broken off, by a pause of the file or because it was sent again, ends a turn, and the rest
    is a turn of its own. Without labels each span is a turn.
    """
    grouped: list[list[Span]] = []
    for span in sorted(spans, key=lambda span: span.onset_position):
        if span.continues and grouped:
            grouped[-1].append(span)
        else:
            grouped.append([span])
    return [_turn(own) for own in grouped]


def _turn(spans: list[Span]) -> TrueTurn:
    first, last = spans[0], spans[-1]
    pauses = tuple(Pause(one.end, other.onset) for one, other in pairwise(spans) if one.end is not None)
    return TrueTurn(first.onset, last.end, pauses, first.onset_position, last.end_position)
