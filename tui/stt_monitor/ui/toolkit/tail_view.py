"""Scrolling view of many lines that follows its end until the user scrolls up."""

from typing import Final

from textual.cache import LRUCache
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from stt_monitor.ui.toolkit.line_renderer import LineRenderer

SCROLL_BAR: Final = 1
"""Cells that the style sheet reserves for the scroll bar; headings above the lines are wider by as many."""

_STRIPS_KEPT: Final = 128
"""Rendered lines in the cache: a screen full, even of a large one. Each takes 5 kB, with Textual's own caches."""


class TailView(ScrollView, can_focus=True):
    """Lines that are composed when they come into view. Subclasses implement `compose_line` and `measure`."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.following = True
        """Whether the view follows its end; scrolling up ends it, scrolling to the end resumes it."""
        self._scrolling_itself = False
        self._renderer = LineRenderer(self)
        self._strips: LRUCache[int, Strip] = LRUCache(_STRIPS_KEPT)
        self.measured_width = 0
        """Width of the current layout; 0 before the first."""

    def compose_line(self, y: int, width: int) -> Content:
        """Return line `y`, at most `width` cells."""
        raise NotImplementedError

    def measure(self, width: int, place: int) -> int:
        """Lay everything out for a width, exactly at least at `place`; return the number of lines."""
        raise NotImplementedError

    def place_before_measure(self) -> int:
        """Return the place at the top, in terms that do not depend on the width."""
        return round(self.scroll_y)

    def place_after_measure(self, before: int) -> int:
        """Return the line of that place in the new layout."""
        return before

    @property
    def line_width(self) -> int:
        """Cells in a line, without the scroll bar (the style sheet reserves its column)."""
        return max(1, self.scrollable_content_region.width)

    def lines_changed(self, first: int, total: int) -> None:
        """Redraw lines from `first` on; there are `total` lines now."""
        for y in [y for y in self._strips.keys() if y >= first]:  # noqa: SIM118 - a cache of Textual's, not a dict
            self._strips.discard(y)
        before, top = self.virtual_size.height, round(self.scroll_y)
        if total != before:
            self._resize_lines(total)
        visible, last = range(top, top + self.size.height), max(total, before)
        if top == round(self.scroll_y) and first in range(visible.stop) and last > visible.start:
            self.refresh_lines(max(first, top), last - max(first, top))

    def lines_moved(self, total: int, top: int) -> None:
        """Redraw all `total` lines after they moved; `top` is the first one shown, unless the end is followed."""
        self._strips.clear()
        self._resize_lines(total)
        if not self.following:
            self._scroll(top)
        self.refresh()

    def redraw_lines(self, lines: range) -> None:
        """Redraw some lines."""
        for y in lines:
            self._strips.discard(y)
        self.refresh_lines(lines.start, len(lines))

    def redraw_all(self) -> None:
        """Redraw every line."""
        self._strips.clear()
        self.refresh()

    def reveal(self, lines: range) -> None:
        """Scroll lines into view, at least the first of them. The end is followed only if it is in view then."""
        top, height = round(self.scroll_y), self.scrollable_content_region.height
        if lines.start < top or len(lines) > height:
            top = lines.start
        elif lines.stop > top + height:
            top = lines.stop - height
        self._scroll(min(top, self.max_scroll_y))
        self.following = top >= self.max_scroll_y
        self.following_changed()

    def follow(self) -> None:
        """Follow the end again."""
        self.following = True
        self._scroll(self.max_scroll_y)
        self.following_changed()

    def on_resize(self, event: Resize) -> None:
        """Lay out for a new width; keep the end, or the place at the top, in view."""
        width = self.line_width
        if not event.size.width or not event.size.height:
            return
        if width != self.measured_width:
            self.measured_width = width
            place = self.place_before_measure()
            self._strips.clear()
            self._resize_lines(self.measure(width, place))
            if not self.following:
                self._scroll(self.place_after_measure(place))
        elif self.following:
            self._scroll(self.max_scroll_y)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Update `following`, but only when the user scrolls."""
        super().watch_scroll_y(old_value, new_value)
        if self._scrolling_itself:
            return
        if new_value >= self.max_scroll_y:
            self.following = True
        elif new_value < old_value:
            self.following = False
        self.following_changed()

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:  # noqa: FBT001 - Textual's
        """Move the scroll bar to the position of the view: Textual moves it only while it is shown."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def following_changed(self) -> None:
        """Called when the user scrolled; subclasses show it in the border."""

    def notify_style_update(self) -> None:
        """Forget lines drawn in former colours."""
        self._strips.clear()
        self._renderer.forget()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of the view, in the current layout: before a resize event that is the former width."""
        number, width = y + round(self.scroll_y), self.measured_width
        if number >= self.virtual_size.height or not width:
            return self._renderer.blank(self.line_width)
        strip = self._strips.get(number)
        if strip is None:
            strip = self._strips[number] = self._renderer.draw(self.compose_line(number, width), width)
        return self._renderer.fit(strip, self.line_width)

    def _resize_lines(self, total: int) -> None:
        self._scrolling_itself = True
        self.virtual_size = Size(self.line_width, total)
        self._scrolling_itself = False
        if self.following:
            self._scroll(self.max_scroll_y)

    def _scroll(self, y: int) -> None:
        self._scrolling_itself = True
        self.app.animator.force_stop_animation(self, "scroll_y")
        self.scroll_target_y = self.scroll_y = y
        self._scrolling_itself = False
