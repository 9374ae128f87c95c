"""Draws the waterfall of a turn: its speech, what the service said of it, and the parts of its end-of-turn latency."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.turns.turn import Begin, EndReason
from stt_monitor.core.why.account import Account
from stt_monitor.core.why.parts import Part, Until

_NAME: Final = 14
"""Cells for the name of a row."""
_SHORT_NAME: Final = 8
"""The same where there is little room."""
_ROOMY: Final = 50
"""Cells from which on there is room for whole names."""
_LEAST: Final = 12
"""Fewest cells for the axis."""
_PARTS_SHARE: Final = 0.15
"""Least share of the axis for the parts: of a longer turn only its last seconds are drawn."""
_SHORTEST_S: Final = 5.0
"""Of any turn as much is drawn at least."""
_STEPS_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_TICK: Final = 9
"""Fewest cells between two ticks."""
_BAR: Final = "━"
_NAMES: Final = {
    Until.EAGER_END: "eager end",
    Until.RESUME: "resume",
    Until.RESUMES: "last eager end",
    Until.THRESHOLD: "end",
    Until.TIMEOUT: "timeout",
    Until.VAD: "end",
    Until.END: "end",
}
_IN_A_WORD: Final = {"eager end": "eager", "last eager end": "eager"}
_STYLES: Final = {Until.EAGER_END: ".eager", Until.RESUMES: ".eager", Until.RESUME: ".resumed"}


class _Axis(msgspec.Struct, frozen=True):
    """Seconds of session onto cells."""

    start: float
    stop: float
    cells: int
    name: int
    """Cells for the name of a row."""

    def named(self, name: str) -> tuple[str, str]:
        """Return the name of a row, in a word where there is little room."""
        return f"{name if len(name) < self.name else _IN_A_WORD[name]:<{self.name}}", ".label"

    def cell(self, at: float) -> int:
        """Return the cell of a time, within the axis."""
        share = (at - self.start) / (self.stop - self.start)
        return min(self.cells - 1, max(0, round(share * (self.cells - 1))))


def waterfall(finished: FinishedTurn, account: Account, width: int) -> list[Content]:
    """Return the rows, of at most `width` cells; none where there is no room, or nothing to draw.

    Args:
        finished: the turn.
        account: of it.
        width: cells.
    """
    moments = [(at, glyph) for at, glyph, _ in _moments(finished)]
    speech = [span for span in finished.metrics.speech if span.onset < finished.turn.over_at or account.speech_back]
    begins = min([at for at, _ in moments] + [span.onset for span in speech])
    ends = max([at for at, _ in moments] + [span.onset for span in speech])
    name = _NAME if width >= _ROOMY else _SHORT_NAME
    cells = width - name
    if cells < _LEAST or ends <= begins:
        return []
    start = begins
    if account.parts:
        interesting = ends - finished.turn.over_at + account.parts[-1].end
        start = max(begins, ends - max(interesting / _PARTS_SHARE, _SHORTEST_S))
    axis = _Axis(start, ends, cells, name)
    rows = []
    if speech:
        bars = [(span.onset, ends if span.end is None else span.end) for span in speech]
        rows.append(Content.assemble(axis.named("speech"), (_bars(bars, axis), ".voice")))
    rows.append(_events(finished, axis))
    rows += _parts(finished, account.parts, axis)
    return [*rows, _ticks(axis, begins)]


def _moments(finished: FinishedTurn) -> Iterator[tuple[float, str, str]]:
    """Yield what the service said: time, glyph, style."""
    turn = finished.turn
    if turn.begin is not Begin.MISSING:
        yield turn.started_at, "▸", ".speaking"
    for each in turn.eager_ends:
        yield each.at, "◐", ".eager"
        if each.resumed_at is not None:
            yield each.resumed_at, "↺", ".resumed"
    yield turn.over_at, "■" if turn.end_reason is not EndReason.DANGLING else "✕", ".headline"


def _bars(bars: Sequence[tuple[float, float]], axis: _Axis) -> str:
    cells = [" "] * axis.cells
    for begin, end in bars:
        if end < axis.start or begin > axis.stop:
            continue
        first, last = axis.cell(begin), axis.cell(end)
        cells[first : last + 1] = _BAR * (last + 1 - first)
        if begin < axis.start:
            cells[0] = "…"
    return "".join(cells).rstrip()


def _events(finished: FinishedTurn, axis: _Axis) -> Content:
    """Draw what the service said; of what shares a cell, the last is drawn."""
    shown = {axis.cell(at): (glyph, style) for at, glyph, style in _moments(finished) if at >= axis.start}
    parts: list[tuple[str, str]] = [axis.named("service")]
    parts += [shown.get(cell, (" ", "")) for cell in range(axis.cells)]
    return Content.assemble(*parts)


def _parts(finished: FinishedTurn, parts: Sequence[Part], axis: _Axis) -> Iterator[Content]:
    """Draw each part on a line of its own, with its length beside it."""
    if not parts:
        return
    silent_since = finished.turn.over_at - parts[-1].end
    for part in parts:
        first, last = axis.cell(silent_since + part.start), axis.cell(silent_since + part.end)
        bar, length = _BAR * max(1, last - first), f"{part.ms} ms"
        style = _STYLES.get(part.until, ".headline")
        name = axis.named(_NAMES[part.until])
        if first >= len(length) + 1:
            yield Content.assemble(name, (f"{length:>{first - 1}} ", ""), (bar, style))
        else:
            yield Content.assemble(name, " " * first, (bar, style), f" {length}").truncate(axis.name + axis.cells)


def _ticks(axis: _Axis, begins: float) -> Content:
    """Draw seconds since the turn's speech, or its first event, began."""
    most = max(1, axis.cells // _TICK)
    span = axis.stop - axis.start
    step = next((each for each in _STEPS_S if span / each <= most), span)
    line = [" "] * axis.cells
    number = -(-(axis.start - begins) // step)
    while (at := begins + number * step) <= axis.stop:
        label = f"╵{number * step:.1f} s" if step < 1 else f"╵{number * step:.0f} s"
        cell = axis.cell(at)
        if cell + len(label) <= axis.cells:
            line[cell : cell + len(label)] = label
        number += 1
    return Content.assemble(axis.named(""), ("".join(line).rstrip(), ".faint"))
