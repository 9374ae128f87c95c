"""Which setting keeps a budget of false cut-offs, and whether that can be told. Pure."""

from collections.abc import Iterable, Sequence
from math import ceil, inf
from typing import Final, NamedTuple

from stt_monitor.core.sweep.figures import Group, counts, figures
from stt_monitor.core.sweep.result import Recommendation, Verdict
from stt_monitor.core.text.wording import plural

RISK: Final = 0.05
"""How likely it may be that a setting seems to keep the budget and does not."""


class Candidate(NamedTuple):
    """A setting to recommend, or not."""

    label: str
    options: str
    cut: int
    """True turns that it cut off, those of several repetitions by their share, rounded up."""
    turns: int
    """True turns that count; repetitions tell little new of one, so it is one turn."""
    latency: float
    """Median time to the end, seconds; infinite where it leaves over a tenth of the turns without one."""


def candidate(label: str, options: str, groups: Sequence[Group]) -> Candidate:
    """Make a candidate of what became of each true turn."""
    heard = [own for group in groups if (own := [turn for turn in group if counts(turn)])]
    cut = sum(sum(turn.cut for turn in own) / len(own) for own in heard)
    found = figures(groups, resampled=False)
    latency = inf if found.eot_p50.value is None or found.eot_p90.value is None else found.eot_p50.value
    return Candidate(label, options, ceil(cut - 1e-9), len(heard), latency)


def recommend(candidates: Iterable[Candidate], budget: float, *, pauses: int, exact: bool) -> Recommendation:
    """Recommend the fastest setting that surely keeps a budget.

    Surely: were its true share of cut-offs the budget, so few would be seen in at most 5 of 100 such sweeps. A point
    estimate is not enough, for no cut-off among 13 turns is what one gets of 20 % in 6 of 100.

    Args:
        candidates: settings that are compared, over the same turns.
        budget: share of turns that may be cut off, above 0 and below 1.
        pauses: how many pauses the turns that count have; without any there is nothing to cut off.
        exact: whether the turns are labelled.
    """
    known = sorted((each for each in candidates if each.turns), key=lambda each: (each.latency, each.cut))
    percent = f"{budget * 100:g} %"
    if not known:
        return Recommendation(budget, Verdict.CANNOT_TELL, f"cannot tell {percent}: no turn counts under every setting")
    if not pauses:
        more = "label the pauses inside turns" if exact else "label turns and the pauses inside them"
        return Recommendation(budget, Verdict.CANNOT_TELL, f"cannot tell {percent}: no turn has a pause; {more}")
    if all(each.latency == inf for each in known):
        why = "every setting leaves over a tenth of the turns without an end"
        return Recommendation(budget, Verdict.CANNOT_TELL, f"cannot tell {percent}: {why}")
    known = [each for each in known if each.latency < inf]
    proxy = "" if exact else "; by a detector's guess (~): label the turns to be sure"
    if sure := [each for each in known if keeps(each.cut, each.turns, budget)]:
        best = sure[0]
        sentence = (
            f"{best.label} is the fastest that keeps {percent}: {_seen(best)}, eot p50 {best.latency * 1000:.0f} ms"
        )
        return Recommendation(budget, Verdict.RECOMMENDED, sentence + proxy, best.label, best.options)
    if possible := [each for each in known if not exceeds(each.cut, each.turns, budget)]:
        within = [each for each in possible if each.cut <= budget * each.turns]
        best = within[0] if within else _nearest(possible)
        needed = turns_needed(best.cut, budget) - best.turns
        which = "fastest so far" if within else "the nearest"
        sentence = (
            f"cannot tell {percent} from {plural(best.turns, 'turn')}: {which} is {best.label} "
            f"with {_seen(best)}; {plural(needed, 'more turn')} without a cut-off would settle it"
        )
        return Recommendation(budget, Verdict.CANNOT_TELL, sentence + proxy, best.label, best.options, needed)
    best = _nearest(known)
    sentence = f"no setting keeps {percent}: the nearest is {best.label} with {_seen(best)}"
    return Recommendation(budget, Verdict.NONE_KEEPS, sentence + proxy, best.label, best.options)


def keeps(cut: int, turns: int, budget: float) -> bool:
    """Return whether so few cut-offs would be too few for chance, if the true share were the budget."""
    return _at_most(cut, turns, budget) <= RISK


def exceeds(cut: int, turns: int, budget: float) -> bool:
    """Return whether chance is no explanation for a number of cut-offs, if the true share were the budget."""
    return cut > 0 and 1 - _at_most(cut - 1, turns, budget) <= RISK


def turns_needed(cut: int, budget: float) -> int:
    """Return how many turns are needed, with a number of cut-offs, to show that a budget is kept."""
    high = 1
    while not keeps(cut, high, budget):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(cut, middle, budget) else (middle, high)
    return high


def _at_most(hits: int, n: int, share: float) -> float:
    """Return the probability of at most this many hits among n (binomial)."""
    if hits >= n:
        return 1.0
    term = (1 - share) ** n
    total = term
    for number in range(hits):
        term *= (n - number) / (number + 1) * share / (1 - share)
        total += term
    return total


def _nearest(candidates: Sequence[Candidate]) -> Candidate:
    return min(candidates, key=lambda each: (each.cut / each.turns, each.latency))


def _seen(each: Candidate) -> str:
    return f"{each.cut} of {plural(each.turns, 'turn')} cut off"
