"""What the program keeps of its sessions: the real command, over a real websocket, on a real disk."""

import asyncio
import base64
import json
import os
import random
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
import soundfile
from tests.support.kept import recordings_in
from tests.support.killed import kill_after, talkative
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import write_wav

from stt_monitor.cli.main import main
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.recording.replay import BROKEN_OFF, fold

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "a.wav", 0.55)


async def start(*arguments: str, **environment: str) -> Process:
    variables = {name: value for name, value in os.environ.items() if name != "CARTESIA_API_KEY"}
    return await asyncio.create_subprocess_exec(
        COMMAND, *arguments, stdout=PIPE, stderr=PIPE, env=variables | environment
    )


async def run(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    process = await start(*arguments, **environment)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_every_session_is_kept_in_the_users_data_directory(wav: Path, tmp_path: Path):
    async with ScriptedService(polite) as service:
        code, out, err = await run(str(wav), str(wav), "--json", "--url", service.url, XDG_DATA_HOME=str(tmp_path))
    assert code == 0
    kept = recordings_in(tmp_path / "stt-monitor" / "recordings")
    assert [recording.manifest.session.source for recording in kept] == ["a.wav", "a.wav"]
    said = [line for line in map(json.loads, out.splitlines()) if line["kind"] == "recording"]
    assert [line["path"] for line in said] == [str(recording.path) for recording in kept]
    assert f"recording to {kept[0].path}, and every session from now on; --no-record saves none\n" in err
    assert f"recording to {kept[1].path}\n" in err
    assert [line.get("first") for line in said] == [True, None]


async def test_a_directory_may_be_named_or_nothing_kept(wav: Path, tmp_path: Path):
    async with ScriptedService(polite) as service:
        named = await run(str(wav), "--url", service.url, "--record", str(tmp_path / "new" / "place"))
        none = await run(str(wav), "--url", service.url, "--no-record", XDG_DATA_HOME=str(tmp_path / "data"))
    assert (named[0], none[0]) == (0, 0)
    assert len(recordings_in(tmp_path / "new" / "place")) == 1
    assert not (tmp_path / "data").exists()
    assert "recording" not in none[2]


async def test_a_session_gets_its_name_and_those_after_it_a_number(wav: Path, tmp_path: Path):
    arguments = [str(wav), str(wav), "--record", str(tmp_path), "--name", "before"]
    async with ScriptedService(polite) as service:
        assert (await run(*arguments, "--url", service.url))[0] == 0
        assert [each.name for each in recordings_in(tmp_path)] == ["before", "before_2"]
        for name, reason in (
            ("before", "exists already"),
            ("../x", "cannot be a name"),
            ("last~1", "cannot be a name"),
        ):
            code, out, err = await run(*arguments[:-1], name, "--url", service.url)
            assert (code, out, err.count("\n"), reason in err) == (2, "", 1, True)
    assert len(recordings_in(tmp_path)) == 2


async def test_a_directory_that_cannot_be_is_bad_usage(wav: Path):
    code, _, err = await run(str(wav), "--record", str(wav / "x"))
    assert code == 2
    assert err.startswith(f"stt-monitor: --record {wav / 'x'}: cannot create it (")
    assert err.count("\n") == 1


async def test_the_oldest_are_deleted_and_it_is_said(wav: Path, tmp_path: Path):
    arguments = ["--json", "--record", str(tmp_path / "kept"), "--record-limit", "1"]
    async with ScriptedService(polite) as service:
        arguments += ["--url", service.url]
        for _ in range(2):
            await run(str(wav), *arguments)
        first, second = recordings_in(tmp_path / "kept")
        os.truncate(first.path / "audio.wav", 1 << 20)
        os.utime(first.path / "manifest.json", (1, 1))
        code, out, err = await run(str(wav), *arguments)
    assert code == 0
    assert recordings_in(tmp_path / "kept")[0].path == second.path
    assert [line["deleted"] for line in map(json.loads, out.splitlines()) if line["kind"] == "recording"][-1] == 1
    assert "deleted the oldest 1 there" in err


async def test_a_full_disk_ends_the_recording_and_never_the_session(wav: Path, tmp_path: Path):
    """A limit on the size of files is as real as a full disk, and needs nobody's rights."""
    limited = ("-c", 'ulimit -f 8; exec "$0" "$@"', COMMAND)
    async with ScriptedService(polite) as service:
        arguments = (str(wav), "--json", "--url", service.url, "--record", str(tmp_path / "kept"))
        process = await asyncio.create_subprocess_exec("sh", *limited, *arguments, stdout=PIPE, stderr=PIPE)
        out, err = await process.communicate()
    lines = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 0
    assert lines[-1]["transcript"] == "Hello there."
    assert len(service.audio) == 17_600
    assert [line["stopped"] for line in lines if line["kind"] == "recording"] == ["", "the disk is full"]
    assert b"recording stopped: the disk is full; the session goes on" in err
    assert lines[-1]["recording_stopped"] == "the disk is full"
    (recording,) = recordings_in(tmp_path / "kept")
    assert recording.manifest.ended == "the disk is full"
    assert recording.audio_path is not None
    assert soundfile.info(recording.audio_path).frames > 0
    records: list[Record] = []
    folded = fold(recording, records.append)
    assert json.loads(to_json(records[0])) == lines[0]
    assert folded.snapshot.detail == BROKEN_OFF


@pytest.mark.parametrize("shape", ["--json", "--plain"])
async def test_a_folder_that_is_deleted_in_mid_session_is_told(tmp_path: Path, shape: str):
    kept = tmp_path / "kept"

    async def deletes(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(0.4)
        kept.rename(tmp_path / "gone")  # at one blow: a file may just be written
        await polite(dialogue)

    wav = write_wav(tmp_path / "long.wav", 1.5)
    async with ScriptedService(deletes) as service:
        code, out, err = await run(str(wav), shape, "--url", service.url, "--record", str(kept))
    assert code == 0
    gone = "its files were deleted, or moved away"
    assert f"stt-monitor: recording stopped: {gone}; the session goes on" in err
    assert "Hello there." in out
    if shape == "--json":
        lines = [json.loads(line) for line in out.splitlines()]
        assert [line["stopped"] for line in lines if line["kind"] == "recording"] == ["", gone]
        assert lines[-1]["recording_stopped"] == gone
    else:
        assert f"recording stopped: {gone}" in out
    assert not kept.exists()


async def test_a_folder_that_is_deleted_at_the_very_end_is_told(wav: Path, tmp_path: Path):
    """The summary, which is the last line, has been printed by then."""
    kept = tmp_path / "kept"

    async def deletes(dialogue: Dialogue) -> None:
        await polite(dialogue)
        await dialogue.socket.close()
        kept.rename(tmp_path / "gone")  # at one blow: a file may just be written

    async with ScriptedService(deletes) as service:
        code, _, err = await run(str(wav), "--json", "--url", service.url, "--record", str(kept))
    assert code == 0
    assert "recording stopped: its files were deleted, or moved away" in err


async def test_after_a_kill_all_but_the_last_second_is_there(tmp_path: Path):
    """Ten sessions at once, each killed at another instant; `benchmarks/recording.py` does it a hundred times."""
    long = write_wav(tmp_path / "long.wav", 60)
    instants = random.Random(6).sample(range(3000), 10)
    async with ScriptedService(talkative) as service:
        remains = await asyncio.gather(
            *(kill_after(at / 1000, long, service.url, tmp_path / str(at)) for at in instants)
        )
    for each in remains:
        each.check()
    assert any(len(each.printed) > 50 for each in remains)


KEY, TOKEN, PASSWORD = "sk_car_hush_hush", "token-hush", "password-hush"
LOGIN = base64.b64encode(f"who:{PASSWORD}".encode()).decode()


async def indiscreet(dialogue: Dialogue) -> None:
    """A service that repeats what it should not: all that it was told."""
    (authorization,) = dialogue.headers.get_all("Authorization")
    scheme, _, told = authorization.partition(" ")
    if scheme == "Basic":
        told = base64.b64decode(told).decode().partition(":")[2]
    assert told in {KEY, PASSWORD}
    await dialogue.say("connected", echo=authorization, path=dialogue.path)
    await dialogue.say("turn.start")
    await dialogue.say("turn.update", transcript=f"{told} {TOKEN}")
    await dialogue.socket.send(f"{told} {TOKEN}".encode())
    await dialogue.hear(0.2)
    await dialogue.say("error", status_code=401, message=f"bad key {told}")
    await dialogue.socket.close(1008, f"bad key {told}")


@pytest.mark.parametrize(("login", "key"), [("", KEY), (f"who:{PASSWORD}@", "")])
async def test_no_secret_is_kept_or_printed_even_if_the_service_repeats_it(
    wav: Path, tmp_path: Path, login: str, key: str
):
    async with ScriptedService(indiscreet) as service:
        url = service.url.replace("http://", f"ws://{login}") + f"?access_token={TOKEN}"
        code, out, err = await run(str(wav), "--json", "--url", url, XDG_DATA_HOME=str(tmp_path), CARTESIA_API_KEY=key)
    assert code == 3
    assert TOKEN in service.dialogues[0].path
    assert "bad key ***" in out
    (recording,) = recordings_in(tmp_path / "stt-monitor" / "recordings")
    said = {file.name: file.read_bytes() for file in recording.path.iterdir()} | {
        "out": out.encode(),
        "err": err.encode(),
    }
    for place, content in said.items():
        for secret in (KEY, TOKEN, PASSWORD, LOGIN):
            assert secret.encode() not in content, place
    assert b"turn.update" in said["events.jsonl"]


async def test_a_login_and_a_key_are_one_too_many(wav: Path):
    code, out, err = await run(str(wav), "--url", f"ws://who:{PASSWORD}@127.0.0.1:9", CARTESIA_API_KEY=KEY)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "only one of its user and password and CARTESIA_API_KEY can be sent" in err
    assert "hush" not in err


@pytest.mark.parametrize(
    ("manifest", "reason"), [('{"form": 99}', "newer stt-monitor"), ('{"turns": "x"}', "damaged"), ("", "damaged")]
)
def test_a_session_that_cannot_be_opened_is_listed_with_the_reason(
    manifest: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("a-session", "no-session"):
        (tmp_path / name).mkdir()
    (tmp_path / "a-session" / "manifest.json").write_text(manifest)
    assert main(["recordings", str(tmp_path)]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.startswith("when")
    assert "a-session" in row
    assert reason in row
