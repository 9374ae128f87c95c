"""A widget made of lines, which draws again only those that changed."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget


def same(one: Content, other: Content) -> bool:
    """Tell whether two contents look the same, styles included."""
    return one.plain == other.plain and one.spans == other.spans


def draw(widget: Widget, line: Content, width: int) -> Strip:
    """Draw one line of content in a widget's style, padded to `width`."""
    strips = Visual.to_strips(widget, line, width, 1, widget.visual_style, apply_selection=False, pad=True)
    return strips[0] if strips else Strip.blank(width, widget.visual_style.rich_style)


class Lines(Widget):
    """Lines of content, of the height that the style sheet gives.

    Subclasses write `compose_lines`, and call `redraw` when what they show has changed.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._lines: Sequence[Content] = ()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the lines for a place of this size, each at most `width` cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Compose the lines anew, and draw those that differ."""
        width, height = self.content_size
        if not width or not height:
            return
        before, self._lines = self._lines, self.compose_lines(width, height)[:height]
        for y in range(max(len(before), len(self._lines))):
            if y >= len(before) or y >= len(self._lines) or not same(before[y], self._lines[y]):
                self.refresh(Region(0, y, width, 1))

    def on_resize(self) -> None:
        """Compose for the new size."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.content_size.width
        if y < len(self._lines):
            return draw(self, self._lines[y], width)
        return Strip.blank(width, self.visual_style.rich_style)

    @property
    def text(self) -> str:
        """What the widget says, without its styles."""
        return "\n".join(line.plain for line in self._lines)
