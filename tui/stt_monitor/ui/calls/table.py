"""The calls of a tap: a row each, those that go on first."""

from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

from textual.binding import BindingType
from textual.content import Content

from stt_monitor.core.calls_state import CallsState, CallState
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.core.turns.state import State
from stt_monitor.ui.calls.messages import CallChosen, CallOpened
from stt_monitor.ui.drawing.state_diagram import STATE_GLYPHS, STATE_STYLES, STATE_WORDS
from stt_monitor.ui.formatting import clock
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.fitting import columns_that_fit
from stt_monitor.ui.toolkit.row_table import RowTable

UNWATCHED: Final = "unwatched"
OVER: Final = "over"
STALLED: Final = "stalled"
_SIGNS: Final = {
    **{state.value: (STATE_GLYPHS[state], STATE_WORDS[state], STATE_STYLES[state]) for state in State},
    UNWATCHED: ("✗", UNWATCHED, ".warn"),
    STALLED: ("!", STALLED, ".bad"),
    OVER: ("■", OVER, ".label"),
}
"""Glyph, word and style of a call's state."""
_PAGE: Final = 10
_MARK: Final = 2
_NUMBER: Final = 4
_STATE: Final = 12
_FIXED: Final = _MARK + _NUMBER + 1 + _STATE
_GAP: Final = 2
_LEAST_NOTE: Final = 12
_HOUR_S: Final = 3600
_LATE_S: Final = 1.0
"""Monitoring that is further behind is highlighted."""

_KEYS: Final = (
    KeyGroup(
        "choose a call",
        (Key("up", "Call above", "choose(-1)"), Key("down", "Call below", "choose(1)")),
        hidden=(
            Key("pageup", "Calls above", f"choose(-{_PAGE})"),
            Key("pagedown", "Calls below", f"choose({_PAGE})"),
        ),
    ),
    KeyGroup("open the call: live while it goes on, its saved session once it is over", (
        Key("enter", "Open", "open", footer=1),
    )),
)  # fmt: skip


class _Column(NamedTuple):
    title: str
    cells: int
    meaning: str


_COLUMNS: Final = {
    "service": _Column("service", 11, "whose protocol the agent speaks"),
    "turns": _Column("turns", 6, "finished turns"),
    "eot": _Column("eot p50", 8, "median end-of-turn latency, ms"),
    "lag": _Column("lag", 6, "how far the search for reference speech is behind the sound, s"),
    "lasts": _Column("lasts", 7, "how long it has lasted"),
}
"""In the order of the table."""
_WANTED: Final = ("turns", "eot", "lasts", "service", "lag")
"""By priority, if not all fit."""


def ordered(state: CallsState) -> list[CallState]:
    """Return the calls as they are listed: those that go on before those that are over, the newest first."""
    return sorted(state.calls, key=lambda call: (call.ended_at is not None, -call.call))


def said_of(call: CallState, now: float) -> str:
    """Say how a call ended, why no event comes, and why it was not measured; raw."""
    ended = "" if call.ended_at is None else f"{call.ended}, {clock(now - call.ended_at)} ago"
    return " · ".join(filter(None, (ended, call.stall, call.problem)))


class CallsTable(RowTable):
    """Rows of calls; up and down choose one, Enter opens it. The choice follows the call, not the row."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = (
        "Calls",
        (
            *((glyph, word) for glyph, word, _ in _SIGNS.values()),
            (UNWATCHED, "it is forwarded, and not measured, or no more: the line beneath says why"),
            (STALLED, "no events during speech: the line beneath says whose fault it is"),
            *((column.title, column.meaning) for column in _COLUMNS.values()),
            *keys_and_meanings(_KEYS),
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._rows: Sequence[CallState] = ()
        self._chosen: int | None = None
        self._at = 0.0

    def show(self, state: CallsState, chosen: int | None) -> None:
        """Show calls; one of them is chosen, by its number."""
        self._rows, self._chosen, self._at = ordered(state), chosen, state.at
        self.redraw()

    @property
    def count(self) -> int:
        """Number of calls."""
        return len(self._rows)

    @property
    def place(self) -> int:
        """Place of the chosen one."""
        return next((place for place, call in enumerate(self._rows) if call.call == self._chosen), 0)

    def choose(self, place: int) -> None:
        """Choose a call."""
        self.post_message(CallChosen(self._rows[place].call))

    def open(self) -> None:
        """Open the chosen one."""
        self.post_message(CallOpened(self._rows[self.place]))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the heading and the rows that fit, the chosen one among them."""
        fitting = columns_that_fit({key: column.cells for key, column in _COLUMNS.items()}, _WANTED, width - _FIXED)
        columns = [(key, _COLUMNS[key]) for key in fitting]
        heading = "".join(_cell(column.title, key, column.cells) for key, column in columns)
        title = f"{'':{_MARK}}{'call':>{_NUMBER}} {'state':{_STATE}}{heading}"
        left = width - _FIXED - sum(column.cells for _, column in columns)
        rows = (self._rows[place] for place in self.in_view(height))
        return [
            Content.assemble((title, ".label")).truncate(width),
            *(self._line(call, columns, left).truncate(width, ellipsis=True) for call in rows),
        ]

    def _line(self, call: CallState, columns: Sequence[tuple[str, _Column]], note: int) -> Content:
        """Compose a row; `note`: width left for its note."""
        chosen = call.call == self._chosen
        glyph, word, style = _SIGNS[STALLED if call.stall else call.state]
        parts: list[Content | str | tuple[str, str]] = [
            ("▸ " if chosen else "  ", ".flash"),
            (f"{call.call:>{_NUMBER}} ", "bold" if chosen else ""),
            (f"{glyph} {word}".ljust(_STATE), style),
        ]
        for key, column in columns:
            text, look = _value(key, call, self._at)
            parts.append((_cell(text, key, column.cells), look))
        if note >= _LEAST_NOTE:
            parts.append((f"{'':{_GAP}}{clean(said_of(call, self._at))}", ".label"))
        return Content.assemble(*parts)


def _cell(text: str, key: str, cells: int) -> str:
    if len(text) >= cells:  # a cell stays free between two columns
        text = f"{text[: cells - 2]}…"
    return f"{text:<{cells}}" if key == "service" else f"{text:>{cells}}"


def _value(key: str, call: CallState, now: float) -> tuple[str, str]:
    """Return the text of a cell, and its style."""
    match key:
        case "service":
            return clean(call.service) or NO_VALUE, ""
        case "turns":
            return str(call.turns), ""
        case "eot":
            return (NO_VALUE, ".faint") if call.eot_p50_ms is None else (f"{call.eot_p50_ms:.0f}", ".headline")
        case "lag":
            if call.lag_s is None or call.state in (OVER, UNWATCHED):
                return NO_VALUE, ".faint"
            return f"{call.lag_s:.1f}", ".warn" if call.lag_s > _LATE_S else ".label"
        case _:
            return _lasts((now if call.ended_at is None else call.ended_at) - call.began_at), ""


def _lasts(seconds: float) -> str:
    """Return how long a call lasts; from ten hours on in hours, which fit the column."""
    text = clock(seconds)
    return text if len(text) < _COLUMNS["lasts"].cells else f"{seconds // _HOUR_S:.0f} h"
