"""Names of metrics in expressions: those of data (`eot_latency`), and the short ones of the screen (`eot`). Pure."""

import re
from collections.abc import Iterable
from typing import Final

from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.text.suggestion import did_you_mean

_BETWEEN_WORDS: Final = re.compile("[ _-]+")


def short_name(metric: Metric) -> str:
    """Return the screen's name of a metric where it is shorter than that of data; else an empty text."""
    return metric.label if len(metric.label) < len(metric.key) else ""


def described(metric: Metric) -> str:
    """Return the name of a metric in data, and the screen's where that is shorter: `eot_latency (eot)`."""
    short = short_name(metric)
    return f"{metric.key} ({short})" if short else metric.key


def keys_of(name: str, metrics: Iterable[Metric]) -> list[str]:
    """Return the keys of the metrics that a name may mean; several where the screen calls them the same."""
    known = list(metrics)
    if any(metric.key == name for metric in known):
        return [name]
    wanted = _form(name)
    return [metric.key for metric in known if wanted in (_form(metric.key), _form(metric.label))]


def is_metric(name: str) -> bool:
    """Return whether a name means at least one metric."""
    return bool(keys_of(name, METRICS.values()))


def suggestion(name: str, metrics: Iterable[Metric]) -> str:
    """Return `; did you mean NAME?` with the closest name, long or short; empty when none is close."""
    return did_you_mean(name, (each for metric in metrics for each in (metric.key, metric.label)))


def _form(name: str) -> str:
    """Return a name in one form, for people write `false cut-offs` and `False_Cutoffs`."""
    return _BETWEEN_WORDS.sub("_", name.strip().lower())
