"""Renders lines of content in the styles of a widget, and caches the resolved styles."""

from collections.abc import Iterator
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from stt_monitor.ui.styles import ANSI_STYLES, STYLES

StyleStack = tuple[str | Style, ...]
"""The styles of a piece of text, the outermost first."""


class LineRenderer:
    """Renders for one widget, which calls `forget` when its style changes.

    Textual resolves every style of every line again, which is most of the cost of drawing a line.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._resolved: dict[StyleStack, RichStyle] = {}

    def forget(self) -> None:
        """Forget all resolved styles."""
        self._resolved.clear()

    def draw(self, line: Content, width: int) -> Strip:
        """Render a line, cropped or padded to `width` cells."""
        segments = [Segment(text, self._resolve(styles)) for text, styles in _runs(line)]
        strip = Strip(segments, sum(cell_len(segment.text) for segment in segments))
        return self.fit(strip, width)

    def fit(self, strip: Strip, width: int) -> Strip:
        """Crop or pad a rendered line to another width."""
        return strip.adjust_cell_length(width, self._resolve(()))

    def blank(self, width: int) -> Strip:
        """Render a blank line."""
        return Strip.blank(width, self._resolve(()))

    def _resolve(self, styles: StyleStack) -> RichStyle:
        known = self._resolved.get(styles)
        if known is None:
            ansi = self._widget.app.native_ansi_color
            found = [_style(name, ansi=ansi) for name in styles]
            known = self._resolved[styles] = Style.combine([self._widget.visual_style, *found]).rich_style
        return known


def _style(style: str | Style, *, ansi: bool) -> Style:
    """Return a style by name; names with a dot are those of `styles.STYLES`."""
    if isinstance(style, Style):
        return style
    if not style.startswith("."):
        return Style.parse(style)
    name = style[1:]
    return Style.parse(ANSI_STYLES.get(name, STYLES[name]) if ansi else STYLES[name])


def _runs(line: Content) -> Iterator[tuple[str, StyleStack]]:
    """Yield the pieces of a line that have the same styles throughout."""
    text, spans = line.plain, line.spans
    if all(one.end <= other.start for one, other in pairwise(spans)):
        position = 0
        for span in spans:
            if span.start > position:
                yield text[position : span.start], ()
            yield text[span.start : span.end], (span.style,)
            position = span.end
        if position < len(text):
            yield text[position:], ()
        return
    edges = {0, len(text), *(span.start for span in spans), *(span.end for span in spans)}
    for start, stop in pairwise(sorted(edges)):
        yield text[start:stop], tuple(span.style for span in spans if span.start <= start and span.end >= stop)
