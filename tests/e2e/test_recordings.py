"""`stt-monitor recordings`: the list, names and deletion, with folders as a person has them."""

import json
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from tests.support.command import COMMAND
from tests.support.kept import keep, keep_beside
from tests.support.terminal import Terminal

from stt_monitor.cli.main import main
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.recording.finding import DEMO_FOLDER
from stt_monitor.recording.lock import lock
from stt_monitor.recording.manifest import EVENTS, write_manifest
from stt_monitor.recording.reader import open_recording


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own, with two sessions."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = tmp_path / "stt-monitor" / "recordings"
    found.mkdir(parents=True)
    keep(found / "2026-11-22_talk", texts=("Hello.",))
    keep(found / "2026-11-23_talk", texts=("Hello.",))
    return found


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["recordings", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def ended(folder: Path, result: SessionResult | None) -> None:
    manifest = open_recording(folder).manifest
    write_manifest(folder, msgspec.structs.replace(manifest, turns=6, result=result, ended="finished"))


def test_the_list_says_what_sessions_came_to(directory: Path, capsys: pytest.CaptureFixture[str]):
    ended(directory / "2026-11-22_talk", SessionResult(5, 0.4444, 0.6, 1))
    keep_beside(directory / "z")
    ended(directory / "z" / "cartesia", SessionResult(4, 0.5, 0.7, 0, exact=True))
    ended(directory / "z" / "flux", SessionResult(6, 1.25, 1.5, 2, exact=True))
    _, out, _ = run(capsys)
    head, *rows = out.splitlines()
    place = head.index("turns")
    assert [row[place:].split()[:3] for row in rows[:2]] == [["6", "444", "~1"], ["–", "–", "–"]]
    assert rows[2][place:].split()[:6] == ["6/6", "500/1250", "(n", "<", "5)", "0/2"]
    assert "cartesia/flux" in rows[2]
    assert "end_timeout_ms 4000/eager_eot_t…" in rows[2]
    lines = [json.loads(line) for line in run(capsys, "--json")[1].splitlines()]
    assert [line["kind"] for line in lines] == ["saved_session"] * 3
    one, other = lines[2]["services"]
    assert (one["eot_n"], one["eot_latency_p50_ms"], other["false_cutoffs"]) == (4, 500.0, 2)
    assert lines[1]["services"][0]["eot_latency_p50_ms"] is None
    assert lines[0]["path"] == str(directory / "2026-11-22_talk")


def test_a_session_is_named(directory: Path, capsys: pytest.CaptureFixture[str]):
    assert run(capsys, "name", "2026-11-22", "before") == (0, "2026-11-22_talk is now before\n", "")
    assert (directory / "before" / EVENTS).exists()
    assert run(capsys, "name", "before", "before")[0] == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("2026-11-23_talk", "exists already"), ("last", "stand for sessions already"),
        ("last~3", "stand for sessions already"), ("demo", "stand for sessions already"), ("a/b", "cannot be a name"),
        ("..", "cannot be a name"), (".hidden", "cannot be a name"), ("a b", "cannot be a name"),
        ("a\x1b[2J", "cannot be a name"), ("~x", "cannot be a name"), ("x" * 121, "cannot be a name"),
        ("end.", "cannot be a name"),
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused_in_a_sentence(
    name: str, reason: str, directory: Path, capsys: pytest.CaptureFixture[str]
):
    before = sorted(directory.iterdir())
    code, out, err = run(capsys, "name", "2026-11-22", name)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert reason in err
    assert "\x1b" not in err
    assert sorted(directory.iterdir()) == before


def test_sessions_are_deleted_and_what_others_keep_beside_them_stays(
    directory: Path, capsys: pytest.CaptureFixture[str]
):
    (directory / "2026-11-23_talk" / "notes.txt").write_text("mine")
    code, out, err = run(capsys, "rm", "2026-11-22", "last", "--yes")
    assert code == 0
    assert "last is 2026-11-23_talk" in err
    first, second = out.splitlines()
    assert first.startswith("deleted 2026-11-22_talk (")
    assert second.endswith(f"; other files stay in {directory / '2026-11-23_talk'}")
    assert [path.name for path in directory.rglob("*")] == ["2026-11-23_talk", "notes.txt"]


def test_what_may_not_be_deleted_keeps_all_that_is_named_beside_it(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    keep_beside(directory / "both")
    (tmp_path / "elsewhere").mkdir()
    keep(tmp_path / "elsewhere" / "one")
    (directory / "link").symlink_to(tmp_path / "elsewhere" / "one")
    with (directory / "2026-11-23_talk" / EVENTS).open("ab", buffering=0) as file:
        lock(file)
        for name, reason in (
            ("2026-11-23_talk", "is being recorded"), ("both/flux", "one of several side by side"),
            ("demo", "the bundled session cannot be deleted"), ("link", "a link"),
            ("nothing", "no saved session named"), (str(directory), "a folder of several sessions"),
        ):  # fmt: skip
            code, out, err = run(capsys, "rm", "2026-11-22", name, "--yes")
            assert (code, out, reason in err) == (2, "", True), err
    assert (directory / "2026-11-22_talk" / EVENTS).exists()
    assert (tmp_path / "elsewhere" / "one" / EVENTS).exists()
    assert (DEMO_FOLDER / EVENTS).exists()


def test_it_asks_before_it_deletes(directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, _, err = run(capsys, "rm", "2026-11-22")
    assert (code, "2026-11-22_talk will be deleted: give --yes" in err) == (2, True)
    for answer, code in (("n", 2), ("y", 0)):
        with Terminal([COMMAND, "recordings", "rm", "2026-11-22"], 120, 5, XDG_DATA_HOME=str(tmp_path)) as terminal:
            terminal.until("2026-11-22_talk? [y/N]")
            assert (directory / "2026-11-22_talk").exists()
            terminal.press(f"{answer}\n")
            assert terminal.until_gone() == code
    assert not (directory / "2026-11-22_talk").exists()


def test_in_a_terminal_a_report_is_written_beside_the_session_and_piped_it_goes_on(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    page = directory / "2026-11-23_talk" / "report.html"
    assert main(["report", "last"]) == 0
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")
    assert not page.exists()
    with Terminal([COMMAND, "report", "last"], 200, 5, XDG_DATA_HOME=str(tmp_path)) as terminal:
        terminal.until(f"wrote {page}")
        assert terminal.until_gone() == 0
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_columns_stand_beneath_their_names_whatever_script_a_name_is_in(
    directory: Path, capsys: pytest.CaptureFixture[str]
):
    keep(directory / "z", source="会議の録音.wav")
    keep(directory / "zz", source="会議" * 30)
    head, *rows = run(capsys)[1].splitlines()
    place = head.index("service")
    assert {cell_len(row[: row.index("cartesia")]) for row in rows} == {place}
