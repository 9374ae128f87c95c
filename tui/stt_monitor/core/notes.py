"""Notes of a session: changed settings, pauses, lost connections. Pure."""

from collections.abc import Iterable
from enum import Enum

import msgspec

from stt_monitor.core.settings.requested import OFF, Schema, TurnSettings, number_text
from stt_monitor.core.text.moments import lasting


class NoteKind(Enum):
    """Kind of a note."""

    SETTINGS = "settings"
    REFUSED = "refused"
    """The service refused changed settings: those before are in force again."""
    PAUSED = "paused"
    """A file."""
    MUTED = "muted"
    """Live audio."""
    LOST = "connection lost"
    """And there is none again yet, or never was."""
    RECONNECTED = "reconnected"
    """After it was lost."""


class Note(msgspec.Struct, frozen=True):
    """One thing that happened. Times are seconds of session."""

    kind: NoteKind
    at: float
    until: float | None = None
    """When it was over: a pause, an outage; None while it goes on."""
    settings: TurnSettings = TurnSettings()
    """Those in force since."""
    before: TurnSettings = TurnSettings()
    """Those in force until then."""
    reason: str = ""
    """Why the connection was lost; raw."""


def settings_since(notes: Iterable[Note], present: TurnSettings) -> list[tuple[float, TurnSettings]]:
    """Return all settings that were in force, oldest first, with the session time since when they were.

    Args:
        notes: of the session, in the order of time.
        present: the settings in force now.
    """
    changes = [note for note in notes if note.kind in (NoteKind.SETTINGS, NoteKind.REFUSED)]
    first = changes[0].before if changes else present
    return [(0.0, first), *((change.at, change.settings) for change in changes)]


def note_words(note: Note, schema: Schema) -> str:
    """Return a note as a clause: what happened, how long it lasted, and why, which is raw."""
    reason = f": {note.reason}" if note.reason else ""
    match note.kind:
        case NoteKind.SETTINGS:
            return f"settings: {changed_settings(note, schema)}"
        case NoteKind.REFUSED:
            return f"settings refused, back to {changed_settings(note, schema)}"
        case NoteKind.RECONNECTED:
            return f"reconnected after {lasted(note)}{reason}"
        case _:
            return f"{note.kind.value} {lasted(note)}".rstrip() + reason


def lasted(note: Note) -> str:
    """Return how long a note lasted; empty for a moment, and for what goes on."""
    return "" if note.until is None else lasting(note.until - note.at)


def changed_settings(note: Note, schema: Schema) -> str:
    """Return the settings that a note changes, with their new values: `end 0.45, timeout 4000 ms`."""
    before, after = schema.completed(note.before), schema.completed(note.settings)
    words = {each.name: each.word for each in schema.settings}
    return ", ".join(
        f"{words.get(name, name)} {_value(schema, name, after.get(name))}"
        for name in dict.fromkeys([*schema.names, *before, *after])
        if before.get(name) != after.get(name)
    )


def _value(schema: Schema, name: str, value: float | None) -> str:
    setting = next((each for each in schema.settings if each.name == name), None)
    if setting is None:
        return OFF if value is None else number_text(value)
    if value is None:
        return setting.unset
    return setting.text(value) + (f" {setting.unit}" if setting.unit else "")
