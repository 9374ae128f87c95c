"""Which turns of two sessions do not match: where one ended a turn and the other went on, or had none. Pure."""

from collections import Counter

import msgspec

from stt_monitor.core.sound.heard import Finder, Heard, HeardTurn, merged


class Changes(msgspec.Struct, frozen=True):
    """How many turns are others in the second session."""

    split: int = 0
    """Turns of the first that the second ended before their speech was over."""
    merged: int = 0
    """Turns of the second that the first ended before their speech was over."""
    vanished: int = 0
    """Turns of the first that the second does not have."""
    appeared: int = 0
    """Turns of the second that the first does not have."""

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return the names and the counts."""
        return tuple((name, getattr(self, name)) for name in self.__struct_fields__)

    def __add__(self, other: "Changes") -> "Changes":
        """Sum the counts."""
        return Changes(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


def changes(before: Heard, after: Heard) -> Changes:
    """Compare the turns of two sessions that heard the same audio."""
    speech = merged(before.speech, after.speech)
    one, other = (_Layout(each, Finder(speech)) for each in (before, after))
    return Changes(
        split=_split(one, other), merged=_split(other, one), vanished=_gone(one, other), appeared=_gone(other, one)
    )


class _Layout:
    """The turns of a session over the stretches that two have in common; all numbers are indexes of those."""

    def __init__(self, heard: Heard, find: Finder) -> None:
        common = [find(onset) for onset, _ in heard.speech]
        self.until = heard.until
        self.missed = {common[index] for index in heard.missed}
        self.turns: list[tuple[HeardTurn, range]] = []
        """Those with speech that count, and what they claim."""
        self.loose: list[tuple[HeardTurn, int]] = []
        """Those without speech, and what they come after."""
        self.claims = Counter[int]()
        """How many turns claim a stretch."""
        self.joined: set[int] = set()
        """Stretches from which a turn goes on to the next."""
        self.unclear = {common[index] for index in heard.interruptions.within}
        """Stretches without a verdict: their turn was no decision of the service, or was disturbed."""
        self.unclear_after: set[int] = set()
        """Stretches from which nothing can be told of the way to the next."""
        for index in heard.interruptions.after:
            if 0 <= index < len(common) - 1:
                here, there = common[index], common[index + 1]
                self.unclear_after.update(range(here, there))
                if here == there:  # the other session heard no end of speech there
                    self.unclear.add(here)
        for turn in heard.turns:
            if turn.last is None:
                self.loose.append((turn, find(turn.at)))
                continue
            claimed = range(common[turn.first], common[turn.last] + 1)
            self.claims.update(claimed)
            if turn.counts:
                self.turns.append((turn, claimed))
                self.joined.update(claimed[:-1])
            else:
                self.unclear.update(claimed)


def _split(one: _Layout, other: _Layout) -> int:
    """Count the turns of one session that the other split."""
    last = {index: turn.number for turn, claimed in one.turns for index in claimed}
    unclear, unclear_after = one.unclear | other.unclear, one.unclear_after | other.unclear_after
    return sum(
        unclear.isdisjoint(claimed)
        and (
            any(
                other.claims[index] and other.claims[index + 1] and index not in other.joined | unclear_after
                for index in claimed[:-1]
            )
            # Several turns in the same speech: the last of one's is cut into those that the other has more of.
            or any(other.claims[index] > one.claims[index] and last[index] == turn.number for index in claimed)
        )
        for turn, claimed in one.turns
    )


def _gone(one: _Layout, other: _Layout) -> int:
    """Count the turns of one that the other does not have."""
    unclear = one.unclear | other.unclear
    missed = sum(
        unclear.isdisjoint(claimed) and all(index in other.missed and not other.claims[index] for index in claimed)
        for _, claimed in one.turns
    )
    also = Counter(index for _, index in other.loose)
    own = Counter(index for turn, index in one.loose if turn.counts and turn.at <= other.until)
    unclear_after = one.unclear_after | other.unclear_after
    return missed + sum(max(0, n - also[index]) for index, n in own.items() if index not in unclear_after)
