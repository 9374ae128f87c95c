"""The timeline: the last seconds, scrolling by session time."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click

from stt_monitor.core.finished_turn import index_of
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.drawing.lanes import Window
from stt_monitor.ui.drawing.timeline.turn_lanes import LABEL_CELLS, draw_timeline, turn_at
from stt_monitor.ui.formatting import clock
from stt_monitor.ui.keymap.bindings import bindings, meanings_of
from stt_monitor.ui.keymap.keys import Where
from stt_monitor.ui.messages import TurnChosen, TurnOpened
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import LineWidget

SPANS_S: Final = (10, 30, 60, 120, 300)
"""Spans of the timeline, seconds."""

_DEFAULT_SPAN: Final = SPANS_S.index(30)
_LATE_S: Final = 1.0
"""Usual delay after which events are known, seconds: detecting speech takes time."""
_PENDING: Final = 3
"""Newest turns whose metrics usually may still change."""
_STRIDE: Final = 5
"""An arrow key moves by this part of the span."""


class Timeline(LineWidget, can_focus=True):
    """Audio level, speech, turns and events of the last seconds."""

    BORDER_TITLE = "Timeline"
    DEFAULT_CLASSES = "panel"
    ABOUT: ClassVar[Section] = (
        "Timeline",
        (
            (
                "sound",
                "audio level: red where clipped, ‖ where muted or paused, blank where no audio was sent",
            ),
            ("voice", "reference speech"),
            ("turn", "the service's turns: █ speaking, ▒ after an eager end"),
            ("× × ×", "no connection: unknown"),
            ("events", "▸ turn.start   ◐ turn.eager_end   ↺ turn.resume   ■ turn.end"),
            ("notes", "≡ settings   ‖ muted or paused   ◈ connection lost   ◆ reconnected"),
            ("┃", "what is played now"),
            ("eot ms", "from the end of speech to turn.end"),
            ("likely", "the local server's likelihood that the user is inside a turn"),
            (".8 start", "a threshold of the likelihood, with the value in force then"),
            ("╌ .45 end?", "a threshold of the draft in Tune, which is not applied"),
            *meanings_of("Earlier", "Zoom in", "Freeze", "Select the previous turn", "Details"),
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.TIMELINE)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._zoom = _DEFAULT_SPAN
        self._held: float | None = None
        """The session time at the right edge while the view is held; None while it follows."""
        self._chosen: int | None = None
        self._draft: TurnSettings | None = None
        self._drawn: object = None
        self._label_cells = LABEL_CELLS

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot; the drawing moves by whole cells only."""
        before, self._snapshot = self._snapshot, snapshot
        if before is not None and before.identity != snapshot.identity:
            self._held = None
        self._draw_if_different()

    def on_show(self) -> None:
        """Draw what came while the timeline was hidden."""
        self._draw_if_different()

    def choose(self, number: int | None) -> None:
        """Choose a turn, and scroll back to it; None follows the newest again."""
        before, self._chosen = self._chosen, number
        if number is not None:
            self._reveal()
        elif before is not None:
            self._held = None
        self._draw_if_different()

    def draft(self, settings: TurnSettings | None) -> None:
        """Show drafted thresholds beside the current ones; None: no draft."""
        self._draft = settings
        self._draw_if_different()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Open only a chosen turn."""
        return self._chosen is not None if action == "open" else super().check_action(action, parameters)

    def action_open(self) -> None:
        """Open the chosen turn."""
        if self._chosen is not None:
            self.post_message(TurnOpened(self._chosen))

    def on_click(self, event: Click) -> None:
        """Choose the clicked turn, or open it if it is chosen."""
        place, snapshot = event.get_content_offset(self), self._snapshot
        if place is None or snapshot is None or place.x < LABEL_CELLS:
            return
        window = self._window(snapshot, self.content_size.width)
        number = turn_at(snapshot, window.start + (place.x - LABEL_CELLS + 0.5) * window.step, window.step)
        if number is not None:
            self.post_message(TurnOpened(number) if number == self._chosen else TurnChosen(number))

    def action_zoom(self, by: int) -> None:
        """Show fewer or more seconds; keep the chosen turn in view."""
        self._zoom = min(len(SPANS_S) - 1, max(0, self._zoom + by))
        self._reveal()
        self._draw_if_different()

    def action_hold(self) -> None:
        """Hold the view, or follow again; the session goes on."""
        self._held = None if self._held is not None or self._snapshot is None else self._snapshot.at
        self._draw_if_different()

    def action_earlier(self) -> None:
        """Scroll back."""
        self._move(-SPANS_S[self._zoom] / _STRIDE)

    def action_later(self) -> None:
        """Scroll forward, up to now."""
        self._move(SPANS_S[self._zoom] / _STRIDE)

    def action_follow(self) -> None:
        """Follow the newest again."""
        self._held = None
        self._draw_if_different()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Draw the lanes."""
        if self._snapshot is None or width <= self._label_cells:
            return []
        return draw_timeline(self._snapshot, self._window(self._snapshot, width), height, self._chosen, self._draft)

    def _move(self, by: float) -> None:
        if self._snapshot is None:
            return
        edge = (self._held if self._held is not None else self._snapshot.at) + by
        self._held = None if edge >= self._snapshot.at else max(0.0, edge)
        self._draw_if_different()

    def _reveal(self) -> None:
        """Scroll back to the start of the chosen turn if it is out of view."""
        snapshot, width = self._snapshot, self.content_size.width
        if snapshot is None or width <= self._label_cells:
            return
        index = index_of(snapshot.finished, self._chosen)
        if index is not None:
            self.scroll_back(snapshot, snapshot.finished[index].turn.started_at, width)

    @property
    def held_from(self) -> float | None:
        """The session time at the left edge while the view is held; None while it follows."""
        snapshot = self._snapshot
        if snapshot is None or self._held is None:
            return None
        return max(0.0, self._window(snapshot, self.content_size.width).start)

    def scroll_back(self, snapshot: Snapshot, at: float, width: int) -> None:
        """Hold the view where a time is visible, unless it is."""
        if at not in self._window(snapshot, width):
            self._held = min(snapshot.at, at + SPANS_S[self._zoom] * (_STRIDE - 1) / _STRIDE)

    def _window(self, snapshot: Snapshot, width: int) -> Window:
        """Return the visible window; its right edge is on a whole cell: cells keep their content as they move."""
        columns = width - self._label_cells
        step = SPANS_S[self._zoom] / columns
        edge = self._held if self._held is not None else snapshot.at
        return Window((edge // step + 1) * step, step, columns)

    def _draw_if_different(self) -> None:
        snapshot = self._snapshot
        width = self.content_size.width
        if snapshot is None or width <= self._label_cells:
            return
        seen = self._appearance(snapshot, self._window(snapshot, width))
        if seen != self._drawn or not _moves(snapshot):
            self._drawn = seen
            self.redraw()
            self._update_title(snapshot)

    def _appearance(self, snapshot: Snapshot, window: Window) -> object:
        """Return everything that the drawing depends on, except the newest data."""
        return (
            window,
            min(window.columns, window.column(snapshot.at - _LATE_S)),
            snapshot.identity,
            snapshot.transition,
            snapshot.finished[-_PENDING:],
            snapshot.running,
            snapshot.notes,
            snapshot.connection,
            snapshot.playback,
            None if snapshot.heard is None else (window.column(snapshot.heard), clock(snapshot.heard)),
            self._chosen,
            self._draft,
        )

    def _update_title(self, snapshot: Snapshot) -> None:
        held = _mode(snapshot)
        if self._held is not None:
            held = f"held at {clock(self._held)}, now {clock(snapshot.at)}"
        heard = "" if snapshot.heard is None else f" · ▶ {clock(snapshot.heard)}"
        title = f"Timeline · {SPANS_S[self._zoom]} s · {held}{heard}"
        if str(self.border_title) != title:
            self.border_title = title


def _mode(snapshot: Snapshot) -> str:
    """Return what the right edge of the timeline is: now, paused, or stopped."""
    if not snapshot.running:
        return "stopped"
    if snapshot.playback is not None:
        return "paused" if snapshot.playback.paused else "replay"
    return snapshot.connection.value if snapshot.awaits_connection else "live"


def _moves(snapshot: Snapshot) -> bool:
    """Return whether another snapshot follows by itself, so that small changes can wait for it."""
    return snapshot.running and not (snapshot.playback is not None and snapshot.playback.paused)
