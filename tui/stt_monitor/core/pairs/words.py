"""What pairs say, in words: the same on the screen and in reports. Pure."""

from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.pairs.structure import Changes
from stt_monitor.core.pairs.values import Pairs
from stt_monitor.core.text.wording import plural


def directions(metric: Metric) -> tuple[str, str]:
    """Return what a greater and a smaller value of a metric of turns is: `slower`, `faster`."""
    if metric.signed:
        return "later", "earlier"
    if metric.anchors is not None and metric.anchors[0].of_reference:  # a latency of the service
        return "slower", "faster"
    return ("longer", "shorter") if metric.unit is Unit.MILLISECONDS else ("more", "less")


def counted(pairs: Pairs) -> str:
    """Count the turns that differ: `12 of 13 turns faster, 1 slower`; empty without pairs."""
    more, less = directions(pairs.metric)
    if not pairs.n:
        return ""
    (most, word), (fewer, other) = sorted(((pairs.slower, more), (pairs.faster, less)), key=lambda each: -each[0])
    if not most:
        return f"{plural(pairs.n, 'turn')}, none {less} or {more}"
    rest = f", {fewer} {other}" if fewer else ""
    return f"{most} of {plural(pairs.n, 'turn')} {word}{rest}"


def changes_in_words(changes: Changes) -> str:
    """Count the turns that are others: `2 split, 1 vanished`; empty where none are."""
    return ", ".join(f"{n} {name}" for name, n in changes.counts() if n)
