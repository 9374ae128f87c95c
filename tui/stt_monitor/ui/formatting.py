"""Formats values, times and settings for the screen; words and glyphs of states and connections."""

from typing import Final
from urllib.parse import urlsplit

from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.units import Unit, format_value, in_text
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings.requested import Schema, Setting, TurnSettings
from stt_monitor.core.snapshot import Audio
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE, SERVER_DEFAULT
from stt_monitor.services.registry import dialect_of, service_of
from stt_monitor.system.hosts import is_this_machine

MS: Final = 1000
"""Milliseconds in a second."""

PENDING: Final = "…"
"""Shown for a metric that is not final yet."""

CONNECTION_GLYPHS: Final = {
    Connection.CONNECTING: "◇",
    Connection.CONNECTED: "◆",
    Connection.RECONNECTING: "◈",
    Connection.CLOSED: "◇",
}
CONNECTION_STYLES: Final = {
    Connection.CONNECTING: ".warn",
    Connection.CONNECTED: ".good",
    Connection.RECONNECTING: ".warn",
    Connection.CLOSED: ".faint",
}

_KILO: Final = 1000

LONGEST_MS: Final = 99_999
"""Longer times are shown in seconds, so that they fit five cells."""


def measured(value: float | None, unit: Unit, *, pending: bool = False) -> str:
    """Format a measured value (see `Unit`) without its unit, in at most five cells if it is plausible."""
    if value is None:
        return PENDING if pending else NO_VALUE
    if unit is Unit.MILLISECONDS and round(value * MS) > LONGEST_MS:
        return f"{format_value(value, Unit.SECONDS, 0)}s"
    return in_text(value, unit)


def figure(metric: Metric, value: float | None, marks: Marks, *, pending: bool = False) -> str:
    """Format a value as `measured` does, with `~` where it is derived; without one, say if the service can have it."""
    if value is None and pending and metric.key not in marks.absent:
        return PENDING
    return marks.text(metric, value, lambda known: measured(known, metric.unit))


def onset_words(session: SessionRecord) -> str:
    """Say what makes the service of a session start a turn."""
    return f"{service_of(session).title} {dialect_of(session).onset.value}."


def milliseconds(seconds: float | None) -> str:
    """Format seconds as whole milliseconds, like `measured`."""
    return measured(seconds, Unit.MILLISECONDS)


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Format seconds as `m:ss`, `m:ss.t` or `h:mm:ss`; never negative, rounded down."""
    total = int(max(0.0, seconds) * 10)
    whole, tenth = divmod(total, 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minute:02}:{second:02}"
    return f"{minute}:{second:02}.{tenth}" if tenths else f"{minute}:{second:02}"


def clock_ms(seconds: float) -> str:
    """Format seconds to the millisecond, `m:ss.mmm`."""
    minutes, rest = divmod(max(0, round(seconds * MS)), 60 * MS)
    return f"{minutes}:{rest // MS:02}.{rest % MS:03}"


def lasting_short(seconds: float) -> str:
    """Return a duration in at most six cells, seconds: `0.250`, `12.3`, `754`."""
    if seconds < 10:  # noqa: PLR2004 - digits
        return f"{seconds:.3f}"
    return f"{seconds:.1f}" if seconds < 1000 else f"{seconds:.0f}"  # noqa: PLR2004


def host(url: str) -> str:
    """Return host and port of a URL, never its query, which may hold a token."""
    try:
        return clean(urlsplit(url).netloc.rpartition("@")[2])
    except ValueError:  # not a URL at all
        return "unknown host"


def quiet_word(audio: Audio) -> str:
    """Return `paused` for a file, `muted` for other inputs."""
    return "paused" if audio.kind in (SourceKind.FILE, SourceKind.REPLAY) else "muted"


def on_this_machine(where: str) -> bool:
    """Return whether a host, with or without its port, is this machine."""
    try:
        return is_this_machine(urlsplit(f"//{where}").hostname or "")
    except ValueError:  # not a host at all
        return False


def settings_in_full(schema: Schema, turn: TurnSettings) -> str:
    """Return the active turn settings by name, and that the others are defaults."""
    asked = settings_asked(schema, turn)
    whole = not turn or set(turn) >= set(schema.names)
    return asked if whole else f"{asked}, else {SERVER_DEFAULT}"


def settings_asked(schema: Schema, turn: TurnSettings) -> str:
    """Return the requested turn settings by name."""
    asked = (
        f"{each.word} {setting_text(each, turn[each.name])}{each.unit and f' {each.unit}'}"
        for each in schema.settings
        if each.name in turn
    )
    return ", ".join(asked) or SERVER_DEFAULT


def settings_in_short(schema: Schema, turn: TurnSettings) -> str:
    """Return one turn setting by name, several by their values in order; the timeout only if it is set."""
    if not turn:
        return "defaults"
    if len(turn) == 1:
        return settings_asked(schema, turn)
    shown = [name for name in schema.names if name in turn or name != schema.end_timeout]
    unset = {each.name: each.unset if each.default is None else NO_VALUE for each in schema.settings}
    return " ".join(
        short_number(setting_text(schema[name], turn[name])) if name in turn else unset[name] for name in shown
    )


def short_number(text: str) -> str:
    """Return a number without the zero before its point."""
    return text[1:] if text.startswith("0.") else text


def setting_text(setting: Setting, value: float | None) -> str:
    """Format the value of a setting; None: it is not set, and has no published default."""
    if value is None:
        return setting.unset
    return setting.text(value) if setting.words else f"{value:g}"


def size_text(size: int) -> str:
    """Format a number of bytes in at most seven cells."""
    if size < _KILO:
        return f"{size} B"
    return f"{size / _KILO:.1f} kB" if size < _KILO * _KILO else f"{size / _KILO / _KILO:.1f} MB"
