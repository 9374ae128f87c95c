"""Letters of settings: what the points of the curve and the rows of the table have in common."""

from string import ascii_lowercase, ascii_uppercase
from typing import Final

_LETTERS: Final = ascii_lowercase + ascii_uppercase
BEYOND: Final = "•"
"""Stands for settings beyond the alphabet."""


def letter(place: int) -> str:
    """Return the letter of the settings at this place."""
    return _LETTERS[place] if place < len(_LETTERS) else BEYOND
