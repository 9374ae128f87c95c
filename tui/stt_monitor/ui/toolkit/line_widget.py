"""Widgets made of lines that redraw only the lines that changed."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from stt_monitor.ui.toolkit.line_renderer import LineRenderer


def same(one: Content, other: Content) -> bool:
    """Return whether two contents have the same text and styles."""
    return one.plain == other.plain and one.spans == other.spans


class LineWidget(Widget):
    """Widget of lines, with the height that the style sheet gives it.

    Subclasses implement `compose_lines`, and call `redraw` when their content has changed.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._lines: Sequence[Content] = ()
        self._composed_for = Size(0, 0)
        self._renderer = LineRenderer(self)

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return at most `height` lines of at most `width` cells each."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Compose the lines again, and draw those that differ."""
        width = self.content_size.width
        before = self._lines
        if not self._compose_now():
            return
        for y in range(max(len(before), len(self._lines))):
            if y >= len(before) or y >= len(self._lines) or not same(before[y], self._lines[y]):
                self.refresh(Region(0, y, width, 1))

    def on_resize(self) -> None:
        """Compose for the new size, unless that was drawn already."""
        if self._composed_for != self.content_size:
            self.redraw()

    def render_line(self, y: int) -> Strip:
        """Draw one line. Textual draws a new size before it sends the resize event, so compose for it here."""
        if self._composed_for != self.content_size:
            self._compose_now()
        width = self.content_size.width
        if y < len(self._lines):
            return self._renderer.draw(self._lines[y], width)
        return self._renderer.blank(width)

    def notify_style_update(self) -> None:
        """Forget lines drawn in former colours."""
        self._renderer.forget()
        super().notify_style_update()

    def _compose_now(self) -> bool:
        size = self._composed_for = self.content_size
        if not size:  # hidden: composed anew once it is shown
            return False
        self._lines = self.compose_lines(size.width, size.height)[: size.height]
        return True

    @property
    def text(self) -> str:
        """The text of the widget, without styles."""
        return "\n".join(line.plain for line in self._lines)


class Page(LineWidget):
    """Lines of any number, in a box that scrolls. Subclasses implement `all_lines`."""

    def all_lines(self, width: int) -> list[Content]:
        """Return all lines, each at most `width` cells."""
        raise NotImplementedError

    def rewrite(self) -> None:
        """Compose all lines again; their number may change."""
        self.refresh(layout=True)
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return the number of lines."""
        return len(self.all_lines(width))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is as tall as its lines
        """Return all lines."""
        return self.all_lines(width)
