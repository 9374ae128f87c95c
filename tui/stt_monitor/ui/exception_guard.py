"""Reports the exceptions of all handlers and of all drawing, so that none of them ends the app; nor does any input.

Textual ends an app at its first exception, and no setting changes that. So two methods that everything passes through
are wrapped: the one that hands a widget its messages (keys, clicks, timers, snapshots), and the one that draws it. Both
report to `App._handle_exception`, which `GuardedApp` overrides. What a terminal sends is read on a thread of its own,
where any exception ends the app too: a sequence that means nothing there is dropped, with what came together with it,
and bytes that are no UTF-8 (an umlaut of a Latin-1 terminal) become a mark.
"""

import codecs
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual._parser import ParseError, Parser
from textual._xterm_parser import XTermParser
from textual.message_pump import MessagePump
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.message import Message

_dispatch = MessagePump._dispatch_message  # noqa: SLF001  no public method sees every message
_draw = Widget.render_lines
_feed, _tick = XTermParser.feed, XTermParser.tick


def install() -> None:
    """Wrap these methods, for all apps of this process. Idempotent."""
    MessagePump._dispatch_message = _dispatch_guarded  # type: ignore[method-assign, assignment]  # noqa: SLF001  as above
    Widget.render_lines = _draw_guarded  # type: ignore[method-assign, assignment]
    XTermParser.feed = _feed_guarded  # type: ignore[method-assign, assignment]
    XTermParser.tick = _tick_guarded  # type: ignore[method-assign, assignment]
    if sys.platform != "win32":
        from textual.drivers import linux_driver

        linux_driver.getincrementaldecoder = _forgiving_decoder  # type: ignore[attr-defined, assignment]


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


def _feed_guarded(parser: XTermParser, data: str) -> "Iterable[Message]":
    return _read(parser, _feed(parser, data))


def _tick_guarded(parser: XTermParser) -> "Iterable[Message]":
    return _read(parser, _tick(parser))


def _read(parser: XTermParser, messages: "Iterable[Message]") -> "Iterable[Message]":
    try:
        yield from messages
    except ParseError:
        raise  # it was fed after its end
    except Exception:  # noqa: BLE001  a number without end, a key that there is not: whatever it stumbles over
        Parser.__init__(parser)  # begin anew, but for what the terminal has told


def _forgiving_decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return lambda: codecs.getincrementaldecoder(encoding)(errors="replace")
