"""The account of a turn as records have it."""

from stt_monitor.core.records.turns import Why, WhyPart
from stt_monitor.core.why.account import Account


def why_of(account: Account) -> Why:
    """Return an account for data."""
    parts = tuple(WhyPart(part.until.value, part.in_data_ms, part.resumes) for part in account.parts)
    return Why(account.word, parts, account.equation, account.sentences)
