"""Names that are not UTF-8, places where nobody may look, users without a home, one odd recording among many."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.kept import keep
from tests.support.service import ScriptedService, polite
from tests.support.sound import write_wav
from tests.support.terminal import PATIENCE_S

from stt_monitor.cli.main import main
from stt_monitor.recording.finding import demo_recording

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))
LATIN = os.fsdecode(b"caf\xe9")
SHOWN = "caf\ufffd"

NO_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""As who may not do all: root without the rights that make it so."""
HOMELESS = (
    "setpriv", "--reuid=54321", "--clear-groups", "--inh-caps=+dac_override", "--ambient-caps=+dac_override",
)  # fmt: skip
"""As a user whom the system does not know."""
as_root = pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="needs root, to be less")


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*before, COMMAND, *arguments], capture_output=True, timeout=PATIENCE_S, check=False, stdin=subprocess.DEVNULL
    )


def refused(*arguments: str, before: tuple[str, ...] = ()) -> str:
    """Run what cannot be; return the one sentence that says so."""
    done = run(*arguments, before=before)
    return sentence_of(done.returncode, done.stdout.decode(), done.stderr.decode())


def sentence_of(code: int, out: str, err: str) -> str:
    assert (code, out) == (2, "")
    (sentence,) = err.splitlines()
    assert sentence.startswith("stt-monitor: ")
    return sentence


async def test_a_name_that_is_not_utf_8_is_heard_kept_listed_and_told(tmp_path: Path):
    wav = str(write_wav(tmp_path / f"{LATIN}.wav", 0.55))
    where = ("--record", LATIN)
    async with ScriptedService(polite) as service:
        lines = await asyncio.to_thread(run, wav, "--json", "--url", service.url, *where)
        plain = await asyncio.to_thread(run, wav, wav, "--plain", "--url", service.url)
        judged = await asyncio.to_thread(
            run, wav, "--url", service.url, "--assert", "turns==1", "--junit", f"{LATIN}.xml", "--no-record"
        )
    _check(lines, plain, judged)


def _check(*done: subprocess.CompletedProcess[bytes]) -> None:
    lines, plain, judged = done
    assert (lines.returncode, plain.returncode, judged.returncode) == (0, 0, 0)
    told = {line["kind"]: line for line in map(json.loads, lines.stdout.decode().splitlines())}
    assert told["session"]["source"] == f"{SHOWN}.wav"
    assert told["recording"]["path"].startswith(f"{SHOWN}{os.sep}")
    assert f"=== {SHOWN}.wav" in plain.stdout.decode()
    assert f'"{SHOWN}.wav"' in Path(f"{LATIN}.xml").read_text()
    (kept,) = Path(LATIN).iterdir()
    kept.rename(Path(LATIN) / LATIN)
    assert SHOWN in run("recordings", LATIN).stdout.decode().splitlines()[-1]
    assert run("replay", f"{LATIN}/{LATIN}", "--json").stdout == lines.stdout
    for form in ("html", "md", "json", "csv"):
        report = run("report", f"{LATIN}/{LATIN}", "--format", form)
        assert report.returncode == 0
        assert SHOWN in report.stdout.decode() or form == "csv"
    written = run("export", LATIN, "-o", f"{LATIN}.srt")
    assert (written.returncode, Path(f"{LATIN}.srt").exists()) == (0, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("recordings", "{}"),
        ("replay", "{}"),
        ("report", "{}"),
        ("export", "{}", "--format", "srt"),
        ("assert", "{}", "--assert", "turns==1"),
        ("{}", "--plain"),
        ("a.wav", "--plain", "--record", "{}"),
        ("a.wav", "--plain", "--labels", "{}"),
        ("a.wav", "--assert", "wer==0", "--reference", "{}"),
        ("assert", "demo", "--assert", "turns==9", "--junit", "{}"),
        ("export", "demo", "--format", "srt", "-o", "{}"),
        ("report", "demo", "--format", "html", "-o", "{}"),
    ],
    ids=lambda arguments: " ".join(arguments)[:20],
)
def test_where_nothing_can_be_is_a_sentence(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write_wav(tmp_path / "a.wav", 0.1)
    (tmp_path / "dangling").symlink_to("nowhere/at/all")
    (tmp_path / "turning").symlink_to("turning")
    for name in ("x" * 300, f"{'x' * 300}/x", "~nobodyhere/x", "turning/x", "dangling", "a.wav/x"):
        sentence_of(main([argument.format(name) for argument in arguments]), *capsys.readouterr())
    if os.getuid() == 0 and shutil.which("setpriv"):
        (tmp_path / "closed").mkdir(mode=0o000)
        for name in ("closed", "closed/in"):
            refused(*(argument.format(name) for argument in arguments), before=NO_RIGHTS)


@pytest.mark.parametrize(
    "spelled", ["~/in it/{}", "'{home}/in it/{}'", "{home}/in\\ it/{}", "file://{home}/in%20it/{}"]
)
def test_every_path_may_be_pasted_dragged_or_under_home(spelled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    shutil.copytree(demo_recording().path, home / "in it" / "talk")
    (home / "in it" / "said.txt").write_text(
        "Hi, good morning. I'm calling about a parcel that should have come yesterday."
    )
    write_wav(home / "in it" / "a.wav", 0.1)
    session, words, verdicts, report, sessions, wav, kept = (
        spelled.format(name, home=home)
        for name in ("talk", "said.txt", "verdicts.xml", "report.md", "", "a.wav", "kept")
    )
    judged = run("assert", session, "--assert", "wer<=1000%", "--reference", words, "--junit", verdicts)
    assert (judged.returncode, (home / "in it" / "verdicts.xml").is_file()) == (0, True), judged.stderr
    assert run("report", session, "-o", report).returncode == 0
    assert (home / "in it" / "report.md").read_text().startswith("#")
    assert "talk" in run("recordings", sessions).stdout.decode()
    assert run(wav, "--plain", "--url", "ws://127.0.0.1:1", "--record", kept).returncode == 3
    assert (home / "in it" / "kept").is_dir()
    assert not (tmp_path / "~").exists()
    assert "this is a directory" in refused("assert", session, "--assert", "wer<=1", "--reference", sessions)


@as_root
def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_DATA_HOME")
    wav = str(write_wav(tmp_path / "a.wav", 0.1))
    assert "no home" in refused(wav, "--plain", before=HOMELESS)
    assert "no saved sessions" in refused("replay", "last", before=HOMELESS)
    assert run("demo", "--plain", before=HOMELESS).returncode == 0
    assert run("report", "demo", "--format", "md", before=HOMELESS).returncode == 0
    assert run("recordings", before=HOMELESS).returncode == 0
    assert run(wav, "--url", "ws://127.0.0.1:1", "--no-record", before=HOMELESS).returncode == 3


@as_root
def test_directories_that_nobody_may_enter_are_told_before_anything_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Those of settings stop nothing: without a file there is nothing to read."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(closed))
    done = run("--plain", "--local", before=NO_RIGHTS)
    config, data = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (2, b"")
    assert config == f"stt-monitor: no options are read from {closed}/stt-monitor/config.toml: Permission denied"
    assert data.startswith(f"stt-monitor: sessions cannot be saved in {closed}/stt-monitor/recordings (")
    profile = refused("--profile", "phone", before=NO_RIGHTS)
    assert profile.endswith("config.toml: cannot be read (Permission denied)")


ODD = [
    {"started_at": ""}, {"started_at": "yesterday"}, {"started_at": "0001-01-01T00:00:00+14:00"},
    {"source": "x" * 5000}, {"source": "\x1b[2J\n\u202e"},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:40])
def test_one_odd_recording_hides_no_other(odd: dict[str, str], tmp_path: Path):
    for name in ("good", "odd"):
        keep(tmp_path / name)
    manifest = tmp_path / "odd" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["session"].update(odd)
    content.update(turns=-1, seconds=1e300)
    manifest.write_text(json.dumps(content))
    done = run("recordings", ".")
    assert (done.returncode, done.stderr) == (0, b"")
    names = {line.split()[-2] for line in done.stdout.decode().splitlines()[1:]}
    assert names == {"good", "odd"}
    assert b"\x1b" not in done.stdout
    for form in ("html", "md", "json", "csv"):
        assert run("report", "odd", "--format", form).returncode == 0
