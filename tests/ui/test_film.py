"""A recording of the screen: what a terminal shows that plays it."""

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pyte
import pytest
from tests.support.command import run

from stt_monitor.cli.main import main
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.manifest import EVENTS


class Played(NamedTuple):
    header: dict[str, Any]
    written: str
    pictures: dict[float, str]
    """By seconds of playback."""


def play(cast: str) -> Played:
    header, *events = map(json.loads, cast.splitlines())
    screen = pyte.Screen(header["width"], header["height"])
    stream = pyte.Stream(screen)
    pictures = {}
    for at, kind, output in events:
        assert kind == "o"
        stream.feed(output)
        pictures[at] = "\n".join(screen.display)
    return Played(header, "".join(output for _, _, output in events), pictures)


@pytest.mark.slow
async def test_a_recording_shows_the_session_from_beginning_to_end(tmp_path: Path):
    done = await run("demo", "--cast", "-", "--size", "90x28", "--speed", "8")
    assert (done.returncode, done.stderr) == (0, "")
    played = play(done.stdout)
    assert {name: played.header[name] for name in ("version", "width", "height")} == {
        "version": 2, "width": 90, "height": 28,
    }  # fmt: skip
    assert ";38;2;" in played.written, "colours, though no terminal says that it has any"
    times = list(played.pictures)
    assert times == sorted(times)
    assert times[-1] == pytest.approx((demo_recording().seconds or 0.0) / 8, abs=0.2)
    whole = list(played.pictures.values())
    for what in ("● SPEAKING", "◐ EAGER END", "1 turn ", "9 turns"):
        assert any(what in picture for picture in whole), what
    assert "parcel" not in whole[0]
    assert "Bye-bye." in whole[-1]

    again = tmp_path / "again.cast"
    done = await run("demo", "--cast", str(again), "--size", "90x28", "--speed", "8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"stt-monitor: wrote {again}\n")
    assert play(again.read_text(encoding="utf-8")).pictures == played.pictures


@pytest.mark.slow
def test_no_name_of_a_folder_reaches_a_players_title_with_its_control_characters(tmp_path: Path):
    odd = tmp_path / "odd\x1b]0;x\x07"
    shutil.copytree(demo_recording().path, odd)
    assert main(["replay", str(odd), "--cast", str(tmp_path / "odd.cast"), "--speed", "50", "--size", "60x20"]) == 0
    played = play((tmp_path / "odd.cast").read_text(encoding="utf-8"))
    assert played.header["title"].startswith("stt-monitor: odd")
    assert played.header["title"].isprintable()
    assert "]0;x\x07" not in played.written


def test_a_damaged_session_is_refused_and_no_file_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    shutil.copytree(demo_recording().path, tmp_path / "bad")
    lines = (tmp_path / "bad" / EVENTS).read_bytes().splitlines(keepends=True)
    (tmp_path / "bad" / EVENTS).write_bytes(b"".join([*lines[:200], b"{nonsense\n", *lines[200:]]))
    cast = tmp_path / "bad.cast"
    assert main(["replay", str(tmp_path / "bad"), "--cast", str(cast), "--speed", "50"]) == 2
    assert "line 201" in capsys.readouterr().err
    assert not cast.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--size", "80x24"], "--size needs --cast"),
        (["--cast", "a.cast", "--json"], "leave out --json"),
        (["--cast", "a.cast", "--step"], "leave out --step"),
        (["--cast", "a.cast", "--speed", "max"], "a speed that is a number"),
        (["--cast", "a.cast", "--size", "80"], "80 is not a size: say COLSxROWS"),
        (["--cast", "a.cast", "--size", "20x200"], "20x200: from 40x12 to 500x200"),
        (["--cast", "no/such/folder/a.cast"], "no/such/folder"),
    ],
)
def test_what_cannot_be_recorded_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    try:
        code = main(["demo", *arguments])
    except SystemExit as left:
        code = int(str(left.code))
    assert code == 2
    assert said in capsys.readouterr().err
