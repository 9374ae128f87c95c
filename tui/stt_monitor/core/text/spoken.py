"""Normalises text for word error rates: as it is spoken, however it is written. Pure.

Handles English numbers, money, times and contractions. Number words become digits by the rules of Whisper's normaliser,
the basis of published word error rates; letters and marks of all scripts stay as they are.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from whisper_normalizer.english import EnglishTextNormalizer

_Rewrite = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_PARTS_OF_WORDS: Final = "LMN"
"""Unicode categories of letters, combining marks and digits."""
_WITHOUT_SPACES: Final = re.compile(
    "["
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Thai and Lao, Tibetan, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese
    "]"
)
"""Letters of scripts without spaces between words."""

_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MONTHS: Final = "january|february|march|april|may|june|july|august|september|october|november|december"
_SHORT_MONTHS: Final = {
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june", "jul": "july",
    "aug": "august", "sep": "september", "sept": "september", "oct": "october", "nov": "november", "dec": "december",
}  # fmt: skip
"""Short forms count as months beside a number only: Jan and Mar are other words too."""
_FRACTIONS: Final = {
    "1/2": "half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter", "3/4": "three quarters",
}  # fmt: skip
_SCALES: Final = {"k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion", "t": "trillion"}
_LARGE: Final = "hundred|thousand|million|billion|trillion"
_COINS: Final = {"¥": "yen", "₹": "rupees", "₩": "won"}
"""Currencies that Whisper's rules do not know."""
_UNITS: Final = {
    "km": "kilometer", "cm": "centimeter", "mm": "millimeter", "kg": "kilogram", "mg": "milligram", "ml": "milliliter",
    "lbs?": "pound", "oz": "ounce", "gb": "gigabyte", "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte",
    "mins?": "minute", "hrs?": "hour", "secs?": "second", "ms": "millisecond", "mph": "mile per hour", "ft": "foot",
}  # fmt: skip
"""Short forms, as patterns, that mean one thing behind a number."""
_PLURALS: Final = {"foot": "feet", "mile per hour": "miles per hour"}
_REMARK: Final = r"\[[^\[\]]{0,80}\]|<[^<>]{0,80}>"
"""Remarks of transcribers and subtitle markup, in brackets: not spoken."""

_DATE: Final = (
    rf"\b(?P<first>{MONTHS}) (?P<later>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?! of\b)"
    rf"|(?:\bthe )?(?<![0-9.$¢€£%])\b(?P<day>[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)? "
    rf"(?:of (?=may|march)|(?!(?:may|march) [a-z])(?:of )?)(?P<month>{MONTHS})\b"
)
"""June 5th, or 5 June; 5 May and 5 March only where no word follows, because they are verbs too."""


def _hour_before(match: re.Match[str]) -> str:
    """Rewrite a quarter to four as 3:45."""
    return f"{(int(match[1]) + 10) % 12 + 1} 45"


def _unit(match: re.Match[str]) -> str:
    """Rewrite 5 km as 5 kilometers."""
    unit = next(word for short, word in _UNITS.items() if re.fullmatch(short, match[2]))
    if unit == "pound":
        return f"£{match[1]}"  # as Whisper's rules write all pounds
    return f"{match[1]} {unit if match[1] == '1' else _PLURALS.get(unit, unit + 's')}"


def _date(match: re.Match[str]) -> str:
    """Rewrite 5 June as the 5th of June, and June 5th as June 5."""
    if match["first"]:
        return f"{match['first']} {match['later']}"
    day = int(match["day"])
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"the {day}{ending} of {match['month']}"


def _rewrites(*pairs: tuple[str, str | Callable[[re.Match[str]], str]]) -> list[_Rewrite]:
    return [(re.compile(pattern), into) for pattern, into in pairs]


_WRITTEN: Final = _rewrites(
    (_REMARK, " "),
    # Addresses and abbreviations.
    (r"\b(?:[a-z0-9]{1,63}\.){1,4}(?:com|org|net|edu)\b", lambda match: match[0].replace(".", " dot ")),
    (r"\bwww\b", "w w w"),
    (r"\b(?:[a-z]\.)+[a-z](?:\.|\b)", lambda match: match[0].replace(".", "") + " "),
    (r"(?<![\w'])[ap] m(?![\w'])", lambda match: match[0].replace(" ", "")),
    (r"(?<![\w'-])(?:[a-np-z](?:,? |-)){2,}[a-np-z](?![\w'-])", lambda match: re.sub(r"\W", "", match[0])),
    (r"(?<![\w'-])[b-hj-np-z][ -][b-hj-np-z](?![\w'-])", lambda match: re.sub(r"\W", "", match[0])),
    (r"\bok\b", "okay"),
    (r"\be[- ]mail", "email"),
    (r"\bcannot\b", "can not"),
    (r"\bshan't\b", "shall not"),
    (r"\betc\b", "et cetera"),
    (r"\bvs\b", "versus"),
    ("&", " and "),
    ("@", " at "),
    (r"\bninth", "nineth"),  # Whisper's rules spell it so
    # Dates and times.
    (
        rf"\b({'|'.join(_SHORT_MONTHS)})\.? (?=[0-9]{{1,2}}(?:st|nd|rd|th)?\b)",
        lambda match: f"{_SHORT_MONTHS[match[1]]} ",
    ),
    (
        rf"\b([0-9]{{1,2}}(?:st|nd|rd|th)?)( of)? ({'|'.join(_SHORT_MONTHS)})\b\.?",
        lambda match: f"{match[1]}{match[2] or ''} {_SHORT_MONTHS[match[3]]}",
    ),
    (r"\bo'clock\b", " "),
    (r"(?<=[0-9]):00(?![0-9:])", " "),
    # Fractions.
    (r"\b([0-9]+) (?:and a half\b|1/2(?![0-9/]))", r"\1.5"),
    (r"(?<![0-9/.])[1-3]/[234](?![0-9/])", lambda match: _FRACTIONS.get(match[0], match[0])),
    # Amounts: 1,000; 50 %; 5 €; .5; -5; +5; #5; 20°; 5–10.
    (r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", ""),
    (r"(?<=[0-9]),(?=[0-9]{2} ?€)", "."),
    (r"(€ ?[0-9]+),(?=[0-9]{2}(?![0-9]))", r"\1."),
    (
        r"([$€£¥₹₩] ?[0-9][0-9.]{0,20}) ?(k|mn?|bn?|t)\b",
        lambda match: f"{match[1]} {_SCALES[match[2]]}",
    ),
    (
        rf"([¥₹₩]) ?([0-9][0-9.]{{0,20}}(?: (?:{_LARGE})\b)?)",
        lambda match: f"{match[2]} {_COINS[match[1]]} ",
    ),
    (r"(?<=[0-9]) ?([¥₹₩])", lambda match: f" {_COINS[match[1]]} "),
    (r"(?<=[0-9]0)'s\b", "s"),  # the 1980's
    (r"\bno\. ?(?=[0-9])", "number "),
    (r"\bnos\. ?(?=[0-9])", "numbers "),
    (r"(?<=[0-9]) %", "%"),
    (r"%", lambda match: "%" if match.string[match.start() - 1 : match.start()].isdigit() else " percent "),
    (r"(?<![0-9.])([0-9][0-9.]*) ?([$¢€£])(?! ?[0-9])", r"\2\1"),
    (r"([$¢€£]) (?=[0-9])", r"\1"),
    (r"(?<![^\s([$€£])-(?=[$¢€£]?[0-9.])", "minus "),
    (r"\+(?=[0-9])", "plus "),
    (r"#(?=[0-9])", "number "),
    (r"°c\b", " degrees celsius "),
    (r"°f\b", " degrees fahrenheit "),
    ("°", " degrees "),
    (r"(?<=[0-9]) ?– ?(?=[0-9])", " to "),
    (rf"\ban? (?=(?:{_LARGE})(?:th|s)?\b)", "one "),
    # Leading zeros, which must not get lost: 007.
    (r"(?<![0-9.,])0[0-9]+", lambda match: " ".join(_DIGITS[int(digit)] for digit in match[0]) + " "),
)
"""Rules from written to spoken form, in order; for lower case."""

_COUNTED: Final = _rewrites(
    (r"\bone(?=s?\b)", "1"),  # Whisper's rules leave it a word: often it is no number
    (r"([0-9])\.0+(?![0-9.])", r"\1"),
    (r"(?<![0-9])\.(?=[0-9])", "0."),
    (r"\b(?:1|a) half\b", "half"),
    (_DATE, _date),
    # Times of the day.
    (r"\b(?:a )?half past (1[0-2]|[1-9])(?![0-9.%])", r"\1 30"),
    (r"\b(?:a )?quarter past (1[0-2]|[1-9])(?![0-9.%])", r"\1 15"),
    (r"\b(?:a )?quarter (?:to|till?) (1[0-2]|[1-9])(?![0-9.%])", _hour_before),
    (r"(?<=[0-9]) minutes? past (?=(?:1[0-2]|[1-9])(?![0-9.%]))", " past "),
    (r"(?<![0-9.$¢€£])([1-9]) past (1[0-2]|[1-9])(?![0-9.%])", r"\2 0\1"),
    (r"(?<![0-9.$¢€£])([1-5][0-9]) past (1[0-2]|[1-9])(?![0-9.%])", r"\2 \1"),
    (r"(?<![0-9.] )\b12 (?:am|midnight)\b", "midnight"),
    (r"(?<![0-9.] )\b12 (?:pm|noon)\b", "noon"),
    (r"\b(?:1|a) rupee\b", "1 rupees"),
    (r"([$€£][0-9]+) ([0-9]{2})(?![0-9.%])", r"\1.\2"),  # five dollars fifty
    # Fractions and units.
    (r"\b([13]) (?:fourth|4th)(s?)\b", r"\1 quarter\2"),
    (r"\ba (?=(?:3rd|quarter)\b)", "1 "),
    (rf"\b([0-9][0-9.]{{0,20}}) ({'|'.join(_UNITS)})\b", _unit),
)
"""Rules to apply once number words are digits."""

_SPLIT: Final = _rewrites(
    (r"(?<=[0-9]) (?=[0-9])", ""),
    (r"\.?0+|\.?[1-9]|[-+$¢€£%]", r" \g<0> "),
)
"""Finally each digit is a word (the zeros of a round number together), because the end of a number cannot be heard:
`10:30` and `1030`, `1, 2, 3` and `123`."""


def words_of(form: str) -> list[str]:
    """Split a text in spoken form into words; each digit of a number is one."""
    return _rewritten(form, _SPLIT).split()


def spoken_form(text: str) -> str:
    """Return the one spoken form of all ways to write `text`, with numbers in digits.

    Removes case, punctuation and bracketed remarks; expands contractions and titles; makes British spellings American.
    In scripts without spaces every letter becomes a word.
    """
    rules = _whisper()
    text = (
        unicodedata.normalize("NFKC", _VULGAR_FRACTION.sub(r" \g<0>", text.replace("№", "No. ")))
        .casefold()
        .replace("i\u0307", "i")  # of a Turkish capital
        .translate(_ALIKE)
    )
    text = "".join(str(unicodedata.decimal(char, char)) for char in text)
    text = _WITHOUT_SPACES.sub(r" \g<0> ", text)
    text = _rewritten(" ".join(text.split()), _WRITTEN)
    for contraction, full in rules.replacers.items():
        text = re.sub(contraction, full, text)
    text = rules.standardize_spellings(rules.standardize_numbers(_without_signs(text)))
    return _rewritten(text, _COUNTED)


def is_letter_of_script_without_spaces(word: str) -> bool:
    """Return whether a word of `words_of` is such a letter."""
    return _WITHOUT_SPACES.fullmatch(word) is not None


_VULGAR_FRACTION: Final = re.compile("[½¼¾⅓⅔]")
_ALIKE: Final = str.maketrans(
    {
        "\u00ad": None,
        "\u2060": None,
        "\u2019": "'",
        "\u02bc": "'",
        "\u2212": "-",
        "\u2044": "/",
        "\u2010": "-",
        "\u2011": "-",
    }
)


@cache
def _whisper() -> "EnglishTextNormalizer":
    from whisper_normalizer.english import EnglishTextNormalizer  # rarely needed

    return EnglishTextNormalizer()


def _rewritten(text: str, rewrites: list[_Rewrite]) -> str:
    for pattern, into in rewrites:
        text = pattern.sub(into, text)
    return text


def _without_signs(text: str) -> str:
    """Replace everything that is no part of a word or a number by a space."""
    kept = []
    for at, char in enumerate(text):
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        of_number = (
            (char == "." and after.isdigit() and (before.isdigit() or not before.strip() or before in "$€£"))
            or (char == "%" and before.isdigit())
            or (char in "$¢€£" and after.isdigit())
        )
        kept.append(char if of_number or unicodedata.category(char)[0] in _PARTS_OF_WORDS else " ")
    return "".join(kept)
