"""Plain text as a reference, and files of other formats that look like it: their times and names would be words."""

import re
from typing import Final

from stt_monitor.audio.references.label import FormatError

_BEGINNINGS: Final = (
    ("[script info]", "ASS subtitles"), (r"{\rtf", "RTF"), ("%pdf", "PDF"), ("<?xml", "XML"), ("<!doctype", "HTML"),
    ("<html", "HTML"), ("#!mlf!#", "MLF"), ("file type = ", "a TextGrid of an unknown kind"),
)  # fmt: skip
"""How text files of other formats begin, in lower case."""
_CLOCK: Final = r"(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,:;]\d{1,6})?"
_FULL_CLOCK: Final = r"\d{1,3}:\d{1,2}:\d{1,2}(?:[.,:;]\d{1,6})?"
_CUE: Final = re.compile(rf"\s*(?:{_CLOCK}\s*-{{0,2}}>\s*{_CLOCK}|{_FULL_CLOCK}\s*[,;–—-]\s*{_FULL_CLOCK})(?:\s.*)?")
"""The times of a subtitle, in any form. Not `3:30-4:30`, which may have been said."""

_ROWS: Final = (
    (
        r";;|(?:SPEAKER|LEXEME|NON-LEX|NON-SPEECH|SEGMENT|NOSCORE|SPKR-INFO|SU|FILLER|A/P)\s+\S+\s+\d",
        1,
        "this is RTTM, which has no words",
    ),
    (
        r"\s*\d+\.\d+[ \t]+\d+\.\d+[ \t]+\S|\s*\d{5,}[ \t]+\d{5,}[ \t]+\S",  # seconds, or units of 100 ns
        1,
        "each line begins with two times, but no tabs separate them from the words",
    ),
    (
        r";;|\S+\s+\S+\s+(?:\S+\s+)?\d+\.\d+\s+\d+\.\d+\s+\S",
        1,
        "this is CTM or STM, whose names and times would count as words",
    ),
    (
        r".*\s\((?=\S*[-_])(?=\S*\d)[^\s()]+\)\s*$",
        1,
        "each line ends with a name in parentheses, as in TRN, which would count as words",
    ),
    (rf"\s*{_CLOCK}\s+\S", 2, "each line begins with a time, which would count as words"),
)
"""What each line of a file is like, of how many at least, and the complaint."""
_COLUMNS: Final = 3
_COLUMN_NAME: Final = re.compile(r'"?\w+"?')
"""One word each, with no space after commas: no sentence looks like that."""


def refuse_other_formats(lines: list[str]) -> None:
    """Refuse text files that are no transcript.

    Raises:
        FormatError: subtitles of another kind, RTTM, CTM, a table, or another file with times or names.
    """
    rows = [line for line in lines if line.strip()]
    first = rows[0].lstrip().lower() if rows else ""
    for beginning, name in _BEGINNINGS:
        if first.startswith(beginning):
            raise FormatError(f"this is {name}, not plain text")
    if any(map(_CUE.fullmatch, rows)):
        raise FormatError("these are subtitles whose times are not as in SRT: 00:00:01,000 --> 00:00:02,500")
    for pattern, least, complaint in _ROWS:
        if len(rows) >= least and all(re.match(pattern, row) for row in rows):
            raise FormatError(complaint)
    for separator in (",", ";", "\t"):
        columns = rows[0].split(separator) if len(rows) > 1 else []
        if len(columns) >= _COLUMNS and all(_COLUMN_NAME.fullmatch(name) for name in columns):
            raise FormatError("this is a table: its numbers would count as words")
