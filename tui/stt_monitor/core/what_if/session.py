"""What other settings would have made of a session: figures over the turns of which it can be told."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from statistics import median

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.what_if.evidence import NOT_KEPT, Evidence
from stt_monitor.core.what_if.turn import WhatIfTurn, what_if_turn


class Change(msgspec.Struct, frozen=True):
    """A figure as it was, and as it would have been, over the same turns; 0 of no turns."""

    n: int
    before: float = 0.0
    after: float = 0.0

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after - self.before


class WhatIf(msgspec.Struct, frozen=True, dict=True):
    """The turns of a session under other settings. All figures are over the turns that can be told."""

    settings: TurnSettings
    turns: tuple[WhatIfTurn, ...]
    exact: bool = False
    """Whether reference speech is labelled; otherwise a detector guesses it, and cut-offs are a proxy."""

    @cached_property
    def known(self) -> tuple[WhatIfTurn, ...]:
        """The turns that can be told, without those that the service did not end, and those of a slow time."""
        return tuple(each for each in self.turns if not each.unknown and counts(each))

    @cached_property
    def unknown(self) -> dict[str, int]:
        """Why turns cannot be told, and how many, the most frequent reason first; without those that are not kept."""
        reasons = Counter(each.unknown for each in self.turns if each.unknown not in ("", NOT_KEPT) and counts(each))
        return dict(reasons.most_common())

    @cached_property
    def eot(self) -> Change:
        """The median `eot_latency`, of turns that are not split.

        The first turn of a connection is no part of it, as in all summaries.
        """
        return _medians(self.known, "eot_latency")

    @cached_property
    def eager(self) -> Change:
        """The median `eager_latency` of the same turns, except those with unknown eager ends."""
        return _medians([each for each in self.known if not each.coarse], "eager_latency")

    @property
    def coarse(self) -> bool:
        """Whether ends are known no more exactly than a service that tells its likelihood seldom allows."""
        return any(each.coarse for each in self.known)

    @cached_property
    def median_later(self) -> float | None:
        """Seconds by which turns would have ended later, negative for sooner: the median; None without turns."""
        later = [each.later for each in self.known if each.later is not None and not each.split]
        return median(later) if later else None

    @property
    def judges_cut_offs(self) -> bool:
        """Whether there is reference speech to tell cut-offs by."""
        return any(each.before.metrics.false_cutoff is not None for each in self.known)

    @cached_property
    def cut_offs(self) -> Change:
        """The number of cut-offs."""
        was = sum(each.before.metrics.false_cutoff is True for each in self.known)
        return Change(len(self.known), was, sum(each.cut for each in self.known))

    @cached_property
    def resumes(self) -> Change:
        """The number of eager ends that were resumed, in turns that are not split."""
        whole = [each for each in self.known if not each.split and not each.coarse]
        both = [(each.before, each.after) for each in whole if each.after is not None]
        was = sum(before.metrics.resumes for before, _ in both)
        return Change(len(both), was, sum(after.metrics.resumes for _, after in both))

    @property
    def splits_besides(self) -> int:
        """How many would have ended in a pause that they survived, beside the cut-offs that are new."""
        return sum(each.split_besides for each in self.known)


def what_if(evidence: Evidence, settings: TurnSettings) -> WhatIf:
    """Judge all turns of a session again, by settings: those not set have their published defaults."""
    return WhatIf(settings, tuple(_turns(evidence, settings)), exact=evidence.exact)


def _turns(evidence: Evidence, settings: TurnSettings) -> Iterator[WhatIfTurn]:
    previous: WhatIfTurn | None = None
    for number in range(len(evidence.turns)):
        previous = what_if_turn(evidence, number, settings, previous)
        yield previous


def _medians(turns: Iterable[WhatIfTurn], metric: str) -> Change:
    """Return the medians of a metric, over the turns that are not split, without the first of a connection."""
    values = [
        (before, after)
        for each in turns
        if not each.split and each.after is not None and not each.before.turn.first_of_connection
        if (before := getattr(each.before.metrics, metric)) is not None
        and (after := getattr(each.after.metrics, metric)) is not None
    ]
    if not values:
        return Change(0)
    return Change(len(values), median(before for before, _ in values), median(after for _, after in values))


def counts(each: WhatIfTurn) -> bool:
    """Return whether a turn says something of the service, as it was or as it would have been, and is measured."""
    return says_something(each.before if each.after is None else each.after)


def says_something(finished: FinishedTurn) -> bool:
    """Return whether a turn says something of the service, and is measured."""
    counted = inclusion(finished.turn, finished.metrics) in (Inclusion.SUMMARY, Inclusion.FIRST)
    return counted and not finished.metrics.pending
