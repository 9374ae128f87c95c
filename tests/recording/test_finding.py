"""Saved sessions by what the user calls them."""

from pathlib import Path

import msgspec
import pytest
from tests.support.kept import keep, keep_beside

from stt_monitor.core.errors import InputError
from stt_monitor.recording.finding import find_last, find_one, find_recording, find_recordings
from stt_monitor.recording.manifest import EVENTS, MANIFEST, write_manifest
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.saved_sessions import list_recordings


def keep_at(folder: Path, second: int, *, turns: int | None = 1) -> Path:
    """Keep a session of that second; None for one that was broken off, in which a turn was finished all the same."""
    keep(folder, texts=("Hello there.",) * (1 if turns is None else turns))
    manifest = open_recording(folder).manifest
    session = msgspec.structs.replace(manifest.session, started_at=f"2026-11-22T09:00:{second:02}.000+00:00")
    write_manifest(folder, msgspec.structs.replace(manifest, session=session, turns=turns))
    return folder


def test_the_last_is_the_newest_with_a_finished_turn(tmp_path: Path):
    keep_at(tmp_path / "a", 1)
    wanted = keep_at(tmp_path / "b", 2, turns=None)
    keep_at(tmp_path / "c", 3, turns=0)
    silent = keep_at(tmp_path / "d", 4, turns=None)
    (silent / EVENTS).write_bytes((silent / EVENTS).read_bytes().partition(b"turn.end")[0])
    assert find_last(tmp_path).recording.path == wanted
    assert find_last(tmp_path).skipped == 2
    assert find_recording("last", tmp_path).path == wanted


def test_where_no_turn_was_finished_the_last_is_the_newest(tmp_path: Path):
    keep_at(tmp_path / "a", 1, turns=0)
    newest = keep_at(tmp_path / "b", 2, turns=0)
    assert find_last(tmp_path) == (open_recording(newest), 0)


def test_a_folder_of_sessions_is_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "before" / "notes").mkdir(parents=True)
    second = keep_at(tmp_path / "before" / "a", 2)
    first = keep_at(tmp_path / "before" / "b", 1)
    monkeypatch.chdir(tmp_path)
    for name in ("before", "before/", str(tmp_path / "before")):
        assert [found.path.resolve() for found in find_recordings(name, tmp_path / "nothing")] == [first, second]
    (second / MANIFEST).unlink()
    assert find_recording("before", tmp_path).path == Path("before/b")


def test_of_a_folder_of_sessions_the_last_is_taken_where_one_is_wanted(tmp_path: Path):
    (tmp_path / "before").mkdir()
    keep_at(tmp_path / "before" / "a", 1)
    wanted = keep_at(tmp_path / "before" / "b", 2)
    keep_at(tmp_path / "before" / "c", 3, turns=0)
    found = find_one(str(tmp_path / "before"), tmp_path)
    assert ([each.path for each in found.sessions], found.skipped) == ([wanted], 1)
    assert found.chosen == f"last of 3 in {tmp_path / 'before'}"


def test_steps_back_count_sessions_with_a_finished_turn(tmp_path: Path):
    oldest = keep_at(tmp_path / "a", 1)
    keep_at(tmp_path / "b", 2, turns=0)
    before = keep_at(tmp_path / "c", 3)
    newest = keep_at(tmp_path / "d", 4)
    wanted = {"last": newest, "last~0": newest, "last~1": before, "last~": before, "last~2": oldest}
    assert {word: find_recording(word, tmp_path).path for word in wanted} == wanted
    with pytest.raises(InputError, match="last~3: there are only 3 sessions with a finished turn; list them with"):
        find_recording("last~3", tmp_path)
    for word in ("last~x", "last~-1", "last~1~1", "LAST", "last~1111111111"):
        with pytest.raises(InputError, match="no saved session named"):
            find_recording(word, tmp_path)


def test_a_session_of_another_folder_is_found_by_what_it_is_called_there(tmp_path: Path):
    (tmp_path / "kept").mkdir()
    first = keep_at(tmp_path / "kept" / "2026-11-22_talk", 1)
    second = keep_at(tmp_path / "kept" / "2026-11-23_talk", 2)
    wanted = {"2026-11-22": first, "last": second, "last~1": first, "2026-11-23_talk": second}
    nowhere = tmp_path / "nothing"
    assert {word: find_recording(f"{tmp_path}/kept/{word}", nowhere).path for word in wanted} == wanted


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("bafore", "before"),
        ("after", "2026-11-22_after-lunch"),
        ("Before", "before"),
        ("lst", "last"),
        ("demos", "demo"),
    ],
)
def test_a_wrong_name_is_answered_with_the_one_that_was_meant(wrong: str, meant: str, tmp_path: Path):
    keep_at(tmp_path / "before", 1)
    keep_at(tmp_path / "2026-11-22_after-lunch", 2)
    with pytest.raises(InputError, match=f"no saved session named '{wrong}'; did you mean {meant}\\?; list them"):
        find_recording(wrong, tmp_path)


def test_an_exact_name_is_no_beginning_of_another(tmp_path: Path):
    short = keep_at(tmp_path / "talk", 1)
    keep_at(tmp_path / "talk_2", 2)
    assert find_recording("talk", tmp_path).path == short


@pytest.mark.parametrize("name", ["x" * 300, "~nobodyhere/x", ""])
def test_what_cannot_be_a_name_is_a_sentence(name: str, tmp_path: Path):
    with pytest.raises(InputError):
        find_recordings(name, tmp_path)


def test_odd_folders_hide_no_session(tmp_path: Path):
    good = keep_at(tmp_path / "good", 1)
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    (tmp_path / "turning").symlink_to(tmp_path / "turning")
    (tmp_path / "manifest").mkdir()
    (tmp_path / "manifest" / MANIFEST).mkdir()
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary" / MANIFEST).write_bytes(b"\xff\x00")
    (tmp_path / "file").write_text("{}")
    assert [recording.path for recording in list_recordings(tmp_path)] == [good]


def test_what_is_asked_of_the_wrong_place_is_said(tmp_path: Path):
    keep_beside(tmp_path / "both")
    keep_at(tmp_path / "monday", 1)
    keep_at(tmp_path / "monday_2", 2)
    (tmp_path / "notes").mkdir()
    for wanted, said in (
        ("both/fluxx", "both has no service fluxx; did you mean flux? (it has cartesia and flux)"),
        ("Monday", "no saved session named 'Monday'; did you mean monday?"),
        (str(tmp_path / "notes"), "notes: there is no saved session in this folder"),
    ):
        with pytest.raises(InputError) as error:
            find_recording(wanted, tmp_path)
        assert said in str(error.value)
