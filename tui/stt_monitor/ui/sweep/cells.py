"""The cells of a sweep as glyphs, and the list of one setting's cells to open."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import ClassVar, Final

from textual.content import Content

from stt_monitor.core.sweep.result import CellProgress, CellState
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.screens.picker import Entry, Picker, about, heading
from stt_monitor.ui.styles import Section
from stt_monitor.ui.sweep.messages import CellOpened

GLYPHS: Final = {
    CellState.WAITING: ("·", ".faint"),
    CellState.RUNNING: ("▶", ".flash"),
    CellState.DONE: ("■", ".good"),
    CellState.SLOW: ("▲", ".slow"),
    CellState.FAILED: ("✗", ".bad"),
}
WORDS: Final = {
    CellState.WAITING: "waits",
    CellState.RUNNING: "runs",
    CellState.DONE: "done",
    CellState.SLOW: "slow: this machine or its network held it up",
    CellState.FAILED: "failed",
}
_NAME_CELLS: Final = 44
_PERCENT: Final = 100


def glyphs(cells: Iterable[CellProgress]) -> Content:
    """Return a glyph for each cell."""
    return Content.assemble(*(GLYPHS[each.state] for each in cells))


class CellsScreen(Picker[str]):
    """Offers the cells of one setting; choosing one opens its session."""

    PICKED = "Cells"
    PLACEHOLDER = "type part of a recording's name"
    ABOUT: ClassVar[Section] = about("Opening a cell of the sweep")

    def __init__(self, name: str, cells: Sequence[CellProgress]) -> None:
        super().__init__()
        self._setting = name
        self._cells = cells

    def choices(self, typed: str) -> Sequence[Entry[str]]:
        """Return the cells whose recording contains the typed text; those with a saved session can be chosen."""
        wanted = typed.casefold()
        titled = ((self._title(one), one) for one in self._cells)
        found = [(title, one) for title, one in titled if wanted in title.casefold()]
        lines = [Entry[str](_line(title, one), one.folder or None) for title, one in found]
        return [heading(f"{clean(self._setting)}:"), *(lines or [heading("no match")])]

    def _title(self, progress: CellProgress) -> str:
        """Name a cell: by the name of its file, where there is only one such."""
        cell = progress.cell
        name = PurePath(cell.recording).name
        if len({one.cell.recording for one in self._cells if PurePath(one.cell.recording).name == name}) > 1:
            name = cell.recording
        again = f"#{cell.repetition}" if cell.repetition > 1 else ""
        return "  ".join(filter(None, (name, cell.arm, again)))

    def apply(self, choice: str) -> None:
        """Open the cell's session."""
        self.app.post_message(CellOpened(choice))

    def from_text(self, text: str) -> None:  # noqa: ARG002 - whatever it is, only cells can be chosen
        """Typed text is no cell."""
        return


def _line(title: str, progress: CellProgress) -> Content:
    name = Content(clean(title))
    if name.cell_length > _NAME_CELLS:  # of a path the end says more
        name = Content.assemble("…", name[-(_NAME_CELLS - 1) :])
    word = WORDS[progress.state]
    if progress.state is CellState.RUNNING:
        word = f"{word}, {progress.played * _PERCENT:.0f} %"
    said = f"{word}: {clean(progress.note)}" if progress.note else word
    padded = name.pad_right(_NAME_CELLS - name.cell_length)
    return Content.assemble(GLYPHS[progress.state], " ", padded, (f"  {said}", ".label"))
