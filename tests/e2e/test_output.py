"""Standard output and standard error as they may be: full, closed, left by its reader, in another encoding."""

import asyncio
import fcntl
import json
import os
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from tests.support.patience import PATIENCE_S
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import write_wav

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))

WRITING = [
    ("demo", "--plain"),
    ("demo", "--json"),
    ("replay", "demo", "--json", "--speed", "400"),
    ("report", "demo", "--format", "md"),
    ("report", "demo", "--format", "html"),
    ("export", "demo", "--format", "srt"),
    ("assert", "demo", "--assert", "turns>=1"),
    ("recordings",),
    ("--help",),
    ("--version",),
]
"""Commands that write to standard output without a service, and end with 0."""


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)


def run(redirection: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", f'"$@" {redirection}', "sh", COMMAND, *arguments],
        capture_output=True, timeout=PATIENCE_S, check=False, env=os.environ | variables,
    )  # fmt: skip


@pytest.mark.parametrize(("redirection", "reason"), [(">/dev/full", "No space left"), (">&-", "it is closed")])
@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_output_that_cannot_be_written_is_a_sentence(redirection: str, reason: str, arguments: tuple[str, ...]):
    done = run(redirection, *arguments)
    (sentence,) = done.stderr.decode().splitlines()
    assert sentence.startswith("stt-monitor: cannot write to standard output (")
    assert reason in sentence
    assert done.returncode == 2


@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_is_no_fault(arguments: tuple[str, ...], unbuffered: str):
    program = subprocess.Popen(
        [COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    assert program.stdout is not None
    program.stdout.close()
    _, err = program.communicate(timeout=PATIENCE_S)
    assert err == b""
    assert program.returncode == (130 if arguments[0] in {"demo", "replay"} else 0)


def test_a_verdict_is_in_the_exit_code_though_its_reader_has_left():
    program = subprocess.Popen([COMMAND, "assert", "demo", "--assert", "turns==999"], stdout=subprocess.PIPE)
    assert program.stdout is not None
    program.stdout.close()
    assert program.wait(PATIENCE_S) == 1


def test_output_goes_to_a_file_though_standard_output_is_closed(tmp_path: Path):
    done = run(">&-", "export", "demo", "-o", str(tmp_path / "a.srt"))
    assert done.returncode == 0
    assert "-->" in (tmp_path / "a.srt").read_text()


@pytest.mark.parametrize("arguments", [("--bogus",), ("replay", "nothing-of-this-name"), ("export", "demo")])
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&- 2>&-"])
def test_diagnostics_are_never_in_standard_output(redirection: str, arguments: tuple[str, ...]):
    done = run(redirection, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize(("arguments", "code"), [
    *((arguments, 0) for arguments in WRITING), (("/nope.wav", "--json"), 2), (("--bogus",), 2), ((), 2),
])  # fmt: skip
def test_standard_error_that_is_full_changes_no_exit_code(arguments: tuple[str, ...], code: int, tmp_path: Path):
    done = run("2>/dev/full" if arguments else "<&- 2>/dev/full >/dev/full", *arguments)
    assert done.returncode == code
    if arguments[0:1] == ("report",):  # which says on standard error where the file is
        assert run("2>/dev/full", *arguments, "-o", str(tmp_path / "a")).returncode == code


async def test_a_session_ends_with_its_own_code_though_standard_error_is_full(tmp_path: Path):
    wav = write_wav(tmp_path / "a.wav", 0.55)
    async with ScriptedService(polite) as service:
        done = await asyncio.to_thread(run, "2>/dev/full", str(wav), "--json", "--url", service.url)
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["kind"] == "summary"


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
async def test_a_session_whose_output_cannot_be_written_ends_in_order(redirection: str, tmp_path: Path):
    wav = write_wav(tmp_path / "long.wav", 60)
    async with ScriptedService(polite) as service:
        done = await asyncio.to_thread(run, redirection, str(wav), "--json", "--url", service.url)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr.decode().splitlines()[-1].startswith("stt-monitor: cannot write to standard output (")


async def test_with_standard_error_closed_every_line_is_json(tmp_path: Path):
    wav = write_wav(tmp_path / "a.wav", 0.55)
    async with ScriptedService(polite) as service:
        done = await asyncio.to_thread(run, "2>&-", str(wav), "--json", "--url", service.url)
    assert done.returncode == 0
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert (kinds[0], kinds[-1]) == ("session", "summary")


SAID = "Caf\u00e9 \u201cna\u00efve\u201d \U0001f600 \u4f60\u597d"


async def worldly(dialogue: Dialogue) -> None:
    """A service that answers in several scripts."""
    await dialogue.say("connected")
    await dialogue.say("turn.start")
    await dialogue.say("turn.end", transcript=SAID)
    await dialogue.hear_close()


@pytest.mark.parametrize("coding", ["ascii", "latin-1", "cp1252", "utf-16"])
async def test_words_that_the_encoding_lacks_never_end_a_session(coding: str, tmp_path: Path):
    wav = write_wav(tmp_path / "a.wav", 0.55)
    async with ScriptedService(worldly, worldly) as service:
        plain, lines = [
            await asyncio.to_thread(run, "", str(wav), shape, "--url", service.url, PYTHONIOENCODING=coding)
            for shape in ("--plain", "--json")
        ]
    assert (plain.returncode, lines.returncode) == (0, 0)
    assert SAID.encode(coding, "replace").decode(coding) in plain.stdout.decode(coding)
    assert SAID in {json.loads(line).get("transcript") for line in lines.stdout.decode("utf-8").splitlines()}


def test_a_pipe_that_does_not_block_gets_all_of_it():
    """Other programs set this on the pipe that they share, as Node does: the end that is written may be full."""
    reading, writing = os.pipe()
    size = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    fcntl.fcntl(writing, fcntl.F_SETFL, fcntl.fcntl(writing, fcntl.F_GETFL) | os.O_NONBLOCK)
    program = subprocess.Popen([COMMAND, "demo", "--json"], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    while unread(reading) < size:
        time.sleep(0.005)
    with os.fdopen(reading, "rb") as pipe:
        got = pipe.read()
    _, err = program.communicate(timeout=PATIENCE_S)
    assert (program.returncode, err) == (0, b"")
    assert json.loads(got.splitlines()[-1])["kind"] == "summary"


def unread(pipe: int) -> int:
    """Return how many bytes wait in a pipe."""
    waiting = bytearray(4)
    fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    return int.from_bytes(waiting, sys.byteorder)


@pytest.mark.parametrize(("arguments", "has"), [
    (("export", "demo", "--format", "srt", "-o"), b"-->"), (("report", "demo", "--format", "md", "-o"), b"# "),
    (("assert", "demo", "--assert", "turns>=1", "--junit"), b"<testsuite"),
])  # fmt: skip
@pytest.mark.parametrize("way", ["fifo", "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/7"])
def test_a_pipe_gets_one_whole_document(arguments: tuple[str, ...], has: bytes, way: str, tmp_path: Path):
    if way == "fifo":
        os.mkfifo(tmp_path / "ff")
        program = subprocess.Popen([COMMAND, *arguments, str(tmp_path / "ff")], stdout=subprocess.DEVNULL)
        got = (tmp_path / "ff").read_bytes()  # up to its first end
        assert program.wait(PATIENCE_S) == 0
    else:
        leading = {"/dev/stderr": "2>&1 >/dev/null", "/dev/fd/7": "7>&1 >/dev/null"}.get(way, "")
        done = run(f"{leading} | cat", *arguments, way)
        got = done.stdout
    assert has in got
    assert got.count(b"<?xml") <= 1


def test_a_link_that_leads_nowhere_yet_stays_a_link(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path / "a.srt")
    assert run("", "export", "demo", "-o", str(tmp_path / "link"), "--format", "srt").returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert "-->" in (tmp_path / "a.srt").read_text()
