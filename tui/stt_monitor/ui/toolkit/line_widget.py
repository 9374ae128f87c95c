"""A widget made of lines, which draws again only those that changed."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from stt_monitor.ui.toolkit.line_renderer import LineRenderer


def same(one: Content, other: Content) -> bool:
    """Tell whether two contents look the same, styles included."""
    return one.plain == other.plain and one.spans == other.spans


class LineWidget(Widget):
    """Lines of content, of the height that the style sheet gives.

    Subclasses write `compose_lines`, and call `redraw` when what they show has changed.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._lines: Sequence[Content] = ()
        self._composed_for = Size(0, 0)
        self._renderer = LineRenderer(self)

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the lines for a place of this size, each at most `width` cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Compose the lines anew, and draw those that differ."""
        width = self.content_size.width
        before = self._lines
        if not self._compose_now():
            return
        for y in range(max(len(before), len(self._lines))):
            if y >= len(before) or y >= len(self._lines) or not same(before[y], self._lines[y]):
                self.refresh(Region(0, y, width, 1))

    def on_resize(self) -> None:
        """Compose for the new size, unless it was drawn already."""
        if self._composed_for != self.content_size:
            self.redraw()

    def render_line(self, y: int) -> Strip:
        """Draw one line. A new size is drawn before its event comes: what was composed for another is not worth it."""
        if self._composed_for != self.content_size:
            self._compose_now()
        width = self.content_size.width
        if y < len(self._lines):
            return self._renderer.draw(self._lines[y], width)
        return self._renderer.blank(width)

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        self._renderer.forget()
        super().notify_style_update()

    def _compose_now(self) -> bool:
        size = self.content_size
        if not size:
            return False
        self._composed_for = size
        self._lines = self.compose_lines(size.width, size.height)[: size.height]
        return True

    @property
    def text(self) -> str:
        """What the widget says, without its styles."""
        return "\n".join(line.plain for line in self._lines)


class Page(LineWidget):
    """Lines that take as much height as they need, in a box that scrolls. Subclasses write `all_lines`."""

    def all_lines(self, width: int) -> list[Content]:
        """Return all there is to say, in lines of at most `width` cells."""
        raise NotImplementedError

    def rewrite(self) -> None:
        """Say it anew; there may be more of it, or less."""
        self.refresh(layout=True)
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Be as high as what there is to say."""
        return len(self.all_lines(width))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it has the height it needs
        """Compose all of it."""
        return self.all_lines(width)
