"""Praat's TextGrids, in the long and the short text format.

Both hold the same numbers and quoted strings in the same order; Praat ignores everything else
(https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html).
"""

import re
from collections.abc import Iterator
from typing import Final

from stt_monitor.audio.references.label import FormatError, Label

_TOKEN: Final = re.compile(r'"((?:[^"]|"")*)"|(?<!\S)([-+]?[0-9][0-9.eE+-]*|<exists>|<absent>)(?!\S)')
_INTERVALS: Final = "IntervalTier"
_TIERS: Final = ("turns", "words", "word", "utterances", "utterance", "transcript", "text", "sentences")
"""Usual names of the tier with the words."""
_TIER_OF_TIMES: Final = "speech"
"""The tier of our own exports with the times of speech."""
_AGENT: Final = "agent"
"""The tier of the other side of a call; labels are the caller's."""
_NO_WORDS: Final = re.compile(r"\(turn [0-9]+: no words\)")
"""Our own exports' label of a turn without words."""


def is_textgrid(text: str) -> bool:
    """Return whether it begins like a TextGrid."""
    return text.lstrip().startswith(('File type = "ooTextFile', '"ooTextFile')) and '"TextGrid"' in text[:200]


def read_textgrid(text: str, *, for_times: bool) -> list[Label]:
    """Read the tier with the words or, `for_times`, with the times; intervals without text are silence.

    Raises:
        FormatError: truncated or damaged; no tier of intervals but an agent's, or several without a usual name.
    """
    tiers = dict(_tiers(_tokens(text)))
    if not tiers:
        raise FormatError("it has no interval tier")
    tiers.pop(_AGENT, None)
    if not tiers:
        raise FormatError("its only interval tier is the agent's; add the caller's, called turns")
    usual = [name for name in ((_TIER_OF_TIMES,) if for_times else ()) + _TIERS if name in tiers]
    if not usual and len(tiers) > 1:
        raise FormatError(f"which of its tiers ({', '.join(tiers)}) is meant? Call it turns or words")
    return tiers[(usual or list(tiers))[0]]


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        yield match[2] if match[1] is None else match[1].replace('""', '"')


def _tiers(tokens: Iterator[str]) -> Iterator[tuple[str, list[Label]]]:
    """Yield the interval tiers, with their names in lower case."""
    try:
        for _ in range(5):  # file type, object class, two times, <exists>
            next(tokens)
        for _ in range(int(next(tokens))):
            kind, name, _, _, size = (next(tokens) for _ in range(5))
            if kind == _INTERVALS:
                intervals = [_label(*(next(tokens) for _ in range(3))) for _ in range(int(size))]
                yield name.strip().casefold(), [label for label in intervals if label.text.strip()]
            else:
                for _ in range(2 * int(size)):
                    next(tokens)
    except (StopIteration, RuntimeError, ValueError, TypeError) as error:
        raise FormatError("the TextGrid is truncated or damaged") from error


def _label(start: str, end: str, text: str) -> Label:
    return Label("" if _NO_WORDS.fullmatch(text) else text, float(start), float(end))
