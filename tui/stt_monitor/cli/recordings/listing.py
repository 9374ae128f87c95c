"""The list of saved sessions: a table for people, lines for programs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec
from rich.cells import cell_len, set_cell_size

from stt_monitor.core.listed_session import ListedService, RecordingInfo
from stt_monitor.core.metrics.units import Unit, in_data
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.text.moments import duration, when
from stt_monitor.core.text.sanitize import printable
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.recording.listing import described
from stt_monitor.recording.manifest import FINISHED
from stt_monitor.recording.reader import Recording, Unreadable
from stt_monitor.recording.saved_sessions import SavedSession
from stt_monitor.report.formatting import settings_in_words
from stt_monitor.services.registry import schema_of

_HEAD: Final = (
    "when", "source", "service", "settings", "turns", "eot p50", "cut-offs", "length", "MB", "name", "",
)  # fmt: skip
_NUMBERS: Final = ("turns", "eot p50", "cut-offs", "length", "MB")
_SOURCE: Final = 32
"""Most cells of a source, and of settings."""

_LONGEST_S: Final = 1e9
"""A longer session, by its manifest, is damaged: three decades."""


class ServiceLine(msgspec.Struct, frozen=True):
    """What a session came to with one service."""

    service: str
    local: bool
    """Whether the local server spoke for it."""
    model: str
    settings: TurnSettings
    """As it began."""
    turns: int | None
    """Null when the program was killed during it, or while it goes on; what follows too, and in older sessions."""
    eot_n: int | None
    eot_latency_p50_ms: float | None
    eot_latency_p90_ms: float | None
    false_cutoffs: int | None
    cutoffs_exact: bool | None
    """Whether they are counted by labels; else they are a proxy."""


class SessionLine(msgspec.Struct, frozen=True, tag_field="kind", tag="saved_session"):
    """A saved session: a line of `--json`."""

    name: str
    path: str
    source: str
    started_at: str
    seconds: float | None
    bytes: int
    status: str
    """Why it is not complete; empty if it is."""
    services: tuple[ServiceLine, ...]
    """One, or several side by side."""


class UnreadableLine(msgspec.Struct, frozen=True, tag_field="kind", tag="unreadable_session"):
    """A saved session that cannot be opened: a line of `--json`."""

    name: str
    reason: str


def table(found: Sequence[SavedSession], unreadable: Sequence[Unreadable]) -> Iterator[str]:
    """Yield the lines of a table."""
    rows = [_HEAD, *map(_row, found)]
    blank = [NO_VALUE] * (len(_HEAD) - 2)
    rows += [(*blank, printable(each.name), f"({printable(each.reason)})") for each in unreadable]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return (_line(row, widths) for row in rows)


def json_lines(found: Iterable[SavedSession], unreadable: Iterable[Unreadable]) -> Iterator[str]:
    """Yield a line of JSON for each session."""
    for session in found:
        yield to_json(_session_line(session))
    for each in unreadable:
        yield to_json(UnreadableLine(each.name, each.reason))


def _session_line(session: SavedSession) -> SessionLine:
    info = described(session)
    return SessionLine(
        session.name,
        str(session.path.absolute()),
        session.source,
        session.started_at,
        session.seconds,
        session.size,
        _status(session),
        tuple(map(_service_line, info.by_service)),
    )


def _service_line(one: ListedService) -> ServiceLine:
    session, result = one.session, one.result
    return ServiceLine(
        one.service,
        bool(session.server),
        session.model,
        session.settings.turn,
        one.turns,
        None if result is None else result.eot_n,
        None if result is None else in_data(result.eot_p50_s, Unit.MILLISECONDS),
        None if result is None else in_data(result.eot_p90_s, Unit.MILLISECONDS),
        None if result is None else result.false_cutoffs,
        None if result is None else result.exact,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = []
    for name, cell, width in zip(_HEAD, row, widths, strict=True):
        blanks = " " * (width - cell_len(cell))
        cells.append(f"{blanks}{cell}" if name in _NUMBERS else f"{cell}{blanks}")
    return "  ".join(cells).rstrip()


def _row(session: SavedSession) -> tuple[str, ...]:
    info = described(session)
    return (
        when(session.started_at),
        _short(session.source),
        _short(info.services),
        _short(_settings(info)),
        info.each(lambda one: NO_VALUE if one.turns is None else str(one.turns)),
        info.each(lambda one: one.eot) + (" (n < 5)" if info.is_small else ""),
        info.each(lambda one: one.cutoffs),
        _length(session.seconds),
        f"{session.size / 1e6:.1f}",
        printable(session.name),
        f"({status})" if (status := _status(session)) else "",
    )


def _settings(info: RecordingInfo) -> str:
    """Return the requested settings, once if all have the same."""
    said = [settings_in_words(schema_of(one.session), one.session.settings.turn) for one in info.by_service]
    return "/".join(said if len(set(said)) > 1 else said[:1])


def _short(text: str) -> str:
    text = printable(text)
    return text if cell_len(text) <= _SOURCE else f"{set_cell_size(text, _SOURCE - 1).rstrip()}…"


def _length(seconds: float | None) -> str:
    if seconds is None or not 0 <= seconds < _LONGEST_S:
        return NO_VALUE
    return duration(seconds)


def _status(session: SavedSession) -> str:
    """Say why a session is not complete; empty if it is."""
    if session.growing:
        return "being recorded"
    if not session.services:
        return _ended(*session.lanes)
    broken = [(lane.path.name, ended) for lane in session.lanes if (ended := _ended(lane))]
    broken += [(each.name, each.why) for each in session.unreadable]
    return "; ".join(f"{name}: {printable(why)}" for name, why in broken)


def _ended(recording: Recording) -> str:
    ended = recording.manifest.ended
    return "" if ended == FINISHED else printable(ended) or "incomplete"
