"""The panel for tuning: the turn settings, and beneath them what each setting made of the figures."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer

from stt_monitor.core.settings import Schema, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.wording import SERVER_DEFAULT
from stt_monitor.services.registry import services
from stt_monitor.ui.key_bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keys import Key, Line
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import LineWidget, Page
from stt_monitor.ui.widgets.comparison import Row, comparison, settings_rows
from stt_monitor.ui.widgets.settings_form import FORM_KEYS, SettingsForm

_KEYS: Final = (
    Line(
        "apply: sent at once to a running session, kept for those that follow",
        (Key("enter", "Apply", "apply", footer=1),),
    ),
    Line("close; what was not applied is forgotten", (Key("escape,t", "Close", "dismiss", footer=0),)),
)


class SettingsScreen(Modal):
    """The panel, in the figures' corner; the session stays in sight."""

    AUTO_FOCUS = "SettingsForm"
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = (
        "Turn settings",
        (
            *keys_and_meanings((*FORM_KEYS, *_KEYS)),
            ("*", "differs from what is active"),
            *((each.label, f"{one.title}: {each.hint}") for one in services() for each in one.schema.settings),
        ),
    )

    def __init__(
        self,
        apply: Callable[[TurnSettings], None],
        schema: Schema,
        snapshot: Snapshot | None,
        active: TurnSettings,
    ) -> None:
        super().__init__()
        self._apply = apply
        self._schema = schema
        self._first = snapshot
        self._active = active
        self._pushed = ""
        self._applied = False
        """What is active was applied here."""

    def compose(self) -> ComposeResult:
        """Lay the panel out."""
        with Vertical(id="tune", classes="box") as box:
            box.border_title = "Tune"
            box.border_subtitle = f"↑ ↓ ← → or type · ⌫ {SERVER_DEFAULT}"
            yield SettingsForm(self._schema, self._active, id="settings-form")
            yield Verdict(id="verdict")
            yield SettingsComparison(id="by-settings")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show what is known."""
        self._live = self._first is not None and self._first.running
        self._say("")
        if self._first is not None:
            self.show(self._first)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        if snapshot.running != self._live:
            self._live = snapshot.running
            self._say("")
        if snapshot.running:
            self.query_one(SettingsForm).show(snapshot.settings)
        self.query_one(SettingsComparison).show(snapshot)

    def on_settings_form_changed(self, message: SettingsForm.Changed) -> None:
        """Say what the draft would do, or why there is none."""
        self._pushed = message.pushed
        self._say(message.refusal)

    def action_apply(self) -> None:
        """Have the draft from now on; a value that is being typed is taken first."""
        form = self.query_one(SettingsForm)
        if form.take_entry() and form.touched:
            self._apply(form.draft)
            self._applied = True
            if not self._live:  # no session will report it as active
                form.show(form.draft)

    def _say(self, refusal: str) -> None:
        verdict, touched = self.query_one(Verdict), self.query_one(SettingsForm).touched
        pushed = f"; {self._pushed}" if self._pushed else ""
        order = (" ≥ " if self._schema.ties else " > ").join(
            self._schema[name].label for name in self._schema.descending
        )
        if refusal:
            verdict.say(refusal, ".warn")
        elif touched and pushed:
            verdict.say(f"{self._pushed}: {order}", ".warn")
        elif touched and self._live:
            verdict.say("Enter applies it now, and to the sessions that follow", ".flash")
        elif touched:
            verdict.say("Enter keeps it for the next session", ".flash")
        elif self._applied and self._live:
            verdict.say(f"active now{pushed}", ".good")
        elif self._applied:
            verdict.say(f"kept for the next session{pushed}", ".good")
        elif self._live:
            verdict.say("active now: change something, then press Enter", ".faint")
        else:
            verdict.say("the next session will ask for this", ".faint")


class Verdict(LineWidget):
    """One sentence on the draft."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._sentence, self._style = "", ""

    def say(self, sentence: str, style: str) -> None:
        """Say something else."""
        self._sentence, self._style = sentence, style
        self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        return [Content.assemble((f"  {self._sentence}", self._style)).truncate(width, ellipsis=True)]


class SettingsComparison(Page):
    """A line for each of the settings that turns ran under, the newest ones where there is no room for all."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._rows: list[Row] = []

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        rows = settings_rows(snapshot)
        if rows != self._rows:
            self._rows = rows
            self.rewrite()

    def all_lines(self, width: int) -> list[Content]:
        """Compose the heading and all lines."""
        lines = comparison("settings", self._rows, width)
        return lines if self._rows else [*lines, Content.assemble(("  no turn is over yet", ".faint"))]

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the heading and as many lines as there is room for."""
        lines = self.all_lines(width)
        heading = len(lines) - max(1, len(self._rows))
        return [*lines[:heading], *lines[heading:][-max(1, height - heading) :]]
