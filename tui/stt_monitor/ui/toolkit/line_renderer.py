"""Draws lines of content in the looks of a widget, and remembers what each look is."""

from collections.abc import Iterator
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from stt_monitor.ui.styles import ANSI_LOOKS, LOOKS

Look = tuple[str | Style, ...]
"""The styles of a piece of text, the outermost first."""


class LineRenderer:
    """Draws for one widget, which says `forget` when its style changed.

    Textual's own way works out every style of every line anew, which is most of what drawing a line costs.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._looks: dict[Look, RichStyle] = {}

    def forget(self) -> None:
        """Compute every look again when it is next needed."""
        self._looks.clear()

    def draw(self, line: Content, width: int) -> Strip:
        """Draw a line, cut off or filled up to `width` cells."""
        segments = [Segment(text, self._look(look)) for text, look in _runs(line)]
        strip = Strip(segments, sum(cell_len(segment.text) for segment in segments))
        return self.fit(strip, width)

    def fit(self, strip: Strip, width: int) -> Strip:
        """Cut off or fill up a line that was drawn for another width."""
        return strip.adjust_cell_length(width, self._look(()))

    def blank(self, width: int) -> Strip:
        """Draw a line on which nothing stands."""
        return Strip.blank(width, self._look(()))

    def _look(self, look: Look) -> RichStyle:
        known = self._looks.get(look)
        if known is None:
            ansi = self._widget.app.native_ansi_color
            styles = [_style(name, ansi=ansi) for name in look]
            known = self._looks[look] = Style.combine([self._widget.visual_style, *styles]).rich_style
        return known


def _style(style: str | Style, *, ansi: bool) -> Style:
    """Return a style; a name that begins with a dot is one of the looks that all screens share."""
    if isinstance(style, Style):
        return style
    if not style.startswith("."):
        return Style.parse(style)
    name = style[1:]
    return Style.parse(ANSI_LOOKS.get(name, LOOKS[name]) if ansi else LOOKS[name])


def _runs(line: Content) -> Iterator[tuple[str, Look]]:
    """Yield the pieces of a line that look the same throughout."""
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
