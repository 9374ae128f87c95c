"""Commands about sessions that were kept, as their user runs them."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from tests.support.kept import keep

from stt_monitor.cli.main import main
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.report.formats import FORMATS


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(arguments)
    except SystemExit as stop:  # argparse's way
        code = int(str(stop.code))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def test_a_session_is_reported_in_every_form(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    session = keep(tmp_path / "one")
    for name, beginning in (("html", "<!DOCTYPE html>"), ("md", "# a.wav"), ("json", "{"), ("csv", "recording,source")):
        file = tmp_path / f"out.{name}"
        assert run(capsys, "report", session, "-o", str(file)) == (0, "", f"stt-monitor: wrote {file}\n")
        text = file.read_bytes().decode()
        assert text.startswith(beginning)
        code, out, _ = run(capsys, "report", session, "--format", name)
        assert (code, out) == (0, text)
    assert "Testix 1" in (tmp_path / "out.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["a.xyz", "a.docx", "a.htm"])
def test_a_report_of_no_known_format_is_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
):
    code, out, err = run(capsys, "report", keep(tmp_path / "one"), "-o", str(tmp_path / name))
    assert (code, out) == (2, "")
    assert f"use {', '.join(f'.{each}' for each in FORMATS)}, or give --format" in err
    assert not (tmp_path / name).exists()


def test_sessions_are_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    sessions = [keep(tmp_path / "before", eot=0.9), keep(tmp_path / "after", eot=0.4)]
    (tmp_path / "said.txt").write_text("Hello there. " * 6)
    said = ["--reference", str(tmp_path / "said.txt")] * 2
    code, out, _ = run(capsys, "report", *sessions, "--format", "json", *said)
    assert code == 0
    before, after = json.loads(out)["groups"]
    assert (before["label"], after["label"]) == ("before", "after")  # the sources are the same
    assert before["figures_ms"]["eot_latency"]["p50"] == 900.0
    faster = after["against_first_group"]["eot_latency"]
    assert faster == {
        "p50_ms": -500.0, "interval_ms": [-500.0, -500.0], "sure": True, "pairs": 5, "pairs_less": 5, "pairs_more": 0,
        "pairs_equal": 0, "only_here": 0, "only_in_first_group": 0,
    }  # fmt: skip
    assert after["counts"]["wer"] == 0.0
    code, out, _ = run(capsys, "report", *sessions, "--format", "json", "--by", "settings")
    (together,) = json.loads(out)["groups"]
    assert (together["label"], together["turns"]) == ("end_timeout_ms 4000", 12)
    rows = list(csv.DictReader(io.StringIO(run(capsys, "report", *sessions, "--format", "csv")[1], newline="")))
    assert [row["recording"] for row in rows] == ["before"] * 6 + ["after"] * 6
    assert {row["end_timeout_ms"] for row in rows} == {"4000.0"}


def test_sessions_of_one_service_are_one_group_by_its_new_word_and_its_old(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    sessions = [keep(tmp_path / "before"), keep(tmp_path / "after")]
    reports = [
        json.loads(run(capsys, "report", *sessions, "--format", "json", "--by", word)[1])
        for word in ("service", "endpoint")
    ]
    assert [report.pop("by") for report in reports] == ["service", "endpoint"]  # what a script asks for, it gets
    assert reports[0] == reports[1]
    (together,) = reports[0]["groups"]
    assert together["turns"] == 12
    for arguments in (["--help"], [*sessions, "--by", "nothing"]):
        _, out, err = run(capsys, "report", *arguments)
        assert "service" in out + err
        assert "endpoint" not in out + err


def test_folders_of_sessions_are_compared_as_a_whole(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What `--record before` makes, and `--record after`."""
    monkeypatch.chdir(tmp_path)
    for folder, eot in (("before", 0.9), ("after", 0.4)):
        (tmp_path / folder).mkdir()
        for name in ("1", "2"):
            keep(tmp_path / folder / name, source=f"{name}.wav", eot=eot)
    code, out, err = run(capsys, "report", "before/", "after", "--format", "json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["by"] == "folder"
    assert [(group["label"], group["turns"]) for group in document["groups"]] == [("before", 12), ("after", 12)]
    assert document["groups"][1]["against_first_group"]["eot_latency"]["p50_ms"] == -500.0
    code, out, _ = run(capsys, "report", "before", "after", "--by", "session", "--format", "json")
    labels = [group["label"] for group in json.loads(out)["groups"]]
    assert labels == ["before/1", "before/2", "after/1", "after/2"]
    code, out, _ = run(capsys, "assert", "after", "--assert", "turns==12", "--assert", "eot_latency.max<=400ms")
    assert code == 0
    code, out, err = run(capsys, "export", "after", "--format", "srt")
    assert code == 0
    assert "last of 2 in after is 2: 2.wav, 2026-11-22" in err
    assert run(capsys, "export", "after/2", "--format", "srt") == (0, out, "")
    shutil.rmtree("after/1")
    assert run(capsys, "export", "after", "--format", "srt") == (0, out, "")


def test_a_session_is_exported(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    session = keep(tmp_path / "one", texts=("Hello.", "Bye."))
    assert run(capsys, "export", session, "--format", "txt") == (0, "Hello.\nBye.\n", "")
    assert run(capsys, "export", session, "-o", "-", "--format", "txt") == (0, "Hello.\nBye.\n", "")
    file = tmp_path / "out.TextGrid"
    assert run(capsys, "export", session, "-o", str(file)) == (0, "", f"stt-monitor: wrote {file}\n")
    assert (tmp_path / "out.TextGrid").read_text().startswith('File type = "ooTextFile"')
    assert run(capsys, "export", session, "-o", str(tmp_path / "out.srt"), "--format", "vtt")[0] == 0
    assert (tmp_path / "out.srt").read_text().startswith("WEBVTT")


@pytest.mark.parametrize("form", ["srt", "vtt", "textgrid", "audacity", "txt"])
def test_what_was_exported_is_a_reference(capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str):
    file = str(tmp_path / f"demo.{form}")
    assert run(capsys, "export", "demo", "--format", form, "-o", file)[0] == 0
    code, out, _ = run(capsys, "assert", "demo", "--assert", "wer<=0%", "--reference", file)
    assert (code, out) == (0, "PASS  wer<=0%  actual 0 % (n 110 words)\n")


def test_sessions_are_held_to_assertions_all_together(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    sessions = [keep(tmp_path / "a", source="a.wav", eot=0.9), keep(tmp_path / "b", source="b.wav")]
    turns = [{"text": "Hello there."}] * 6
    manifest = tmp_path / "texts.json"
    manifest.write_text(json.dumps([{"file": "a.wav", "turns": turns}, {"file": "b.wav", "turns": turns}]))
    junit = tmp_path / "junit.xml"
    code, out, err = run(
        capsys, "assert", *sessions, "--assert", "eot_latency.p50<=650ms", "--assert", "wer<=0",
        "--reference", str(manifest), "--junit", str(junit),
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out == "PASS  eot_latency.p50<=650ms  actual 650 ms (n 10)\nPASS  wer<=0  actual 0 % (n 24 words)\n"
    assert 'name="a.wav, b.wav"' in junit.read_text()
    code, out, _ = run(capsys, "assert", *sessions, "--assert", "turns==13", "--json")
    assert code == 1
    assert json.loads(out)["passed"] is False


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["report", "nowhere"], "no saved session named 'nowhere'"),
        (["report"], "SESSION"),
        (["report", "SESSION", "--format", "pdf"], "html"),
        (["report", "SESSION", "-o", "/nowhere/out.html"], "/nowhere/out.html"),
        (["report", "SESSION", "--reference", "nowhere.txt"], "nowhere.txt"),
        (["export", "SESSION"], "srt, vtt, txt"),
        (["export", "SESSION", "-o", "out.docx"], "srt, vtt, txt"),
        (["assert", "SESSION"], "--assert"),
        (["assert", "SESSION", "--assert", "eot<1"], "this metric needs a statistic"),
        (["assert", "SESSION", "--assert", "eat<1"], "no metric called eat"),
        (["assert", "SESSION", "--assert", "wer<1"], "--reference"),
    ],
)
def test_bad_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], hint: str):
    session = keep(tmp_path / "one")
    code, out, err = run(capsys, *(session if argument == "SESSION" else argument for argument in arguments))
    assert (code, out) == (2, "")
    assert hint in err


@pytest.mark.parametrize("command", ["report", "export", "assert"])
def test_help_shows_an_example(capsys: pytest.CaptureFixture[str], command: str):
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    assert f"stt-monitor {command} last" in out


def test_help_says_what_every_name_means(capsys: pytest.CaptureFixture[str]):
    _, out, _ = run(capsys, "assert", "--help")
    for name in METRICS:
        assert f"\n  {name} " in out


def test_a_session_that_broke_off_is_reported_as_far_as_it_went(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    session = Path(keep(tmp_path / "one", texts=("Hello.", "Bye.")))
    events = session / "events.jsonl"
    lines = events.read_text().splitlines(keepends=True)
    until = next(number for number, line in enumerate(lines) if "turn.end" in line and "Bye" in line)
    events.write_text("".join(lines[:until]) + lines[until][:20])
    code, out, _ = run(capsys, "report", str(session), "--format", "md")
    assert code == 0
    assert "dangling" in out
    assert "| ended | the recording breaks off here |" in " ".join(out.split())
