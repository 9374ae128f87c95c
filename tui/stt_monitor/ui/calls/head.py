"""The lines above and beneath the list of calls: where the tap listens, what is kept; all about the chosen call."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from textual.content import Content
from textual.geometry import Size

from stt_monitor.core.calls_state import CallsState, CallState, TapHead
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import plural
from stt_monitor.ui.calls.table import said_of
from stt_monitor.ui.toolkit.fitting import justify, lit, richest
from stt_monitor.ui.toolkit.line_widget import LineWidget

_DOT: Final = " · "
_ROOMY: Final = 64
"""Cells of a line with room for more than the needful."""
_BEHIND_S: Final = 1.0
"""Copies that waited longer are said."""


class CallsHead(LineWidget):
    """The head of the list: addresses, what is saved, what is not monitored."""

    def __init__(self, head: TapHead, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._head = head
        self._state = CallsState()

    def show(self, state: CallsState) -> None:
        """Show a newer list."""
        self._state = state
        self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose addresses, calls, what is saved, and problems."""
        name = lit(" stt-monitor tap " if width >= _ROOMY else " tap ", ".title")
        count = _count(self._state, brief=width < _ROOMY)
        left = Content.assemble(name, "  ", richest(self._ways(), max(0, width - name.cell_length - len(count) - 4)))
        told = Content.assemble(" ", *self._wrong, (_DOT.join(self._kept), ".label"))
        warnings = [Content.assemble((f" {clean(each)}", ".warn")) for each in self._head.warnings]
        lines = [justify(left, Content.assemble((f"{count} ", ".label")), width), told, *warnings]
        return [line.truncate(width, ellipsis=True) for line in lines][:height]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return the number of lines."""
        return 2 + len(self._head.warnings)

    def _ways(self) -> list[Content]:
        """Return wordings of where it listens and forwards to, the richest first."""
        head = self._head
        to = clean(head.to) or (f"{clean(head.service)}'s own" if head.service else "each vendor's own")
        return [
            Content.assemble(("listens on ", ".label"), (head.url, ".headline"), (" → ", ".arrow"), to),
            Content.assemble((head.url, ".headline"), (" → ", ".arrow"), to),
            Content.assemble((head.url, ".headline")),
            Content.assemble((head.url.partition("//")[2], ".headline")),
        ]

    @property
    def _kept(self) -> list[str]:
        """Say what is saved, and what else there is."""
        head, state = self._head, self._state
        if head.redact:
            saved = "figures alone (--redact): nothing is saved"
        elif not head.saved_in:
            saved = "calls are not saved"
        else:
            saved = f"saved in {clean(head.saved_in)}"
            saved += "" if head.keep is None else f", the last {head.keep}"
        metrics = f"metrics at {head.metrics}" if head.metrics else ""
        requests = f"{plural(state.requests, 'other request')} forwarded" if state.requests else ""
        return list(filter(None, (saved, metrics, requests)))

    @property
    def _wrong(self) -> list[tuple[str, str]]:
        """Say how many calls are watched no more, and how far monitoring is behind."""
        state = self._state
        dropped = f"{plural(state.dropped, 'call')} watched no more" if state.dropped else ""
        behind = f"monitoring is {state.behind_s:.1f} s behind" if state.behind_s > _BEHIND_S else ""
        return [(f"{each}{_DOT}", ".warn") for each in (dropped, behind) if each]


class CallsFoot(LineWidget):
    """All that is known of the chosen call, where its row has no room for it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._call: CallState | None = None
        self._at = 0.0

    def show(self, call: CallState | None, at: float) -> None:
        """Show the state of a call."""
        self._call, self._at = call, at
        self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose its lines, as many as fit."""
        call = self._call
        if call is None or width < 1:
            return []
        saved = f"saved as {PurePath(call.folder).name}" if call.folder else ""
        text = _DOT.join(filter(None, (f"call {call.call}", call.service, said_of(call, self._at), saved)))
        lines = Content.assemble((clean(text), ".warn" if call.problem or call.stall else ".label")).wrap(
            max(1, width - 1)
        )
        if len(lines) > height > 0:
            rest = Content(" ").join(lines[height - 1 :]).truncate(max(1, width - 1), ellipsis=True)
            lines = [*lines[: height - 1], rest]
        return [Content.assemble(" ", line) for line in lines]


def _count(state: CallsState, *, brief: bool) -> str:
    if not state.begun:
        return "no call yet"
    going_on = f"{sum(call.ended_at is None for call in state.calls)} going on"
    return going_on if brief else f"{plural(state.begun, 'call')}, {going_on}"
