"""What a check of the setup has found."""

from enum import Enum

import msgspec


class Grade(Enum):
    """Severity of a finding."""

    GOOD = "✓"
    OPTIONAL = "–"
    """Something is missing that not every session needs."""
    BAD = "✗"


class Finding(msgspec.Struct, frozen=True):
    """Result of one check: its subject, and a sentence with the fix where one is needed."""

    grade: Grade
    subject: str
    sentence: str
