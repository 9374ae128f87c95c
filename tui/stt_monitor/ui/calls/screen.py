"""The screen of calls, over the session that was opened last."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.types import CSSPathType

from stt_monitor.core.calls_state import CallsState, CallState, TapHead
from stt_monitor.ui.calls.guide import CallsGuide
from stt_monitor.ui.calls.head import CallsFoot, CallsHead
from stt_monitor.ui.calls.messages import CallChosen
from stt_monitor.ui.calls.table import CallsTable, ordered
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.widgets.key_line import KeyLine

_KEYS: Final = (
    KeyGroup("back to the call that was opened last", (Key("escape,C", "Session", "back", footer=0),)),
    KeyGroup("copy the base URL for the agent's SDK", (Key("y", "Copy URL", "copy", footer=10),)),
    KeyGroup("end all calls and quit", (Key("q", "Quit", "app.quit", footer=12, docked=True),)),
)


class CallsScreen(Modal):
    """The list of calls; before the first one, how an agent is pointed at the tap."""

    AUTO_FOCUS = "CallsTable"
    OPAQUE = True
    CSS_PATH: ClassVar[CSSPathType | None] = ["../overlays.tcss", "../calls.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = ("Tap", tuple(keys_and_meanings(_KEYS)))

    def __init__(self, head: TapHead, state: CallsState, chosen: int | None, *, opened: bool) -> None:
        """Show a tap.

        Args:
            head: what is always true of it.
            state: its calls, as far as known.
            chosen: number of the call to begin with; None: the one on top, whichever that is.
            opened: a session was opened, to which Escape goes back.
        """
        super().__init__()
        self._head = head
        self._state = state
        self._chosen = chosen
        self._opened = opened

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield CallsHead(self._head, id="calls-head")
        with Vertical(id="calls-body"):
            with VerticalScroll(id="calls-guide-box"):
                yield CallsGuide(self._head, id="calls-guide")
            yield CallsTable(id="calls-table")
            yield CallsFoot(id="calls-foot")
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the current state."""
        self.show_calls(self._state)

    def show_calls(self, state: CallsState) -> None:
        """Show a newer list."""
        self._state = state
        self.set_class(not state.calls, "-no-call")
        self.query_one(CallsHead).show(state)
        call = self._call
        self.query_one(CallsTable).show(state, None if call is None else call.call)
        self.query_one(CallsFoot).show(call, state.at)

    def on_call_chosen(self, message: CallChosen) -> None:
        """Choose a call."""
        self._chosen = message.call
        self.show_calls(self._state)

    def action_copy(self) -> None:
        """Copy the base URL."""
        self.app.copy_to_clipboard(self._head.url)
        self.notify(self._head.url, title="Copied", timeout=4, markup=False)

    def action_back(self) -> None:
        """Go back to the session."""
        if self._opened:
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a key only if it applies."""
        if action == "back":
            return self._opened
        return super().check_action(action, parameters)

    @property
    def _call(self) -> CallState | None:
        """The one that was chosen; until one is, and once it is no longer listed, the one on top."""
        rows = ordered(self._state)
        return next((call for call in rows if call.call == self._chosen), rows[0] if rows else None)
