"""What a session says of each true turn, and of each pause inside it: decided when, cut off or not. Pure."""

from typing import Final

import msgspec

LABELS: Final = "labels"
"""Source of reference speech that is exact: the truth, not a proxy."""


class PauseOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pause inside a true turn."""

    position: float
    """Where it begins, seconds of audio."""
    length: float
    """Seconds until speech goes on."""
    cut_after: float | None = None
    """From its beginning to the `turn.end` that fell on it, which may arrive once speech goes on; None: none."""


class TurnOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """A true turn. Times are seconds, positions seconds of audio."""

    position: float
    """Where its speech begins."""
    end_position: float
    """Where its speech ends."""
    decided_after: float | None = None
    """From its end to the first `turn.end` after it; None: none came before the next true turn."""
    cut: bool = False
    """Whether a `turn.end` came before its end."""
    missed: bool = False
    """Whether no turn of the service has any of its speech."""
    standing: str = ""
    """Why it says nothing of the service, or less: `slow`, `dangling`; `closed`, `manual`: of its end nothing; else
    empty."""
    first: bool = False
    """Whether it is the first of its connection: services warm up."""
    eager_ends: int = 0
    """Eager ends in it."""
    confirmed: int = 0
    """Eager ends that `turn.end` confirmed."""
    resumed: int = 0
    """Eager ends that were taken back."""
    wasted_replies: int = 0
    """Eager ends whose reply is wasted: taken back, or the text changed after all."""
    lead: float | None = None
    """From the confirmed eager end to the `turn.end` that decided it."""
    pauses: tuple[PauseOutcome, ...] = ()
    text: str = ""
    """What the service heard in it, as it came."""

    @property
    def counts(self) -> bool:
        """Whether its cut-offs, eager ends and pauses are the service's."""
        return self.standing not in {"slow", "dangling"}

    @property
    def end_counts(self) -> bool:
        """Whether its end is: nobody decided one that our own `close` or the client brought about."""
        return not self.standing


class CellOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a cell measured: JSON can hold it, so that a sweep goes on where it was."""

    reference: str
    """Source of reference speech: `labels` (exact), `vad` (a proxy), `none`."""
    turns: tuple[TurnOutcome, ...] = ()
    """Its true turns, in order."""
    spurious: int = 0
    """Turns that the service ended, without any reference speech."""

    @property
    def exact(self) -> bool:
        """Whether its true turns are known, not guessed by a detector."""
        return self.reference == LABELS

    @property
    def slow_share(self) -> float:
        """Share of its turns that this machine or its network held up."""
        return sum(each.standing == "slow" for each in self.turns) / len(self.turns) if self.turns else 0.0
