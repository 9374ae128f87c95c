"""Redacts sessions: removes transcripts and the user's names of files and hosts; metrics and times stay."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar, overload
from urllib.parse import urlsplit

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.report.model import LoadedSession

REDACTED: Final = "(redacted)"
"""Stands where something was said; a turn without words stays one."""

T = TypeVar("T", str, str | msgspec.UnsetType)


def redacted(sessions: Sequence[LoadedSession]) -> list[LoadedSession]:
    """Return sessions without texts and without audio; names become numbers, the same name the same number."""
    sources, audio, files = _Names("recording"), _Names("audio"), _Names("file")
    addresses, folders, runs = _Names("address"), _Names("folder"), _Names("run")

    def record(session: SessionRecord) -> SessionRecord:
        settings = session.settings
        return msgspec.structs.replace(
            session,
            source=sources(session.source),
            url=addresses(_host(session.url)),
            audio_id=audio(session.audio_id),
            file=files(session.file),
            settings=msgspec.structs.replace(settings, keyterms=tuple(_hidden(each) for each in settings.keyterms)),
        )

    return [
        LoadedSession(
            name=f"session {number}",
            snapshot=_snapshot(each.snapshot, record(each.snapshot.session)),
            aggregate=each.aggregate,
            program=each.program,
            platform=each.platform,
            folder=folders(each.folder),
            group=runs(each.group),
        )
        for number, each in enumerate(sessions, 1)
    ]


class _Names:
    """Names by numbers, counted from 1."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._numbers: dict[str | msgspec.UnsetType, int] = {}

    def __call__(self, name: T) -> T:
        """Return what to call something; nothing stays nothing."""
        if not name:
            return name
        return f"{self._word} {self._numbers.setdefault(name, len(self._numbers) + 1)}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc or url
    except ValueError:  # anybody may have written the file that it is from
        return url


def _hidden(text: str) -> str:
    return REDACTED if text.strip() else ""


def _snapshot(snapshot: Snapshot, session: SessionRecord) -> Snapshot:
    return msgspec.structs.replace(
        snapshot,
        session=session,
        finished=_Each(snapshot.finished, _turn),
        detail=_hidden(snapshot.detail),
        warning=_hidden(snapshot.warning),
        error=_hidden(snapshot.error),
        recording=None,
        open_turn=None,
        violations=(),
        notes=tuple(msgspec.structs.replace(note, reason=_hidden(note.reason)) for note in snapshot.notes),
        outages=tuple(msgspec.structs.replace(outage, reason=_hidden(outage.reason)) for outage in snapshot.outages),
    )


def _turn(each: FinishedTurn) -> FinishedTurn:
    turn = each.turn
    bare = msgspec.structs.replace(
        turn,
        transcript=_hidden(turn.transcript),
        text_at_end=None if turn.text_at_end is None else _hidden(turn.text_at_end),
        eager_ends=tuple(
            msgspec.structs.replace(eager, transcript=_hidden(eager.transcript)) for eager in turn.eager_ends
        ),
        words=tuple(msgspec.structs.replace(word, text=_hidden(word.text)) for word in turn.words),
        key="",
    )
    return msgspec.structs.replace(each, turn=bare)


class _Each(Sequence[FinishedTurn]):
    """Turns, each changed when it is read: they may be on disk."""

    def __init__(self, turns: Sequence[FinishedTurn], change: Callable[[FinishedTurn], FinishedTurn]) -> None:
        self._turns = turns
        self._change = change

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[FinishedTurn]:
        return map(self._change, self._turns)

    @overload
    def __getitem__(self, index: int) -> FinishedTurn: ...
    @overload
    def __getitem__(self, index: slice) -> list[FinishedTurn]: ...
    def __getitem__(self, index: int | slice) -> FinishedTurn | list[FinishedTurn]:
        if isinstance(index, slice):
            return [self._change(each) for each in self._turns[index]]
        return self._change(self._turns[index])
