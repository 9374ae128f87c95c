import subprocess
import sys
import wave
from pathlib import Path

import pytest
from tests.support.sound import write_wav

from stt_monitor.cli.commands import COMMANDS, DEFAULT, Command
from stt_monitor.cli.main import main


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the program with bad usage; return the one sentence that it says."""
    with pytest.raises(SystemExit) as stop:
        raise SystemExit(main(arguments))  # argparse raises it too
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert out == ""
    assert err.startswith("stt-monitor: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--bogus"], "--bogus"),
        (["--chunk-ms", "0"], "10 to 1000"),
        (["--chunk-ms", "ten"], "10 to 1000"),
        (["--end-threshold", "nan"], "--end-threshold"),
        (["--end-threshold", "low"], "--end-threshold"),
        (["--end-threshold", "2"], "--end-threshold: 2 is out of range: it must lie from 0.05 to 0.5"),
        (["--end-threshold", "inf"], "0.05 to 0.5"),
        (["--keyterm", "a"] * 101, "101 key terms are too many: give 100 at most"),
        (["--keyterm", "a" * 1201], "the key terms have 1201 characters: give 1200 at most"),
        (["--model", ""], "--model: the name is empty"),
        (["--model", " "], "--model: the name is empty"),
        (["--start-threshold=-1e400"], "0.5 to 0.9"),
        (["--eager-end-threshold", "0.81"], "0.3 to 0.8"),
        (["--end-timeout-ms", "639"], "640 to 11200"),
        (
            ["--eager-end-threshold", "0.4", "--end-threshold", "0.4"],
            "eager end threshold 0.4 must be greater than end",
        ),
        (["--eager-end-threshold", "0.3", "--local"], "end threshold 0.3 (the default)"),
        (
            ["web", "--start-threshold", "0.5", "--end-threshold", "0.5"],
            "0.5 must be greater than eager end threshold 0.6 (the default)",
        ),
        (["--language-hint", "en"], "give --model ink-preview"),
        (["--model", "ink-preview", "--language-hint", "en,fr"], "one for each --language-hint"),
        (["--url", "nowhere"], "wss://host:port"),
        (["--url", "ws://h", "--local"], "not allowed"),
        (["--plain", "--json"], "not allowed"),
        (["a.wav", "--say", "hello"], "not allowed"),
        (["--say", "hello", "--local"], "CARTESIA_API_KEY"),
        (["-", "--encoding", "pcm_s16le"], "--rate"),
        (["-", "--rate", "16000", "--encoding", "opus"], "pcm_s16le"),
        (["--degrade", "nosie:10"], "--degrade nosie:10: there is no such arm; did you mean noise?"),
        (
            ["--degrade", "phone", "--degrade", "loss:80"],
            "--degrade loss:80: give loss:PERCENT, a number from 0 to 50 %",
        ),
        (["--mic", "--degrade", "phone"], "--degrade is for recordings, not for a microphone"),
        (["-", "--rate", "16000", "--degrade", "phone"], "--degrade is for recordings, not for standard input"),
        (["serve", "--port", "x"], "--port"),
        (["--name", "-dash"], "--name needs a value (one that begins with a dash: --name=-...)"),
        (["sweep", "-j"], "-j needs a value; see"),
    ],
)
def test_bad_usage(capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str):
    assert hint in refused(capsys, *arguments)


@pytest.mark.parametrize("option", ["--say", "--url", "--model", "--keyterm", "--language-hint"])
def test_what_is_sent_must_be_text(capsys: pytest.CaptureFixture[str], option: str):
    assert f"argument {option}: caf\ufffd is not UTF-8" in refused(capsys, option, "caf\udce9")


def test_unreadable_input(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    text = tmp_path / "text.wav"
    text.write_text("not a recording\n")
    cut = tmp_path / "cut.wav"
    cut.write_bytes(write_wav(tmp_path / "whole.wav", 0.1).read_bytes()[:30])
    empty = tmp_path / "empty.wav"
    with wave.open(str(empty), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", "not compressed"))
    compressed = tmp_path / "compressed.wav"
    header = bytearray(write_wav(tmp_path / "pcm.wav", 0.1).read_bytes())
    header[20:22] = (0x31).to_bytes(2, "little")  # GSM 6.10
    compressed.write_bytes(header)
    for path in (tmp_path / "missing.wav", tmp_path, text, cut, empty, compressed):
        assert str(path) in refused(capsys, str(path), "--plain")


def test_a_channel_that_the_recording_lacks(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    stereo = write_wav(tmp_path / "stereo.wav", 0.1, channels=2)
    assert "2 channels" in refused(capsys, str(stereo), "--channel", "3", "--plain")
    assert "mix, left, right" in refused(capsys, str(stereo), "--channel", "middle", "--plain")


def test_what_has_no_side_of_an_agent(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    mono, same = (write_wav(tmp_path / f"{n}.wav", 0.1, channels=n) for n in (1, 2))
    for arguments, said in (
        ([str(mono), "--agent", "right"], "only one channel; leave out --agent"),
        ([str(same), "--agent", "right"], "have the same sound: there is no agent's side"),
        ([str(same), "--agent", "left", "--channel", "1"], "is the channel that --channel sends"),
        ([str(same), "--agent", "both"], "--agent both: give left, right, or a channel number"),
        (["--agent", "right"], "give an audio file"),
        (["-", "--agent", "right"], "give an audio file"),
    ):
        assert said in refused(capsys, *arguments, "--plain")


def test_an_assertion_about_an_agent_that_was_not_heard_cannot_be_told(capsys: pytest.CaptureFixture[str]):
    assert main(["assert", "demo", "--assert", "interruptions==0", "--assert", "response_gap.p50<=1s"]) == 4
    assert capsys.readouterr().out.count("n/a: the agent's side was not heard: give --agent") == 2


def test_a_file_name_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]):
    assert "\x1b" not in refused(capsys, "\x1b]0;owned\x07.wav", "--plain")


def test_help_names_every_option_and_exit_code(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    for word in ("AUDIO", "--url", "--local", "--model", "--keyterm", "--start-threshold", "--eager-end-threshold",
                 "--end-threshold", "--end-timeout-ms", "--chunk-ms", "--channel", "--plain", "--json",
                 "--no-autostart", "serve", "CARTESIA_API_KEY", "130"):  # fmt: skip
        assert word in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_of_its_own(capsys: pytest.CaptureFixture[str], command: str):
    with pytest.raises(SystemExit) as stop:
        main([*command.split(), "--help"])
    assert stop.value.code == 0
    assert f"usage: stt-monitor {command} " in capsys.readouterr().out


INTERRUPTED_WHILE_LOADING = """
import os, signal, sys
from stt_monitor import __main__
signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored in the background
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                print("raised into the loading", file=sys.stderr)
sys.meta_path.insert(0, Interrupting())
sys.argv = ["stt-monitor", *{arguments!r}]
sys.exit(__main__.main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a signal to oneself")
@pytest.mark.parametrize("command", [DEFAULT, *COMMANDS.values()], ids=lambda command: command.name)
def test_an_interruption_while_a_command_is_loaded_raises_nothing(command: Command):
    program = INTERRUPTED_WHILE_LOADING.format(
        module=f"stt_monitor.cli.{command.module}", arguments=[*command.name.split(), "--help"]
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


def test_the_package_runs_as_a_module(tmp_path: Path):
    run = subprocess.run(
        [sys.executable, "-m", "stt_monitor", "--rate", "1", "x"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("stt-monitor: argument --rate: ")


@pytest.mark.parametrize(
    "arguments", [[], ["--plain"], ["--say", "hello"], ["--url", "ws://127.0.0.1:1"], ["doctor"], ["web"]], ids=" ".join
)
def test_a_malformed_key_is_refused_before_anything_else(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_car_\nhush")
    err = refused(capsys, *arguments)
    assert "CARTESIA_API_KEY is malformed" in err
    assert "hush" not in err


@pytest.mark.parametrize(("arguments", "name"), [
    (["--record", ""], "--record"), ([""], "AUDIO"), (["a.wav", ""], "AUDIO"), (["a.wav", "--labels", ""], "--labels"),
    (["--reference", "", "--assert", "wer<=5%"], "--reference"), (["--junit="], "--junit"), (["--device="], "--device"),
    (["recordings", ""], "DIR"), (["report", "demo", "-o", ""], "--output"), (["export", ""], "SESSION"),
    (["replay", ""], "SESSION"), (["assert", "demo", ""], "SESSION"),
])  # fmt: skip
def test_an_empty_argument_is_refused_by_name(capsys: pytest.CaptureFixture[str], arguments: list[str], name: str):
    assert f"{name} is empty" in refused(capsys, *arguments)
