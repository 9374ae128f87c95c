"""Signs and phrases that every output shares."""

from collections.abc import Iterable
from typing import Final

NO_VALUE: Final = "–"
"""Placeholder for a missing value."""

NOT_APPLICABLE: Final = "n/a"
"""Stands where the service cannot have a value."""

DERIVED: Final = "~"
"""Stands before a value that is derived from something that a service does not tell."""

SERVER_DEFAULT: Final = "server default"
"""The value of a setting that is not set."""

CUT_OFF: Final = "the turn ended while speech went on or resumed within 1 s; with labels, before its labelled end"
"""What `~cut` means, and `cut` where labels tell."""


def plural(number: int, noun: str) -> str:
    """Return `1 turn`, `2 turns`, for a noun with a plural in s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def part_of(part: int, number: int, noun: str) -> str:
    """Return `1 of 1 turn is`, `3 of 4 turns are`."""
    return f"{part} of {plural(number, noun)} {'is' if part == 1 else 'are'}"


def listed(words: Iterable[str], conjunction: str) -> str:
    """Return `a, b and c`; at least one word."""
    *others, last = words
    return f"{', '.join(others)} {conjunction} {last}" if others else last
