"""The lines of the list of saved sessions: columns as far as there is room for them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from textual.content import Content

from stt_monitor.core.listed_session import ListedService, RecordingInfo, given_name
from stt_monitor.core.text.moments import when
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.services.registry import schema_of
from stt_monitor.ui.formatting import clock, settings_in_short

_DIM: Final = "$label-text"
_MARK: Final = "✓ "
_GAP: Final = "  "


class Columns(NamedTuple):
    """Cells of each column; 0: none."""

    when: int
    what: int
    service: int
    settings: int
    length: int
    turns: int
    eot: int
    cutoffs: int

    @property
    def numbers(self) -> int:
        """Cells of all numbers."""
        return self.length + self.turns + self.eot + self.cutoffs


_WIDE: Final = Columns(when=16, what=0, service=13, settings=15, length=8, turns=7, eot=9, cutoffs=10)
_SHORT: Final = _WIDE._replace(when=5, length=0, turns=6, eot=8, cutoffs=6)
_LAYOUTS: Final = (
    (96, _WIDE),
    (80, _WIDE._replace(when=11, length=0)),
    (56, _SHORT._replace(service=9, settings=9)),
    (42, _SHORT._replace(service=9, settings=0)),
    (0, _SHORT._replace(when=0, service=0, settings=0)),
)
"""By the least cells of the list; what was heard has the rest."""


def columns(width: int) -> Columns:
    """Return the columns for a list of so many cells."""
    found = next(each for least, each in _LAYOUTS if width >= least)
    words = (found.when, found.service, found.settings)
    used = len(_MARK) + sum(each + len(_GAP) for each in words if each) + len(_GAP) + found.numbers
    return found._replace(what=max(0, width - used))


def heading_line(at: Columns) -> Content:
    """Return the names of the columns."""
    narrow = at.cutoffs < len(" cut-offs")
    names = ["length", "turns", "eot" if narrow else "eot p50", "cut" if narrow else "cut-offs"]
    words = [("when", at.when), ("what", at.what), ("service", at.service), ("settings", at.settings)]
    return Content(_words(words) + _numbers(names, at)).stylize(_DIM)


def line(recording: RecordingInfo, at: Columns, *, marked: bool) -> Content:
    """Return the line of a session; `marked`: it is one of those to compare."""
    what = clean(recording.name if recording.problem else title(recording))
    words = [(_when(recording, at.when), at.when), (what, at.what)]
    sign = _MARK if marked else ""
    if recording.problem:
        return Content(f"{_words(words, sign)} ({clean(recording.problem)})").stylize(_DIM)
    words += [(clean(recording.services), at.service), (_settings(recording), at.settings)]
    begin = Content(_words(words, sign))
    if recording.growing:
        return begin.append(Content("being recorded".rjust(at.numbers)).stylize(_DIM))
    length = NO_VALUE if recording.seconds is None else clock(recording.seconds)
    turns = recording.each(lambda one: NO_VALUE if one.turns is None else str(one.turns))
    before = _numbers([length, turns], at)
    eot = _fit(recording.each(lambda one: one.eot), at.eot)
    cutoffs = _fit(recording.each(lambda one: one.cutoffs), at.cutoffs)
    return Content.assemble(begin, before, (eot, _DIM if recording.is_small else ""), cutoffs)


def title(recording: RecordingInfo) -> str:
    """Return the name of a session if somebody gave it, and its input."""
    return " · ".join(filter(None, (given_name(recording.name), recording.source)))


def _settings(recording: RecordingInfo) -> str:
    def said(one: ListedService) -> str:
        return settings_in_short(schema_of(one.session), one.session.settings.turn)

    each = dict.fromkeys(map(said, recording.by_service))
    return "/".join(each)


def _when(recording: RecordingInfo, cells: int) -> str:
    """Return when it began: in full, without the year, or the day alone."""
    moment = when(recording.started_at)
    return moment if cells >= len(moment) else moment[5 : 5 + cells]


def _words(words: Sequence[tuple[str, int]], sign: str = "") -> str:
    return sign.ljust(len(_MARK)) + "".join(f"{_padded(text, cells)}{_GAP}" for text, cells in words if cells)


def _padded(text: str, cells: int) -> str:
    cut = Content(text).truncate(cells, ellipsis=True)
    return cut.plain + " " * (cells - cut.cell_length)


def _numbers(texts: Sequence[str], at: Columns) -> str:
    widths = (at.length, at.turns, at.eot, at.cutoffs)[: len(texts)]
    return "".join(map(_fit, texts, widths))


def _fit(text: str, width: int) -> str:
    """Align a number at the right; it keeps a cell free at its left."""
    if not width:
        return ""
    return text.rjust(width) if len(text) < width else f" {text[: width - 2]}…"
