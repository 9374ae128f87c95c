"""The lines above and beneath the curve of a sweep: what is measured, how far it is, what follows from it."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.geometry import Size

from stt_monitor.core.sweep.result import CellState, Part, Recommendation, SweepState, Verdict
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import plural
from stt_monitor.ui.formatting import clock
from stt_monitor.ui.sweep.cells import GLYPHS
from stt_monitor.ui.toolkit.fitting import justify, lit, richest
from stt_monitor.ui.toolkit.line_widget import LineWidget

_DOT: Final = " · "
_COUNTED: Final = (CellState.RUNNING, CellState.SLOW, CellState.FAILED)
_VERDICTS: Final = {
    Verdict.RECOMMENDED: ".good",
    Verdict.CANNOT_TELL: ".warn",
    Verdict.NONE_KEEPS: ".warn",
}


class SweepHead(LineWidget):
    """What is measured, and how many of its cells are done."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._state: SweepState | None = None

    def show(self, state: SweepState) -> None:
        """Show a state of the sweep."""
        self._state = state
        self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the name, and the progress."""
        name = lit(" stt-monitor sweep ", ".title")
        if self._state is None:
            return [justify(name, Content.assemble(("starting… ", ".faint")), width)]
        left = Content.assemble(name, "  ", richest(_subjects(self._state), max(0, width - name.cell_length - 14)))
        return [justify(left, _word(self._state), width), _progress(self._state, width)][:height]


class SweepFoot(LineWidget):
    """What follows from the cells that are done: the recommendation, else what should be known."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._said: tuple[Content, ...] = ()

    def show(self, state: SweepState, part: Part | None) -> None:
        """Show what a part of the result says."""
        said = []
        if state.note:
            said.append(Content.assemble((f" {clean(state.note)}", ".warn")))
        if part is not None and part.recommendation is not None:
            said.append(_recommended(part.recommendation))
        if said != list(self._said):
            self._said = tuple(said)
            self.refresh(layout=True)
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return the number of lines."""
        return len(self._wrapped(width))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the lines that fit, the last ones first."""
        lines = self._wrapped(width)
        return lines if len(lines) <= height else [each.truncate(width, ellipsis=True) for each in self._said[-height:]]

    def _wrapped(self, width: int) -> list[Content]:
        lines = [line for each in self._said for line in each.wrap(max(1, width - 1))] if width > 1 else []
        return [line if line.plain.startswith(" ") else Content.assemble(" ", line) for line in lines]


def _subjects(state: SweepState) -> list[Content]:
    """Return what is measured in words, the longest first."""
    settings = len(dict.fromkeys(tuple(each.cell.settings.items()) for each in state.cells))
    sizes = [
        plural(settings, "setting"),
        plural(len({each.cell.recording for each in state.cells}), "recording"),
        plural(len({each.cell.arm for each in state.cells}), "arm"),
        f"{max((each.cell.repetition for each in state.cells), default=1)} times",
    ]
    shown = [size for size in sizes if not size.startswith("1 ")] or sizes[:1]
    service = [clean(state.result.service)] if state.result is not None else []
    said = [[*service, " × ".join(shown)], [" × ".join(shown)], []]
    if state.source:
        said.insert(0, [*service, clean(state.source), " × ".join(shown)])
    return [Content.assemble((_DOT.join(each), ".label")) for each in said]


def _word(state: SweepState) -> Content:
    if state.settled:
        return Content.assemble(("■ done ", ".good") if state.over else ("■ stopped ", ".warn"))
    if state.over:
        return Content.assemble(("● ", ".flash"), ("finding intervals… ", ".label"))
    left = "" if state.seconds_left is None else f"about {clock(state.seconds_left)} left "
    return Content.assemble(("● ", ".flash"), (left or "running ", ".label"))


def _progress(state: SweepState, width: int) -> Content:
    """Return a bar, and how many cells are done."""
    done, total = state.number(CellState.DONE), len(state.cells)
    counts = [(f"{done}/{total} done", "bold")]
    for each in _COUNTED:
        sign, style = GLYPHS[each]
        counts += [(f"  {sign} {number} {each.value}", style)] if (number := state.number(each)) else []
    right = Content.assemble(*counts, (f"  at most {state.parallel} at once ", ".label"))
    cells = width - right.cell_length - 3
    if cells < len("bar"):
        return Content.assemble(" ", *counts).truncate(width, ellipsis=True)
    filled = round(cells * done / total) if total else 0
    return Content.assemble(" ", ("━" * filled, ".progress"), ("─" * (cells - filled), ".faint"), "  ", right)


def _recommended(found: Recommendation) -> Content:
    options = f"  {clean(found.options)}" if found.options else ""
    return Content.assemble((f" {clean(found.sentence)}", _VERDICTS[found.verdict]), (options, "bold"))
