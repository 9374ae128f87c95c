"""Letters of settings: what the points of a curve and the rows of a table have in common."""

from string import ascii_lowercase
from typing import Final

_BASE: Final = len(ascii_lowercase)


def letter(place: int) -> str:
    """Return the letter of the settings at a place, counted from 0: `a` to `z`, then `aa`, `ab` and so on."""
    text = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, _BASE)
        text = ascii_lowercase[rest] + text
    return text
