"""Turns on the disk: what went in comes out, whoever asks, and little of it is in memory."""

import errno
import os
import tempfile
from itertools import islice
from pathlib import Path

import msgspec
import pytest
from tests.report.sessions import kept
from tests.support.kept import keep_journal
from tests.support.long_session import long_session
from tests.support.reachable import reachable

from stt_monitor.core.errors import InputError
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.export.formats import FORMATS as EXPORTS
from stt_monitor.recording.replay import fold
from stt_monitor.recording.turn_store import BLOCK, TurnStore
from stt_monitor.report.formats import FORMATS as REPORTS
from stt_monitor.report.model import By, compose

TURNS = 3 * BLOCK + 7


@pytest.fixture(scope="session")
def turns() -> list[FinishedTurn]:
    return list(kept(*(f"Turn {number}: schön, 👍." for number in range(TURNS))).snapshot.finished)


def stored(turns: list[FinishedTurn]) -> TurnStore:
    there = TurnStore()
    for each in turns:
        there.append(each)
    return there


@pytest.mark.parametrize("number", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, TURNS])
def test_what_went_in_comes_out_to_the_last_digit(turns: list[FinishedTurn], number: int):
    there = stored(turns[:number])
    assert len(there) == number
    assert list(there) == turns[:number]
    assert list(there) == turns[:number]  # as often as wanted
    assert [there[index] for index in range(-number, number)] == 2 * turns[:number]
    assert there[-5:] == turns[:number][-5:]
    with pytest.raises(IndexError):
        there[number]


def test_several_may_read_at_once_while_more_come(turns: list[FinishedTurn]):
    there = stored(turns[: 2 * BLOCK])
    one, other = iter(there), iter(there)
    assert list(islice(one, 70)) == turns[:70]
    for each in turns[2 * BLOCK :]:
        there.append(each)
    assert list(islice(other, 2 * BLOCK)) == turns[: 2 * BLOCK]
    assert list(islice(one, BLOCK)) == turns[70 : 70 + BLOCK]
    assert list(there) == turns


def test_a_short_session_never_touches_the_disk(turns: list[FinishedTurn], monkeypatch: pytest.MonkeyPatch):
    def refuse() -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert list(stored(turns[: BLOCK - 1])) == turns[: BLOCK - 1]


def test_a_full_disk_is_said_in_a_sentence(turns: list[FinishedTurn], monkeypatch: pytest.MonkeyPatch):
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(InputError, match=r"No space left on device.*TMPDIR"):
        stored(turns)


@pytest.mark.slow
def test_who_reads_a_recording_to_its_end_holds_a_few_of_its_turns(tmp_path: Path):
    folded = fold(keep_journal(tmp_path / "long", long_session(TURNS)), store=TurnStore())
    assert len(folded.snapshot.finished) == TURNS
    assert reachable(folded, FinishedTurn) <= BLOCK


@pytest.mark.slow
def test_reports_and_exports_of_stored_turns_are_those_of_turns_in_memory(turns: list[FinishedTurn]):
    here = kept(*(f"Turn {number}: schön, 👍." for number in range(TURNS)))
    there = msgspec.structs.replace(here, snapshot=msgspec.structs.replace(here.snapshot, finished=stored(turns)))
    for form in EXPORTS.values():
        assert "".join(form.write(there.snapshot)) == "".join(form.write(here.snapshot))
    for by in By:
        for report in REPORTS.values():
            assert "".join(report(compose([there], by))) == "".join(report(compose([here], by)))
