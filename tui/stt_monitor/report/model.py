"""The content of a report: sessions, and the groups of turns that are compared."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.local_server import with_protocol
from stt_monitor.core.metrics.aggregate import Aggregate, Aggregator, combine
from stt_monitor.core.pairs.hearing import heard_of
from stt_monitor.core.pairs.sessions import SessionPairs, pair_heard
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.side_by_side.rows import Row, rows_of
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.arms import sound_of
from stt_monitor.core.sound.heard import Heard
from stt_monitor.core.text.wording import plural
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
    clip: Callable[[FinishedTurn], str] | None = None
    """Makes the `data:` URL of a turn's audio, empty where there is none; None: the page has no audio."""

    @property
    def title(self) -> str:
        """The name of its source, with what degraded it, else its own; the service's where it is one of several."""
        if self.group:
            return self.service
        return sound_of(self.snapshot.session) or self.name

    @property
    def service(self) -> str:
        """Name of its service, for people."""
        return service_of(self.snapshot.session).title

    @property
    def measured(self) -> str:
        """Its service, and whether it was the local server that spoke for it."""
        return f"{self.service} (local server)" if self.snapshot.session.server else self.service

    @property
    def schema(self) -> Schema:
        """The settings that its service has."""
        return schema_of(self.snapshot.session)


def usual_by(sessions: Sequence[LoadedSession]) -> By:
    """Return what to compare sessions by where nobody says it."""
    if len({each.folder for each in sessions}) > 1:
        return By.FOLDER
    return By.SERVICE if all(each.group for each in sessions) else By.SESSION


class Group(msgspec.Struct, frozen=True):
    """A set of turns that is compared with others."""

    label: str
    turns: int
    aggregate: Aggregate
    sessions: tuple[LoadedSession, ...]
    """Those that its turns are of."""
    heard: tuple[Heard, ...] = ()
    """What pairs need of them; empty for the only group."""


class SavedRun(msgspec.Struct, frozen=True):
    """Services side by side over the same audio."""

    sessions: tuple[LoadedSession, ...]
    rows: tuple[Row, ...]
    """Their reference speech, with what each made of it."""

    @property
    def name(self) -> str:
        """Its path, which its sessions have in `group`."""
        return self.sessions[0].group

    @property
    def source(self) -> str:
        """Name of what they heard."""
        return sound_of(self.sessions[0].snapshot.session)


class Report(msgspec.Struct, frozen=True):
    """The content of a report. The first group is the baseline of the others."""

    by: By
    sessions: tuple[LoadedSession, ...]
    groups: tuple[Group, ...]
    runs: tuple[SavedRun, ...] = ()
    """Those of the sessions that were side by side."""

    paired: tuple[SessionPairs | None, ...] = ()
    """The turns of each group, paired with those of the baseline; None where only sets of values can be compared."""

    asked: str = ""
    """The word for `by` that was asked for; empty for its own."""

    named: str = ""
    """The title that the user gives it; empty for its own."""

    slowest_first: bool = False
    """Whether turns are sorted by their end-of-turn latency, else by number."""

    @property
    def title(self) -> str:
        """What it is about."""
        if self.named:
            return self.named
        if len(self.sessions) == 1:
            (session,) = self.sessions
            return f"{sound_of(session.snapshot.session)}: {session.title}" if session.group else session.title
        if len(self.runs) == 1 and len(self.runs[0].sessions) == len(self.sessions):
            return f"{self.runs[0].source}: {plural(len(self.sessions), 'service')} side by side"
        return plural(len(self.sessions), "session")

    def title_of(self, session: LoadedSession) -> str:
        """Return the title of one of its sessions, its name where several have the same title."""
        return _name(session, self.sessions)

    @property
    def drawn(self) -> int:
        """Timelines of each session."""
        return max(DRAWN // len(self.sessions), 1)

    @property
    def listed(self) -> int:
        """Rows of each session."""
        return max(LISTED // len(self.sessions), 1)


def compose(
    sessions: Sequence[LoadedSession], by: By, asked: str = "", named: str = "", *, slowest_first: bool = False
) -> Report:
    """Group the turns of sessions (at least one), in the order in which groups first appear.

    `asked`, `named` and `slowest_first` are as in `Report`.
    """
    if by is By.SETTINGS:
        groups = _by_settings(sessions)
    elif by is By.SERVICE:
        groups = _by_name(sessions, _service_names(sessions))
    elif by is By.FOLDER:
        groups = _by_name(sessions, [_folder_name(each, sessions) for each in sessions])
    else:
        names = (_name(each, sessions) for each in sessions)
        alone = len(sessions) == 1
        groups = [_group(name, [each], alone=alone) for name, each in zip(names, sessions, strict=True)]
    paired = tuple(_paired(groups[0], group) for group in groups)
    return Report(by, tuple(sessions), tuple(groups), tuple(_runs(sessions)), paired, asked, named, slowest_first)


def _paired(baseline: Group, group: Group) -> SessionPairs | None:
    found = None if group is baseline else pair_heard(baseline.heard, group.heard)
    return found if found is not None and found.linked else None


def _runs(sessions: Sequence[LoadedSession]) -> Iterator[SavedRun]:
    by_run: dict[str, list[LoadedSession]] = {}
    for each in sessions:
        by_run.setdefault(each.group, []).append(each)
    for name, lanes in by_run.items():
        if name and len(lanes) > 1:
            yield SavedRun(tuple(lanes), tuple(rows_of([each.snapshot for each in lanes])))


def _name(each: LoadedSession, sessions: Iterable[LoadedSession]) -> str:
    """Return the title, or the recording's name where titles are the same."""
    return each.title if sum(other.title == each.title for other in sessions) == 1 else each.name


def _folder_name(each: LoadedSession, sessions: Iterable[LoadedSession]) -> str:
    """Return the folder of a session, with its service where it was side by side with others: nobody pools those."""
    folder = each.folder or _name(each, sessions)
    return f"{folder}, {each.service}" if each.group and each.folder else folder


def _service_names(sessions: Sequence[LoadedSession]) -> list[str]:
    """Return what was measured in each session: the service alone where all were side by side at one place each."""
    places = [_service(each.snapshot.session) for each in sessions]
    full = [(each.service, place) for each, place in zip(sessions, places, strict=True)]
    short = [each.measured for each in sessions]
    if all(each.group for each in sessions) and len(set(full)) == len(set(short)):
        return short
    several = len({each.service for each in sessions}) > 1
    return [f"{service}: {place}" if several and service not in place else place for service, place in full]


def _by_name(sessions: Sequence[LoadedSession], names: Iterable[str]) -> list[Group]:
    members: dict[str, list[LoadedSession]] = {}
    for name, each in zip(names, sessions, strict=True):
        members.setdefault(name, []).append(each)
    return [_group(label, group, alone=len(members) == 1) for label, group in members.items()]


def _service(session: SessionRecord) -> str:
    """Name what was measured. All servers of this machine are one: their ports differ every time."""
    if session.server:
        return with_protocol(session.server, service_of(session).title)
    url = session.url
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # anybody may have written the file that it is from
        host = ""
    here = host == "localhost" or host.startswith("127.") or host == "::1"
    return f"{'a server on this machine' if here else url}, {session.model}"


def _group(label: str, sessions: Sequence[LoadedSession], *, alone: bool) -> Group:
    aggregate = sessions[0].aggregate if len(sessions) == 1 else combine([each.aggregate for each in sessions])
    heard = () if alone else tuple(heard_of(each.snapshot) for each in sessions)
    return Group(label, aggregate.counts.turns, aggregate, tuple(sessions), heard)


def _by_settings(sessions: Sequence[LoadedSession]) -> list[Group]:
    several = len({each.service for each in sessions}) > 1
    members: dict[str, Aggregator] = {}
    owners: dict[str, dict[str, LoadedSession]] = {}

    def label(each: LoadedSession, settings: TurnSettings) -> str:
        """Name settings; those of several services are not the same, whatever they are called."""
        words = settings_in_words(each.schema, settings)
        return f"{each.service}, {words}" if several else words

    for each in sessions:
        for turn in each.snapshot.finished:
            name = label(each, turn.turn.settings)
            members.setdefault(name, Aggregator()).add(turn)
            owners.setdefault(name, {})[each.name] = each
    if not members:
        first = sessions[0]
        name = label(first, first.snapshot.session.settings.turn)
        members, owners = {name: Aggregator()}, {name: {first.name: first}}
    groups = []
    for name, turns in members.items():
        aggregate, owned = turns.result(), tuple(owners[name].values())
        heard = tuple(_heard_under(name, each, label) for each in owned if len(members) > 1)
        groups.append(Group(name, aggregate.counts.turns, aggregate, owned, heard))
    return groups


def _heard_under(name: str, each: LoadedSession, label: Callable[[LoadedSession, TurnSettings], str]) -> Heard:
    """Return what pairs need of the turns of a session under the settings of this name."""
    return heard_of(each.snapshot, lambda settings: label(each, settings) == name)
