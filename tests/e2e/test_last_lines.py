"""What stays on the terminal after the screen."""

import shlex
import shutil
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from tests.support.kept import keep, keep_beside
from tests.ui.scripted import Script

from stt_monitor.cli.main import main
from stt_monitor.cli.screen.last_lines import last_lines
from stt_monitor.core.metrics.batch import Batch
from stt_monitor.core.records.session import RecordingState
from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.replay import fold


def shown(folder: str) -> Snapshot:
    return fold(open_recording(Path(folder))).snapshot


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    directory = tmp_path / "stt-monitor" / "recordings"
    directory.mkdir(parents=True)
    return directory


def test_six_lines_say_what_a_session_came_to_and_how_to_report_on_it(
    directory: Path, capsys: pytest.CaptureFixture[str]
):
    texts = ("One.", "Two.", "Three.", "Four.", "Five.", "Six \x1b[2Jsix \u202esix.")
    folder = directory / "before"
    snapshot = shown(keep(folder, texts=texts))
    assert last_lines(snapshot, folder, 80) == [
        "session  before",
        "turns    6 · cut-offs ~0",
        "eot      p50 400 · p90 400 ms (n 5)",
        "worst    turn 2, 400 ms: Two.",
        "saved    ~/stt-monitor/recordings/before",
        "report   stt-monitor report before",
    ]
    command = shlex.split(last_lines(snapshot, folder, 80)[-1].removeprefix("report"))
    assert main([*command[1:], "--format", "md"]) == 0
    assert capsys.readouterr().out.startswith("# a.wav")


def test_too_few_turns_are_said_and_no_turn_has_no_figures(directory: Path):
    few = last_lines(shown(keep(directory / "few", texts=("One.", "Two."))), directory / "few", 80)
    assert few[2] == "eot      p50 400 · p90 400 ms (n 1 < 5)"
    first = last_lines(shown(keep(directory / "first", texts=("One.",))), directory / "first", 80)
    assert first[2] == "eot      – (first turn 400 ms, which is listed apart)"
    none = last_lines(shown(keep(directory / "none", texts=())), directory / "none", 80)
    assert none[1:4] == ["turns    0 · cut-offs –", "eot      –", "worst    –"]


def test_words_are_sanitized_and_cut_to_the_terminal(directory: Path):
    texts = ("One.", "\x1b[2J\u202e世界" * 200)
    for width in (20, 40, 41):
        lines = last_lines(shown(keep(directory / str(width), texts=texts)), None, width)
        assert all(cell_len(line) <= width for line in lines)
        assert lines[3].startswith("worst    turn 2")
        assert lines[3].endswith("…")
        assert not any(sign in "".join(lines) for sign in ("\x1b", "\u202e"))


def test_one_that_is_not_saved_says_why(directory: Path):
    snapshot = shown(keep(directory / "a"))
    assert last_lines(snapshot, None, 80)[-1] == "saved    no (--no-record)"
    full = msgspec.structs.replace(snapshot, recording=RecordingState("/x", stopped="the disk is full"))
    assert last_lines(full, None, 80)[-1] == "saved    no: the disk is full"
    assert last_lines(full, directory / "a", 80)[-2].endswith("/a until the disk is full")


def test_a_name_that_means_something_else_here_is_given_as_a_path(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    snapshot = shown(keep(directory / "a"))
    elsewhere = tmp_path / "with space"
    shutil.copytree(directory / "a", elsewhere)
    assert last_lines(snapshot, elsewhere, 40)[-1] == f"report   stt-monitor report '{elsewhere}'"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    assert last_lines(snapshot, directory / "a", 40)[-1] == f"report   stt-monitor report {directory / 'a'}"
    for name in ("last", "demo", "-dash"):
        shutil.copytree(directory / "a", directory / name)
        assert last_lines(snapshot, directory / name, 40)[-1] == f"report   stt-monitor report {directory / name}"
    assert last_lines(snapshot, demo_recording().path, 40)[-1] == "report   stt-monitor report demo"


def test_one_that_was_deleted_meanwhile_is_no_longer_saved(directory: Path):
    snapshot = shown(keep(directory / "a"))
    shutil.rmtree(directory / "a")
    last = last_lines(snapshot, directory / "a", 80)
    assert (last[0], last[-1]) == ("session  a", "saved    no longer: it was deleted, or moved away")


def test_services_side_by_side_have_a_line_each(directory: Path):
    folder = Path(keep_beside(directory / "both"))
    lanes = tuple(shown(str(folder / service)) for service in ("cartesia", "flux"))
    lines = last_lines(msgspec.structs.replace(lanes[0], lanes=lanes), folder, 120)
    assert [line.split("  ")[0] for line in lines] == ["session", "Cartesia", "Deepgram Flux", "saved", "report"]
    assert "  eot 600/600 ms · 6 turns · cut-offs ~0 · worst turn " in lines[2]


def run_of(*folders: str, asked: int, errors: str = "") -> Snapshot:
    """Return the last snapshot of a run of files that were kept in folders; empty: one that was not."""
    batch = Batch(asked)
    for folder in folders:
        last = shown(folder) if folder else Script(source="b.wav").snapshot(0.0)
        kept = RecordingState(folder) if folder else None
        batch.add(msgspec.structs.replace(last, recording=kept, error="" if folder else errors))
    return batch.with_results(last, playing=len(folders), going_on=False)


def test_several_files_have_a_line_each_and_their_sum(directory: Path):
    before, after = keep(directory / "before", eot=0.4), keep(directory / "after", eot=0.9)
    lines = last_lines(run_of(before, after, asked=3), Path(after), 80)
    assert lines == [
        "files    2 of 3",
        "1 a.wav  eot 400/400 ms · 6 turns · cut-offs ~0 · worst turn 2, 400 ms",
        "2 a.wav  eot 900/900 ms · 6 turns · cut-offs ~0 · worst turn 2, 900 ms",
        "all      eot 650/900 ms · 12 turns · cut-offs ~0",
        "saved    2 in ~/stt-monitor/recordings",
        "report   stt-monitor report before after",
    ]
    command = shlex.split(lines[-1].removeprefix("report"))
    assert main([*command[1:], "--format", "md"]) == 0


def test_files_that_failed_or_are_very_many_are_told_too(directory: Path):
    before = keep(directory / "before")
    lines = last_lines(run_of(before, "", asked=2, errors="nobody answers"), None, 80)
    assert lines[2] == "2 b.wav  nobody answers"
    assert lines[-2:] == ["saved    1 of 2 in ~/stt-monitor/recordings", "report   stt-monitor report before"]
    assert last_lines(run_of("", "", asked=2), None, 80)[-1] == "saved    no (--no-record)"
    many = last_lines(run_of(*[before] * 20, asked=20), Path(before), 80)
    assert many[9:11] == ["and 12 more", "all      eot 400/400 ms · 120 turns · cut-offs ~0"]
    assert [cell_len(line) <= 30 for line in last_lines(run_of("", "", asked=2), None, 30)] == [True] * 5


def test_a_replay_says_how_far_it_was_played(directory: Path):
    part = msgspec.structs.replace(shown(keep(directory / "a")), at=12.0, playback=Playback(1.0, True, 31.0))
    assert last_lines(part, directory / "a", 80)[0] == "session  a (played to 0:12 of 0:31)"
