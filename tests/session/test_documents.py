"""Reports and exports beside saved sessions: where they go, and what they leave alone."""

from pathlib import Path

import pytest
from tests.support.kept import keep, keep_beside

from stt_monitor.core.commands import WriteExport, WriteReport
from stt_monitor.recording.finding import DEMO_FOLDER
from stt_monitor.recording.naming import delete_session
from stt_monitor.recording.saved_sessions import open_saved
from stt_monitor.session.documents import page_for, write_document, write_report


class Told:
    def __init__(self) -> None:
        self.paths: list[str] = []
        self.problems: list[str] = []

    def written(self, path: str, opened: bool) -> None:
        assert not opened
        self.paths.append(path)


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/0")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def test_a_report_is_written_beside_the_session_again_and_again_and_goes_with_it(tmp_path: Path):
    folder = Path(keep(tmp_path / "one"))
    for _ in range(2):
        assert write_report(open_saved(folder)) == folder / "report.html"
    assert "<!DOCTYPE html>" in (folder / "report.html").read_text("utf-8")
    assert delete_session(open_saved(folder))


@pytest.mark.parametrize("makes", ["file", "link", "folder"])
def test_what_is_not_ours_is_neither_replaced_nor_deleted(tmp_path: Path, makes: str):
    folder = Path(keep(tmp_path / "one"))
    (tmp_path / "elsewhere.html").write_text("mine")
    match makes:
        case "file":
            (folder / "report.html").write_text("mine")
        case "link":
            (folder / "report.html").symlink_to(tmp_path / "elsewhere.html")
        case "folder":
            (folder / "report.html").mkdir()
    assert write_report(open_saved(folder)) == folder / "report-2.html"
    assert write_report(open_saved(folder)) == folder / "report-2.html"
    assert not delete_session(open_saved(folder))
    assert (tmp_path / "elsewhere.html").read_text() == "mine"
    assert (folder / "report.html").exists()


def test_services_side_by_side_have_one_report(tmp_path: Path):
    folder = Path(keep_beside(tmp_path / "both"))
    page = write_report(open_saved(folder))
    assert page == folder / "report.html"
    assert "Deepgram Flux" in page.read_text("utf-8")


def test_several_have_theirs_beside_the_last_or_in_the_folder_that_was_named(tmp_path: Path):
    sessions = [open_saved(Path(keep(tmp_path / name))) for name in ("a", "b")]
    assert page_for(sessions) == tmp_path / "b" / "comparison.html"
    assert page_for(sessions, tmp_path) == tmp_path / "report.html"


def test_the_bundled_session_is_left_as_it_is():
    assert page_for([open_saved(DEMO_FOLDER)]) == Path.cwd() / "demo-report.html"


def test_turns_are_exported_into_the_working_directory_under_a_new_name(tmp_path: Path):
    told = Told()
    keep(tmp_path / "one", texts=("Hello.",))
    for _ in range(2):
        write_document(WriteExport("txt", "", told.written, told.problems.append), tmp_path / "one")
    keep_beside(tmp_path / "both")
    for form in ("srt", "csv"):
        write_document(WriteExport(form, "flux", told.written, told.problems.append), tmp_path / "both")
    here = Path.cwd()
    assert told.paths == [str(here / name) for name in ("one.txt", "one-2.txt", "both.flux.srt", "both.csv")]
    assert (here / "one-2.txt").read_text() == "Hello.\n"
    assert told.problems == []


def test_what_cannot_be_written_is_a_sentence(tmp_path: Path):
    told = Told()
    write_document(WriteReport(told.written, told.problems.append), None)
    write_document(WriteReport(told.written, told.problems.append), tmp_path / "nothing")
    first, second = told.problems
    assert first == "this session is not saved, and reports and exports are made of what is saved"
    assert "no saved session named" in second
