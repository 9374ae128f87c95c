"""What a report is about: sessions, and the groups of turns in them that are compared."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from heapq import nlargest
from typing import Final
from urllib.parse import urlsplit

import msgspec

from stt_monitor.core.metrics.aggregate import Aggregate, Aggregating, join
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings import Schema
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.report.formatting import settings_in_words
from stt_monitor.services.registry import service_of

DRAWN: Final = 60
"""Turns whose timelines are drawn in one report, over all its sessions."""

LISTED: Final = 1000
"""Turns that the table of a report lists, over all its sessions."""


class By(Enum):
    """What groups are made by."""

    SESSION = "session"
    FOLDER = "folder"
    """What the user named: folders with sessions in them."""
    SETTINGS = "settings"
    SERVICE = "service"


class LoadedSession(msgspec.Struct, frozen=True):
    """A session as it was kept: its last snapshot, and what made it. Its text is as it came."""

    name: str
    snapshot: Snapshot
    pool: Aggregate
    """All of its turns."""
    program: str
    """Name and version of the program that recorded it."""
    platform: str
    """What that ran on; empty when nobody noted it."""
    folder: str = ""
    """The folder of sessions that it is from, as the user called it; empty when it was named itself."""

    @property
    def title(self) -> str:
        """What people call it: the name of its source."""
        return self.snapshot.session.source or self.name

    @property
    def schema(self) -> Schema:
        """The settings of the service that it was about."""
        return service_of(self.snapshot.session).schema

    @property
    def labelled(self) -> bool:
        """Whether reference speech is what somebody labelled, and no guess."""
        return self.snapshot.session.reference == "labels"


class Group(msgspec.Struct, frozen=True):
    """Turns that belong together."""

    label: str
    turns: int
    pool: Aggregate


class Report(msgspec.Struct, frozen=True):
    """All that a report says. The first group is what the others are compared with."""

    by: By
    sessions: tuple[LoadedSession, ...]
    groups: tuple[Group, ...]

    @property
    def drawn(self) -> int:
        """How many timelines each session gets."""
        return max(DRAWN // len(self.sessions), 1)

    @property
    def listed(self) -> int:
        """How many turns of each session are listed."""
        return max(LISTED // len(self.sessions), 1)


def compose(sessions: Sequence[LoadedSession], by: By) -> Report:
    """Make groups of sessions (at least one), in the order in which they turn up."""
    if by is By.SETTINGS:
        groups = _by_settings(sessions)
    elif by is By.SERVICE:
        groups = _by_name(sessions, lambda each: _service(each.snapshot.session))
    elif by is By.FOLDER:
        groups = _by_name(sessions, lambda each: each.folder or _name(each, sessions))
    else:
        groups = [Group(_name(each, sessions), len(each.snapshot.finished), each.pool) for each in sessions]
    return Report(by, tuple(sessions), tuple(groups))


def notable(turns: Sequence[FinishedTurn], most: int) -> list[FinishedTurn]:
    """Pick the turns that one would want to see: those that went wrong, for half of the places, and the slowest.

    Returns:
        At most so many, in their order; all, if they are no more.
    """
    if len(turns) <= most:
        return list(turns)
    wrong = nlargest(most // 2, filter(went_wrong, turns), key=_slowness)
    picked = {each.turn.number for each in wrong}
    rest = nlargest(most - len(wrong), (each for each in turns if each.turn.number not in picked), key=_slowness)
    return sorted([*wrong, *rest], key=lambda each: each.turn.number)


def _slowness(each: FinishedTurn) -> float:
    """How late the service was; where line or machine held it up, nobody knows, and such turns come last."""
    return -1.0 if each.figures.slow else each.figures.eot_latency or 0.0


def went_wrong(each: FinishedTurn) -> bool:
    """Say whether a turn was cut off, taken back, about nothing, or without an end, and the service is to blame."""
    figures = each.figures
    if figures.slow:
        return each.turn.ended_at is None
    return bool(figures.false_cutoff or figures.resumes or figures.spurious or each.turn.ended_at is None)


def _name(each: LoadedSession, sessions: Iterable[LoadedSession]) -> str:
    """A session goes by its title; where two have the same, by the names of the recordings."""
    return each.title if sum(other.title == each.title for other in sessions) == 1 else each.name


def _by_name(sessions: Sequence[LoadedSession], name: Callable[[LoadedSession], str]) -> list[Group]:
    members: dict[str, list[LoadedSession]] = {}
    for each in sessions:
        members.setdefault(name(each), []).append(each)
    return [_group(label, kept) for label, kept in members.items()]


def _service(session: SessionRecord) -> str:
    """Name what was measured. All the servers of this machine are one, for their ports are others every time."""
    if session.server:
        return session.server
    url = session.url
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # it came from a file that anybody may have written
        host = ""
    here = host == "localhost" or host.startswith("127.") or host == "::1"
    return f"{'a server on this machine' if here else url}, {session.model}"


def _group(label: str, kept: Sequence[LoadedSession]) -> Group:
    pool = join([each.pool for each in kept])
    return Group(label, pool.counts.turns, pool)


def _by_settings(sessions: Sequence[LoadedSession]) -> list[Group]:
    members: dict[str, Aggregating] = {}
    for each in sessions:
        for turn in each.snapshot.finished:
            members.setdefault(settings_in_words(turn.turn.settings), Aggregating()).add(turn)
    if not members:
        members[settings_in_words(sessions[0].snapshot.session.settings.turn)] = Aggregating()
    pools = {label: pooling.pool() for label, pooling in members.items()}
    return [Group(label, pool.counts.turns, pool) for label, pool in pools.items()]
