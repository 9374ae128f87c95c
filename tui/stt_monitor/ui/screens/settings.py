"""Overlay that tunes turn settings, and compares the metrics under each of them."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content

from stt_monitor.core.pairs.in_this_run import InThisRun
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings.requested import Schema, TurnSettings, order_text
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import beginning
from stt_monitor.core.text.wording import SERVER_DEFAULT
from stt_monitor.services.registry import services
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import LineWidget, Page
from stt_monitor.ui.widgets.comparison import Row, comparison, settings_rows
from stt_monitor.ui.widgets.key_line import KeyLine
from stt_monitor.ui.widgets.settings_form import FORM_KEYS, SettingsForm
from stt_monitor.ui.widgets.what_if import WhatIfLine

_KEYS: Final = (
    KeyGroup(
        "apply: sent at once to a running session, and used for later ones",
        (Key("enter", "Apply", "apply", footer=1),),
    ),
    KeyGroup("close; changes that were not applied are lost", (Key("escape,t", "Close", "dismiss", footer=0),)),
)


class SettingsScreen(Modal):
    """The tuning overlay, in the corner of the metrics; the session stays visible."""

    AUTO_FOCUS = "SettingsForm"
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = (
        "Turn settings",
        (
            *keys_and_meanings((*FORM_KEYS, *_KEYS)),
            ("*", "differs from what is active"),
            (
                "would have been",
                "what the draft would have done; later ends cannot be told",
            ),
            *((each.label, f"{one.title}: {each.hint}") for one in services() for each in one.all_settings),
        ),
    )

    def __init__(
        self,
        apply: Callable[[TurnSettings], None],
        schema: Schema,
        snapshot: Snapshot | None,
        active: TurnSettings,
        on_draft: Callable[[TurnSettings | None], None],
    ) -> None:
        super().__init__()
        self._apply = apply
        self._on_draft = on_draft
        self._schema = schema
        self._first = snapshot
        self._active = active
        self._pushed = ""
        self._applied = False
        """The active settings were applied here."""
        self._waiting = ""
        """Why they are not active yet: the service takes them with another connection."""

    def compose(self) -> ComposeResult:
        """Lay out the overlay."""
        with Vertical(id="tune", classes="box") as box:
            box.border_title = "Tune"
            box.border_subtitle = f"↑ ↓ ← → or type · ⌫ {SERVER_DEFAULT}"
            yield SettingsForm(self._schema, self._active, id="settings-form")
            yield DraftStatus(id="draft-status")
            yield WhatIfLine(self._schema, id="what-if")
            yield SettingsComparison(id="by-settings")
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the first snapshot."""
        self._live = self._first is not None and self._first.running
        self._say("")
        if self._first is not None:
            self.show(self._first)

    def on_unmount(self) -> None:
        """Forget a draft that was not applied."""
        self._on_draft(None)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        if snapshot.running != self._live:
            self._live = snapshot.running
            self._say("")
        waiting = snapshot.detail if snapshot.connection is Connection.CONNECTING else ""
        if waiting != self._waiting:
            self._waiting = waiting
            self._say("")
        if snapshot.running:
            self.query_one(SettingsForm).show(snapshot.settings)
        self.query_one(WhatIfLine).show(snapshot)
        self.query_one(SettingsComparison).show(snapshot)

    def on_settings_form_changed(self, message: SettingsForm.Changed) -> None:
        """Show what the draft would do, or why a change was refused."""
        self._pushed = message.pushed
        self._say(message.refusal)

    def action_apply(self) -> None:
        """Apply the draft, including a value that is being typed."""
        form = self.query_one(SettingsForm)
        if form.commit_entry() and form.is_modified:
            self._apply(form.draft)
            self._applied = True
            if not self._live:  # no session will report it as active
                form.show(form.draft)

    def _say(self, refusal: str) -> None:
        form, status = self.query_one(SettingsForm), self.query_one(DraftStatus)
        is_modified = form.is_modified
        draft = form.draft if is_modified else None
        self.query_one(WhatIfLine).draft(draft)
        self._on_draft(draft)
        pushed = f"; {self._pushed}" if self._pushed else ""
        order = order_text(self._schema.orders, lambda name: self._schema[name].label)
        if refusal:
            status.say(refusal, ".warn")
        elif is_modified and pushed:
            status.say(f"{self._pushed}: {order}", ".warn")
        elif is_modified and self._applied and self._waiting:
            status.say(beginning(self._waiting), ".flash")
        elif is_modified and self._live:
            status.say("Enter applies it now, and to later sessions", ".flash")
        elif is_modified:
            status.say("Enter saves it for the next session", ".flash")
        elif self._applied and self._live:
            status.say(f"active now{pushed}", ".good")
        elif self._applied:
            status.say(f"saved for the next session{pushed}", ".good")
        elif self._live:
            status.say("active now: change something, then press Enter", ".faint")
        else:
            status.say("settings of the next session", ".faint")


class DraftStatus(LineWidget):
    """One sentence on the draft of settings."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._sentence, self._style = "", ""

    def say(self, sentence: str, style: str) -> None:
        """Show another sentence."""
        self._sentence, self._style = sentence, style
        self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        return [Content.assemble((f"  {self._sentence}", self._style)).truncate(width, ellipsis=True)]


class SettingsComparison(Page):
    """Comparison of the settings that turns ran under; without room for all, the newest."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._rows: list[Row] = []
        self._compared = InThisRun()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        rows = settings_rows(snapshot, self._compared.rows(snapshot))
        if rows != self._rows:
            self._rows = rows
            self.rewrite()

    def all_lines(self, width: int) -> list[Content]:
        """Compose the heading and all lines."""
        lines = comparison("settings", self._rows, width)
        return lines if self._rows else [*lines, Content.assemble(("  no turn has ended yet", ".faint"))]

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the heading and the newest lines that fit."""
        lines = self.all_lines(width)
        heading = len(lines) - max(1, len(self._rows))
        return [*lines[:heading], *lines[heading:][-max(1, height - heading) :]]
