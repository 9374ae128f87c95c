"""Word error rate: how much of what was really said was heard wrong. Pure, and fast enough for a day of talk."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import msgspec

_UNITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_LONGEST_NUMBER: Final = 2
"""Digits of a number that is read as one; longer ones are read digit by digit."""

_SAME: Final = {
    "mr": "mister", "mrs": "missus", "dr": "doctor", "ok": "okay",
    "i'm": "i am", "we're": "we are", "you're": "you are", "they're": "they are", "it's": "it is", "that's": "that is",
    "can't": "cannot", "don't": "do not", "isn't": "is not", "i've": "i have", "i'll": "i will",
}  # fmt: skip
"""Spellings of one and the same words."""

_ADDRESS: Final = re.compile(r"\b(?:www\.)?[a-z0-9]+(?:\.[a-z0-9]+)*\.(?:com|org|net|edu)\b")
_NUMBER: Final = re.compile("[0-9]+")
_PARTS_OF_WORDS: Final = "LMN"
"""Unicode's categories of letters, the marks upon them, and digits."""


class WordErrors(msgspec.Struct, frozen=True):
    """Words inserted, deleted and substituted, and the words that were really said."""

    errors: int = 0
    words: int = 0

    @property
    def rate(self) -> float | None:
        """Errors for each word said; more than 1 when much was made up, None when nothing was said."""
        return self.errors / self.words if self.words else None


def word_errors(said: str, heard: str) -> WordErrors:
    """Compare what was said with what was heard, both as `spoken_words` has them."""
    words = spoken_words(said)
    return WordErrors(_distance(words, spoken_words(heard)), len(words))


def together(parts: Iterable[WordErrors]) -> WordErrors:
    """Pool errors and words: a long text weighs more than a short one."""
    total = WordErrors()
    for part in parts:
        total = WordErrors(total.errors + part.errors, total.words + part.words)
    return total


def spoken_words(text: str) -> list[str]:
    """Return the words of `text` as they are spoken: case, punctuation and spelling are no errors of hearing.

    Case and punctuation go; numbers, addresses, and common English contractions and abbreviations are spelt out.
    """
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    text = _NUMBER.sub(_spoken_number, _ADDRESS.sub(_spoken_address, text))
    kept = "".join(char if char == "'" or unicodedata.category(char)[0] in _PARTS_OF_WORDS else " " for char in text)
    words = (word.strip("'") for word in kept.split())
    return [part for word in words for part in _SAME.get(word, word).split()]


def _spoken_address(match: re.Match[str]) -> str:
    return match[0].replace("www", "w w w").replace(".", " dot ")


def _spoken_number(match: re.Match[str]) -> str:
    digits = match[0]
    if len(digits) > _LONGEST_NUMBER or digits.startswith("0"):
        return " " + " ".join(_UNITS[int(digit)] for digit in digits) + " "
    value = int(digits)
    if value < len(_UNITS):
        return f" {_UNITS[value]} "
    tens, units = divmod(value, 10)
    return f" {_TENS[tens - 2]} {_UNITS[units] if units else ''} "


def _distance(said: list[str], heard: list[str]) -> int:
    """Return the least number of words to insert, delete or substitute (Levenshtein).

    A whole column of the table at once, as the bits of an integer (Myers 1999, in the form of Hyyrö 2003): bit i of
    `rises` and `falls` tells whether the distance grows or shrinks from i to i + 1 words of `said`.
    """
    if not said:
        return len(heard)
    places: dict[str, int] = {}
    for place, word in enumerate(said):
        places[word] = places.get(word, 0) | 1 << place
    every, last = (1 << len(said)) - 1, 1 << (len(said) - 1)
    rises, falls, distance = every, 0, len(said)
    for word in heard:
        same = places.get(word, 0)
        diagonal = (((same & rises) + rises) ^ rises) | same
        grows = (falls | ~(diagonal | rises)) & every
        shrinks = rises & diagonal
        distance += (grows & last > 0) - (shrinks & last > 0)
        grows, shrinks, same = grows << 1 | 1, shrinks << 1, same | falls
        rises, falls = (shrinks | ~(same | grows)) & every, grows & same & every
    return distance
