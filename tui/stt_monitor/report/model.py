"""The content of a report: sessions, and the groups of turns that are compared."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from heapq import nlargest
from typing import Final
from urllib.parse import urlsplit

import msgspec

from stt_monitor.core.metrics.aggregate import Aggregate, Aggregator, combine
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings import Schema
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.report.formatting import settings_in_words
from stt_monitor.services.registry import schema_of, service_of

DRAWN: Final = 60
"""Timelines in a report, over all its sessions."""

LISTED: Final = 1000
"""Rows in the turn tables of a report, over all its sessions."""


class By(Enum):
    """How turns are grouped."""

    SESSION = "session"
    FOLDER = "folder"
    """Folders of sessions that the user named."""
    SETTINGS = "settings"
    SERVICE = "service"
    """Address and model; all servers of this machine are one."""


class LoadedSession(msgspec.Struct, frozen=True):
    """A saved session read to its end: its last snapshot, and what recorded it. Its text is as it came."""

    name: str
    snapshot: Snapshot
    aggregate: Aggregate
    """Over all of its turns."""
    program: str
    """Name and version of the program that recorded it."""
    platform: str
    """What that ran on; empty if unknown."""
    folder: str = ""
    """The folder of sessions that the user named; empty if the session itself was named."""
    group: str = ""
    """The path of the services side by side that it is one of; empty for a session alone."""

    @property
    def title(self) -> str:
        """The name of its source, else its own; the service's where it is one of several side by side."""
        if self.group:
            return self.service
        return self.snapshot.session.source or self.name

    @property
    def service(self) -> str:
        """Name of its service, for people."""
        return service_of(self.snapshot.session).title

    @property
    def schema(self) -> Schema:
        """The settings that its service has."""
        return schema_of(self.snapshot.session)

    @property
    def labelled(self) -> bool:
        """Whether reference speech comes from labels, not from a detector."""
        return self.snapshot.session.reference == "labels"


class Group(msgspec.Struct, frozen=True):
    """A set of turns that is compared with others."""

    label: str
    turns: int
    aggregate: Aggregate


class Report(msgspec.Struct, frozen=True):
    """The content of a report. The first group is the baseline of the others."""

    by: By
    sessions: tuple[LoadedSession, ...]
    groups: tuple[Group, ...]

    @property
    def drawn(self) -> int:
        """Timelines of each session."""
        return max(DRAWN // len(self.sessions), 1)

    @property
    def listed(self) -> int:
        """Rows of each session."""
        return max(LISTED // len(self.sessions), 1)


def compose(sessions: Sequence[LoadedSession], by: By) -> Report:
    """Group the turns of sessions (at least one), in the order in which groups first appear."""
    if by is By.SETTINGS:
        groups = _by_settings(sessions)
    elif by is By.SERVICE:
        groups = _by_name(sessions, lambda each: _service(each.snapshot.session))
    elif by is By.FOLDER:
        groups = _by_name(sessions, lambda each: each.folder or _name(each, sessions))
    else:
        groups = [Group(_name(each, sessions), len(each.snapshot.finished), each.aggregate) for each in sessions]
    return Report(by, tuple(sessions), tuple(groups))


def notable(turns: Sequence[FinishedTurn], most: int) -> list[FinishedTurn]:
    """Pick the turns worth a look: up to half of them went wrong, the others are the slowest.

    Returns:
        At most `most`, in their order; all, if there are no more.
    """
    if len(turns) <= most:
        return list(turns)
    wrong = nlargest(most // 2, filter(went_wrong, turns), key=_slowness)
    picked = {each.turn.number for each in wrong}
    rest = nlargest(most - len(wrong), (each for each in turns if each.turn.number not in picked), key=_slowness)
    return sorted([*wrong, *rest], key=lambda each: each.turn.number)


def _slowness(each: FinishedTurn) -> float:
    """Return the latency of the service (s); turns that machine or line held up come last, for it is unknown."""
    return -1.0 if each.metrics.slow else each.metrics.eot_latency or 0.0


def went_wrong(each: FinishedTurn) -> bool:
    """Return whether a turn was cut off, resumed, spurious or never ended; what line or machine slowed is excused."""
    figures = each.metrics
    if figures.slow:
        return each.turn.ended_at is None
    return bool(figures.false_cutoff or figures.resumes or figures.spurious or each.turn.ended_at is None)


def _name(each: LoadedSession, sessions: Iterable[LoadedSession]) -> str:
    """Return the title, or the recording's name where titles are the same."""
    return each.title if sum(other.title == each.title for other in sessions) == 1 else each.name


def _by_name(sessions: Sequence[LoadedSession], name: Callable[[LoadedSession], str]) -> list[Group]:
    members: dict[str, list[LoadedSession]] = {}
    for each in sessions:
        members.setdefault(name(each), []).append(each)
    return [_group(label, group) for label, group in members.items()]


def with_protocol(session: SessionRecord) -> str:
    """Name the local server and the protocol that it spoke."""
    return f"{session.server}, {service_of(session).title}'s protocol"


def _service(session: SessionRecord) -> str:
    """Name what was measured. All servers of this machine are one: their ports differ every time."""
    if session.server:
        return with_protocol(session)
    url = session.url
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # anybody may have written the file that it is from
        host = ""
    here = host == "localhost" or host.startswith("127.") or host == "::1"
    return f"{'a server on this machine' if here else url}, {session.model}"


def _group(label: str, sessions: Sequence[LoadedSession]) -> Group:
    aggregate = combine([each.aggregate for each in sessions])
    return Group(label, aggregate.counts.turns, aggregate)


def _by_settings(sessions: Sequence[LoadedSession]) -> list[Group]:
    members: dict[str, Aggregator] = {}
    for each in sessions:
        for turn in each.snapshot.finished:
            members.setdefault(settings_in_words(turn.turn.settings), Aggregator()).add(turn)
    if not members:
        members[settings_in_words(sessions[0].snapshot.session.settings.turn)] = Aggregator()
    aggregates = {label: turns.result() for label, turns in members.items()}
    return [Group(label, aggregate.counts.turns, aggregate) for label, aggregate in aggregates.items()]
