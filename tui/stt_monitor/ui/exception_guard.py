"""Reports the exceptions of all handlers and of all drawing, so that none of them ends the app.

Textual ends an app at its first exception, and no setting changes that. So two methods that everything passes through
are wrapped: the one that hands a widget its messages (keys, clicks, timers, snapshots), and the one that draws it. Both
report to `App._handle_exception`, which `GuardedApp` overrides.
"""

from typing import TYPE_CHECKING

from textual.message_pump import MessagePump
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.message import Message

_dispatch = MessagePump._dispatch_message  # noqa: SLF001  no public method sees every message
_draw = Widget.render_lines


def install() -> None:
    """Wrap the two methods, for all apps of this process. Idempotent."""
    MessagePump._dispatch_message = _dispatch_guarded  # type: ignore[method-assign, assignment]  # noqa: SLF001  as above
    Widget.render_lines = _draw_guarded  # type: ignore[method-assign, assignment]


async def _dispatch_guarded(pump: MessagePump, message: "Message") -> None:
    try:
        await _dispatch(pump, message)
    except Exception as error:  # noqa: BLE001  the widget continues with its next message
        pump.app._handle_exception(error)  # noqa: SLF001  no public method says it to the app


def _draw_guarded(widget: Widget, crop: "Region") -> list[Strip]:
    try:
        return _draw(widget, crop)
    except Exception as error:  # noqa: BLE001  this widget stays blank, the others are drawn
        widget.app._handle_exception(error)  # noqa: SLF001  no public method says it to the app
        return [Strip.blank(crop.width)] * crop.height
