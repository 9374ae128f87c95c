"""Text for comparing groups of turns with the first."""

import msgspec

from stt_monitor.core.metrics.definitions import RANKED_SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.intervals import CONFIDENCE, Interval, difference, share_interval
from stt_monitor.core.metrics.marks import together
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import MIN_N
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.pairs.same_audio import Unpaired, why_unpaired
from stt_monitor.core.pairs.values import Pairs
from stt_monitor.core.pairs.words import counted, directions
from stt_monitor.core.text.wording import plural
from stt_monitor.report.formatting import bare_value, signed
from stt_monitor.report.model import Group, Report


class Difference(msgspec.Struct, frozen=True):
    """How a group differs from the baseline."""

    words: str
    """Empty where there is nothing to compare."""
    sure: bool
    turns: str = ""
    """How many turns of both differ; empty without pairs."""
    unpaired: str = ""
    """How many have the metric in one of the two alone; empty without any."""


def group_names(report: Report) -> list[str]:
    """Return the names of the groups, each with its letter."""
    names = [f"{letter(place)} · {group.label}" for place, group in enumerate(report.groups)]
    return [f"{names[0]} (baseline)", *names[1:]]


def compared_counts(report: Report) -> list[Metric]:
    """Return the metrics of sessions that some group has a value of."""
    return [
        metric
        for metric in RANKED_SESSION_METRICS
        if any(session_value(metric, group.aggregate) is not None for group in report.groups)
    ]


def compared_metrics(report: Report) -> list[Metric]:
    """Return the metrics of turns that are worth a row."""
    return list(together(group.aggregate.marks for group in report.groups).worth_showing(TURN_METRICS))


def how_sure(report: Report) -> str:
    """Explain the intervals, and what is compared with what."""
    return (
        f"{what_is_compared(report)} In brackets: {CONFIDENCE:.0%} confidence intervals of the median, of its "
        f"difference to {letter(0)} (bootstrap, {MIN_N} values or more), and of shares (Wilson). A difference whose "
        "interval holds 0 is not significant. Excluded: the first turn of each connection, and turns that the client "
        "ended, that never ended, or that were slow."
    )


def what_is_compared(report: Report) -> str:
    """Say which groups are compared turn by turn, and which are not, and why."""
    others = list(enumerate(report.paired))[1:]
    paired = [letter(place) for place, found in others if found is not None]
    sentences = []
    if paired:
        them = "All" if len(paired) == len(others) else " and ".join([letter(0), *paired])
        sentences.append(
            f"{them} heard the same audio: the same turns are compared, and a difference is the median of theirs."
        )
    sentences += [
        f"{letter(place)} cannot be paired with {letter(0)} ({why}): the medians of all turns are compared."
        for place, found in others
        if found is None and (why := why_not(report, report.groups[place]))
    ]
    return " ".join(sentences)


def why_not(report: Report, group: Group) -> str:
    """Return why a group has no pairs with the baseline."""
    reasons = {why_unpaired(before, after) for before in report.groups[0].heard for after in group.heard}
    if None in reasons:
        return "no turns of the same speech"
    first = next((why for why in Unpaired if why in reasons and why is not Unpaired.AUDIO), Unpaired.AUDIO)
    return first.value


def difference_in_words(metric: Metric, group: Group, report: Report) -> Difference:
    """Format how a metric of turns differs from the baseline; empty for the baseline itself."""
    baseline = report.groups[0]
    if group is baseline:
        return Difference("", sure=False)
    more, less = directions(metric)
    paired = pairs_of(metric, group, report)
    if paired is None:
        found, turns, unpaired = (
            difference(baseline.aggregate.values[metric.key], group.aggregate.values[metric.key]),
            "",
            "",
        )
    else:
        place = next(place for place, each in enumerate(report.groups) if each is group)
        found, turns, unpaired = paired.difference, counted(paired), _unpaired(paired, place)
    if found is None:
        return Difference("", sure=False, turns=turns, unpaired=unpaired)
    words = [signed(found.of_medians, metric.unit)]
    if found.interval is None:
        words.append(f"(too few {'turns' if paired is None else 'pairs'})")
    else:
        words.append(f"[{signed(found.interval.low, metric.unit)} … {signed(found.interval.high, metric.unit)}]")
        direction = f"▲ {more}" if found.of_medians > 0 else f"▼ {less}"
        words.append(direction if found.significant else "not significant")
    return Difference(" ".join(words), sure=found.significant, turns=turns, unpaired=unpaired)


def pairs_of(metric: Metric, group: Group, report: Report) -> Pairs | None:
    """Return the pairs of a metric of turns with the baseline; None where only sets of values can be compared."""
    place = next(place for place, each in enumerate(report.groups) if each is group)
    found = report.paired[place]
    return None if found is None else found.of(metric)


def _unpaired(paired: Pairs, place: int) -> str:
    """Count the turns that have the metric in one group alone: `1 turn only in A, 6 turns only in B`."""
    counts = ((letter(0), paired.only_before), (letter(place), paired.only_after))
    return ", ".join(f"{plural(n, 'turn')} only in {name}" for name, n in counts if n)


def interval_in_words(interval: Interval | None, unit: Unit) -> str:
    """Format the interval of a median; empty where there are too few values."""
    return "" if interval is None else f"[{bare_value(interval.low, unit)} … {bare_value(interval.high, unit)}]"


def share_in_words(metric: Metric, group: Group) -> str:
    """Format the interval of a share that is known from a sample; empty for metrics that are none."""
    value, n = session_value(metric, group.aggregate), basis_size(metric, group.aggregate)
    if metric.basis is None or not metric.basis.independent or value is None or n is None:
        return ""
    interval = share_interval(round(value * n) if metric.unit is Unit.PERCENT else round(value), n)
    return "" if interval is None else f"[{100 * interval.low:.0f} … {100 * interval.high:.0f} %]"


def letter(place: int) -> str:
    """Return the letter of a group."""
    return chr(ord("A") + place) if place < 26 else str(place + 1)  # noqa: PLR2004  letters of the alphabet
