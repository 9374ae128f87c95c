"""The account of a turn as records have it."""

from stt_monitor.core.metrics.units import Unit, in_data
from stt_monitor.core.records.turns import Why, WhyOther, WhyPart
from stt_monitor.core.why.account import Account
from stt_monitor.core.why.other import Other


def why_of(account: Account) -> Why:
    """Return an account for data."""
    parts = tuple(WhyPart(part.until.value, float(part.ms), part.resumes) for part in account.parts)
    return Why(account.word, parts, account.equation, account.sentences, _other(account.other))


def _other(other: Other | None) -> WhyOther | None:
    if other is None or not other.setting:
        return None
    sooner = in_data(other.sooner, Unit.MILLISECONDS)
    assert sooner is not None, "a number stays one"
    return WhyOther(other.setting, sooner, other.cut, other.split, other.known, other.turns, other.coarse)
