"""App that handles a key only after everything that the previous key caused."""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Final

from textual.dom import DOMNode
from textual.events import Event, InputEvent, Key, Paste

from stt_monitor.ui.keymap.bindings import is_leaving
from stt_monitor.ui.toolkit.parts import AppPart

_MOST_WAITING: Final = 10_000
"""Keys and clicks that may wait; later ones are dropped."""
_ROUNDS: Final = 3
"""How often all widgets from the focus up must empty their message queues while the focus stays. In the first round the
key bubbles up, in the second the message that it caused (a text is complete, a turn is opened)."""
_PATIENCE_S: Final = 2.0
"""The next key is handled after this long, even if a widget is still busy."""


class KeysInOrder(AppPart):
    """Holds keys back until widgets, screens and focus are as the previous key leaves them.

    A terminal sends keys in bunches. Textual hands each to the widget that has the focus when it arrives, though the
    previous key may be about to open a screen or to move the focus: text typed after it would be lost.
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys_released = False
        self._waiting: deque[Event] = deque()
        self._typing = False
        """The last key was text for the focused widget."""
        self._latest = 0
        """Number of the last key."""
        self._settling_since: float | None = None

    async def release_keys(self) -> None:
        """Handle keys from now on: all widgets are mounted."""
        self._keys_released = True
        await self._handle_waiting()

    async def on_event(self, event: Event) -> None:
        """Queue keys and clicks; those that quit do not wait."""
        theirs = isinstance(event, InputEvent | Paste) and not event.is_forwarded and bool(self.screen_stack)
        if not theirs or self._leaves(event):
            await super().on_event(event)
        elif len(self._waiting) < _MOST_WAITING:
            self._waiting.append(event)
            await self._handle_waiting()

    async def _handle_waiting(self) -> None:
        while self._waiting and self.screen_stack and not self._must_wait(self._waiting[0]):
            event = self._waiting.popleft()
            self._typing = self._is_typed(event)
            try:
                await super().on_event(event)
            except Exception as error:  # noqa: BLE001  the keys after it are handled all the same
                self._handle_exception(error)
            if isinstance(event, Key):
                self._latest += 1
                self._settling_since = _now()
                self._begin_round(self._latest, _ROUNDS)

    def _leaves(self, event: Event) -> bool:
        if not isinstance(event, Key) or not is_leaving(event.key):
            return False
        return not event.is_printable or not (self._keys_released or self._waiting)

    def _must_wait(self, event: Event) -> bool:
        if not self._keys_released:
            return True
        if self._settling_since is None or (self._typing and self._is_typed(event)):
            return False
        return _now() - self._settling_since < _PATIENCE_S

    def _is_typed(self, event: Event) -> bool:
        """Return whether an event is text for the focused widget: it changes nothing else."""
        if (part := self.focused) is None:
            return False
        if isinstance(event, Paste):
            return part.check_consume_key("a", "a")
        return isinstance(event, Key) and part.check_consume_key(event.key, event.character)

    def _begin_round(self, key: int, left: int) -> None:
        if self.screen_stack:
            part = self.focused or self.screen
            self._pass_on(key, left, part, iter(part.ancestors_with_self))

    def _pass_on(self, key: int, left: int, begun: DOMNode, way: Iterator[DOMNode]) -> None:
        """Run on one widget after another, each when its queue is empty; the app is the last."""
        if key != self._latest:
            return
        for part in way:
            if part.call_later(self._pass_on, key, left, begun, way):
                return
        if not self.screen_stack or begun is not (self.focused or self.screen):
            self._begin_round(key, _ROUNDS)
        elif left > 1:
            self._begin_round(key, left - 1)
        else:
            self._settling_since = None
            self.call_later(self._handle_waiting)


def _now() -> float:
    return asyncio.get_running_loop().time()
