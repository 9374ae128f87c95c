"""Catches exceptions of all handlers and drawing: each is reported, and the screen continues.

Textual ends an app at its first exception, whichever part it comes from, and has no say in that for the app. So the
two places that everything passes are given a net here: where a part is handed a message (a key, a click, a timer, a
snapshot), and where it is drawn. Both tell `App._handle_exception`, which is ours.
"""

from typing import TYPE_CHECKING

from textual.message_pump import MessagePump
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.message import Message

_dispatch = MessagePump._dispatch_message  # noqa: SLF001  there is no public place that everything passes
_draw = Widget.render_lines


def spread() -> None:
    """Have the net for all parts of all apps from now on. Idempotent."""
    MessagePump._dispatch_message = _dispatch_on  # type: ignore[method-assign, assignment]  # noqa: SLF001
    Widget.render_lines = _draw_on  # type: ignore[method-assign, assignment]


async def _dispatch_on(part: MessagePump, message: "Message") -> None:
    try:
        await _dispatch(part, message)
    except Exception as error:  # noqa: BLE001  the part goes on with its next message
        part.app._handle_exception(error)  # noqa: SLF001


def _draw_on(part: Widget, crop: "Region") -> list[Strip]:
    try:
        return _draw(part, crop)
    except Exception as error:  # noqa: BLE001  the part stays blank, the others are drawn
        part.app._handle_exception(error)  # noqa: SLF001
        return [Strip.blank(crop.width)] * crop.height
