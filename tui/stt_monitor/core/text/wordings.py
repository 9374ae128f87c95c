"""Wordings that mean the same, such as `Henry VIII` and `Henry the eighth`, `3:55` and `five to four`. Pure.

They do so as a rule only: `five to four` may be a score, and `I` a word. So a wording in the transcript counts as the
reference's where the transcript lacks that one, and the reference lacks this one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from stt_monitor.core.text.spoken import MONTHS

_ROMAN_TENS: Final = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx")
_ROMAN_ONES: Final = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN: Final = {
    tens + ones: 10 * ten + one for ten, tens in enumerate(_ROMAN_TENS) for one, ones in enumerate(_ROMAN_ONES)
}
_LETTERS_THAT_ARE_WORDS: Final = {"i", "v", "x", "l", "xl"}
"""Numbers only after a heading (chapter I), or where the other text has an ordinal (George the first)."""
_HEADINGS: Final = {
    "act", "appendix", "article", "book", "chapter", "class", "division", "figure", "grade", "level", "lesson",
    "page", "paragraph", "part", "phase", "scene", "section", "stage", "table", "title", "type", "unit", "verse",
    "volume", "war",
}  # fmt: skip

_NUMERALS: Final = re.compile(
    r"\b(?P<before>[^\W\d]+) (?:(?:the )?(?P<roman>[ivxl]+)|(?P<the>the )?(?P<number>[1-9][0-9]?)(?P<th>st|nd|rd|th)?)"
    r"(?![\w.%])"
)
_DATES: Final = re.compile(
    rf"(?:(?<=\bon )|\b(?!(?:may|march) [0-9]+ [a-z]))"
    rf"(?P<first>{MONTHS}) (?:the )?(?P<later>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?! of\b)"
    rf"|\bthe (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th) of (?P<month>{MONTHS})\b"
)
"""May and March are verbs too: a number behind them is no day where a word follows it, but after `on`."""
_TIMES: Final = re.compile(
    r"(?<![0-9.$¢€£])(?<![0-9] )(?P<hour>1[0-2]|[1-9]) ?(?P<minute>[0-5][0-9])(?! ?[0-9.%])"
    r"|(?<![0-9.$¢€£])(?<![0-9] )(?P<left>[1-9]|[12][0-9])(?: minutes?)? (?:to|till?) "
    r"(?P<next>1[0-2]|[1-9])(?! ?[0-9.%])"
)


class _Wording(NamedTuple):
    """A part of a text, and its meaning."""

    meaning: tuple[str, int, str]
    start: int
    end: int
    text: str


def align_wordings(reference: str, transcript: str) -> str:
    """Return the transcript with the reference's wordings where these mean the same.

    Args:
        reference: reference transcript, in the form of `spoken.spoken_form`.
        transcript: transcript of the service, in that form.
    """
    lacking = _texts(_found(reference))
    for meaning, texts in (found := _texts(_found(transcript))).items():
        if meaning in lacking:
            both = lacking[meaning] & texts
            lacking[meaning] -= both
            found[meaning] = texts - both
    pieces, at = [], 0
    for wording in sorted(_found(transcript), key=lambda wording: wording.start):
        wanted = lacking.get(wording.meaning)
        if wanted and found[wording.meaning][wording.text] and wording.start >= at:
            text = next(iter(wanted))
            wanted -= Counter([text])
            found[wording.meaning] -= Counter([wording.text])
            pieces += [transcript[at : wording.start], text]
            at = wording.end
    return "".join((*pieces, transcript[at:]))


def _texts(wordings: Iterator[_Wording]) -> dict[tuple[str, int, str], "Counter[str]"]:
    """Count the texts of each meaning."""
    found: dict[tuple[str, int, str], Counter[str]] = {}
    for wording in wordings:
        found.setdefault(wording.meaning, Counter())[wording.text] += 1
    return found


def _found(text: str) -> Iterator[_Wording]:
    for match in _DATES.finditer(text):
        yield _wording(match, match["first"] or match["month"], int(match["later"] or match["day"]), "date")
    for match in _TIMES.finditer(text):
        hour, minute = int(match["hour"] or 0), int(match["minute"] or 0)
        if match["left"]:
            hour, minute = (int(match["next"]) + 10) % 12 + 1, 60 - int(match["left"])
        yield _wording(match, "", 60 * hour + minute, "time")
    at = 0
    while (numeral := _NUMERALS.search(text, at)) is not None:
        yield from _numerals(numeral)
        at = numeral.end("before") + 1  # the word after a number may have a number too


def _numerals(match: re.Match[str]) -> Iterator[_Wording]:
    """Yield the meanings of a numeral: number, ordinal, or both for a Roman one."""
    before, roman = match["before"], match["roman"]
    if roman is None:
        if bool(match["the"]) == bool(match["th"]):
            yield _wording(match, before, int(match["number"]), "ordinal" if match["th"] else "number")
    elif value := _ROMAN.get(roman):
        yield _wording(match, before, value, "ordinal")
        if before in _HEADINGS or roman not in _LETTERS_THAT_ARE_WORDS:
            yield _wording(match, before, value, "number")


def _wording(match: re.Match[str], word: str, number: int, kind: str) -> _Wording:
    return _Wording((word, number, kind), match.start(), match.end(), match[0])
