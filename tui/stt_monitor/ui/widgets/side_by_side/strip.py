"""The strip of services: a line for each with its state, its connection and its headline, or what went wrong."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.events import Click
from textual.geometry import Size

from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.session_metrics import count_in
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import beginning
from stt_monitor.core.text.wording import NO_VALUE, plural
from stt_monitor.ui.drawing.state_diagram import STATE_GLYPHS, STATE_STYLES, STATE_WORDS
from stt_monitor.ui.drawing.timeline.service_lanes import label_cells
from stt_monitor.ui.formatting import CONNECTION_GLYPHS, CONNECTION_STYLES, clock, figure
from stt_monitor.ui.lanes import name_of
from stt_monitor.ui.messages import ServiceChosen
from stt_monitor.ui.widgets.side_by_side.part import ServicesPart

_STATE: Final = 12
"""Cells for the longest word of a state."""
_SINCE: Final = 6
_CONNECTION: Final = 15
_NARROW: Final = 64
"""Narrower views have no room for the time in a state, nor for the word of a connection."""

Parts = list[tuple[str, str]]


class LaneStrip(ServicesPart):
    """A line for each service; a click chooses it."""

    def appearance(self, lane: Snapshot) -> object:
        """Return the state by the second, the connection, errors and figures."""
        since = int(lane.at - lane.state_since) if lane.open_turn is not None else 0
        newest = lane.finished[-1].metrics if lane.finished else None
        return (
            lane.session.service, lane.state, since, lane.connection, lane.running, lane.error, lane.detail, lane.retry,
            lane.counts, newest, lane.summaries, lane.speech_checked > 0,
        )  # fmt: skip

    def on_click(self, event: Click) -> None:
        """Choose the clicked service."""
        place = event.get_content_offset(self)
        if place is not None and place.y < len(self.lanes):
            self.post_message(ServiceChosen(name_of(self.lanes[place.y])))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return the number of services."""
        return max(1, len(self.lanes))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is as tall as it is
        """Compose a line for each service; all have the metric in the same wording, the richest that fits."""
        if not self.lanes:
            return []
        lefts = [self._left(lane, label_cells(self.lanes), width) for lane in self.lanes]
        room = width - max(left.cell_length for left in lefts)
        wordings = zip(*(_headlines(lane, self.metric) for lane in self.lanes), strict=True)
        said = next(each for each in wordings if all(one.cell_length <= max(0, room) for one in each))
        rights = [_fault(lane) or headline for lane, headline in zip(self.lanes, said, strict=True)]
        lines = (Content.assemble(*both) for both in zip(lefts, rights, strict=True))
        return [line.truncate(width, ellipsis=True) for line in lines]

    def _left(self, lane: Snapshot, cells: int, width: int) -> Content:
        """Return name, state and connection of a service."""
        name, wide = name_of(lane), width >= _NARROW
        chosen = name == self.service
        parts: Parts = [("▸ " if chosen else "  ", ".flash"), (f"{name[:cells]:<{cells}}", "bold" if chosen else "")]
        glyph, word, style = _state(lane)
        parts.append((f"{glyph} {word}".ljust(_STATE), style))
        if wide:
            since = clock(lane.at - lane.state_since) if lane.running and lane.open_turn is not None else ""
            parts.append((since.ljust(_SINCE), ".label"))
        state = lane.connection
        word = f" {state.value}".ljust(_CONNECTION) if wide else " "
        parts.append((CONNECTION_GLYPHS[state] + word, CONNECTION_STYLES[state]))
        return Content.assemble(*parts)


def _state(lane: Snapshot) -> tuple[str, str, str]:
    """Return glyph, word and style of the turn's state; without a connection it is unknown."""
    if not lane.running:
        return ("✗", "failed", ".bad") if lane.error else ("■", "ended", ".label")
    if lane.connection is not Connection.CONNECTED:
        return "?", "unknown", ".faint"
    return STATE_GLYPHS[lane.state], STATE_WORDS[lane.state], STATE_STYLES[lane.state]


def _fault(lane: Snapshot) -> Content | None:
    """Return what went wrong, where there is nothing else to say."""
    if lane.retry is not None:
        return Content.assemble((beginning(lane.retry.reason or lane.detail or "no connection"), ".warn"))
    if lane.awaits_connection and lane.detail:
        return Content.assemble((beginning(lane.detail), ".warn"))
    if lane.error and (not lane.running or lane.connection is not Connection.CONNECTED):
        return Content.assemble((beginning(lane.error), ".bad"))
    return None


def _newest(lane: Snapshot, metric: Metric) -> float | None:
    """Return the value of the newest turn, if it says something of the service."""
    newest = lane.finished[-1] if lane.finished else None
    counts = newest is not None and inclusion(newest.turn, newest.metrics) in (Inclusion.SUMMARY, Inclusion.FIRST)
    return getattr(newest.metrics, metric.key) if newest is not None and counts else None


def _whole(count: float | None) -> str:
    return NO_VALUE if count is None else f"{count:.0f}"


def _headlines(lane: Snapshot, metric: Metric) -> list[Content]:
    """Return the metric in wordings, the richest first."""
    summary = lane.summaries.get(metric.key, Summary())
    last, p50 = (figure(metric, value, lane.marks) for value in (_newest(lane, metric), summary.p50))
    counts = lane.counts
    name: Parts = [(f"{metric.label} ", ".label")]
    value: Parts = [(f"{last:>5}", ".headline"), (" last", ".label")]
    median: Parts = [(f"{p50:>6}", ".faint" if summary.few else "bold"), (" p50", ".label")]
    turns: Parts = [(f"   {plural(counts.turns, 'turn')}", ".label")]
    cut, missed, spurious = (count_in(lane, name) for name in ("false_cutoffs", "missed", "spurious"))
    found = (
        (f"{lane.marks.cut_sign if cut is not None else ''}{_whole(cut)} cut off", ".cut" if cut else ".label"),
        (f"{_whole(missed)} missed", ".bad" if missed else ".label"),
        (f"{_whole(spurious)} spurious", ".warn" if spurious else ".label"),
    )
    faults: Parts = [part for each in found for part in ((", ", ".label"), each)]
    every: tuple[Parts, ...] = (
        name + value + median + turns + faults,
        name + value + median + turns,
        name + value + median,
        value,
        [],
    )
    return [Content.assemble(*parts) for parts in every]
