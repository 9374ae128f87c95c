"""`stt-monitor serve`, as a process."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.patience import PATIENCE_S

from stt_monitor.cli import serve as command
from stt_monitor.core.errors import InputError

RUN = """
    import sys
    sys.path.insert(0, {root!r})
    from tests.server.stand_in import LoudnessDetector
    from stt_monitor.cli.main import main
    from stt_monitor.server import serve
    serve._load_detector = lambda: LoudnessDetector
    sys.exit(main(["serve", *sys.argv[1:]]))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "run.py"
    path.write_text(textwrap.dedent(RUN.format(root=str(Path(__file__).parents[2]))))
    return path


@contextmanager
def serve(script: Path, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server, and the first line that it prints."""
    process = subprocess.Popen(
        [sys.executable, str(script), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    with process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def url_in(line: str) -> str:
    found = re.search(r"http://\S+?:\d+", line)
    assert found is not None, line
    return found.group()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_line_and_a_clean_end(script: Path, number: signal.Signals) -> None:
    with serve(script, "--port", "0", "--max-sessions", "5") as (process, line):
        url = url_in(line)
        assert f"CARTESIA_BASE_URL={url} CARTESIA_API_KEY=local" in line
        with urllib.request.urlopen(f"{url}/health", timeout=PATIENCE_S) as answer:
            assert json.load(answer)["max_sessions"] == 5
        process.send_signal(number)
        rest, errors = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.slow
def test_demands_the_key_of_the_variable_and_does_not_show_it(script: Path) -> None:
    with serve(script, "--port", "0", "--api-key-env", "MY_KEY", MY_KEY=" 's3cret'\n") as (_, line):
        assert "s3cret" not in line
        assert "CARTESIA_API_KEY=$MY_KEY" in line
        url = f"{url_in(line)}/tts/bytes"
        allowed = urllib.request.Request(url, data=b"no JSON", headers={"Authorization": "Bearer s3cret"})
        with pytest.raises(urllib.error.HTTPError) as understood:
            urllib.request.urlopen(allowed, timeout=PATIENCE_S)
        assert understood.value.code == 400
        understood.value.close()
        request = urllib.request.Request(f"{url_in(line)}/tts/bytes", data=b"{}")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=PATIENCE_S)
        assert refused.value.code == 401
        refused.value.close()


@pytest.mark.slow
def test_a_port_that_is_taken_is_one_sentence(script: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with serve(script, "--port", port) as (process, _):
            printed, errors = process.communicate(timeout=PATIENCE_S)
            assert errors == (
                f"stt-monitor: cannot listen on 127.0.0.1:{port}: Address already in use; give another --port\n"
            )
            assert (process.returncode, printed) == (2, "")


@pytest.mark.slow
@pytest.mark.parametrize(("host", "here"), [("0.0.0.0", socket.gethostname()), ("::", "[::1]")])
def test_others_can_reach_it_and_that_is_said(script: Path, host: str, here: str) -> None:
    with serve(script, "--port", "0", "--host", host) as (process, line):
        shown = re.search(r"Listening on (http://\S+:\d+);", line)
        assert shown is not None
        assert shown[1].startswith(f"http://{f'[{host}]' if ':' in host else host}:")
        assert "127.0.0.1" not in line
        port = shown[1].rpartition(":")[2]
        with urllib.request.urlopen(f"http://{here}:{port}/health", timeout=PATIENCE_S) as answer:
            assert json.load(answer)["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert errors == (
        "stt-monitor: anyone who can reach this address can use the local server; --api-key-env requires a key\n"
    )


@pytest.mark.slow
def test_an_address_of_another_machine_is_bad_usage(script: Path) -> None:
    with serve(script, "--port", "0", "--host", "192.0.2.1") as (process, _):
        printed, errors = process.communicate(timeout=PATIENCE_S)
        assert errors.startswith("stt-monitor: cannot listen on 192.0.2.1:0: ")
        assert errors.endswith("; give another --host\n")
        assert (process.returncode, printed, errors.count("\n")) == (2, "", 1)


def test_a_key_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(InputError, match="NO_SUCH_KEY"):
        command.serve(["--api-key-env", "NO_SUCH_KEY"])


@pytest.mark.parametrize("value", ["", " ", "\n", '""', "sk_abc\u00e9", "sk_abc sk_def"])
def test_a_key_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SERVER_KEY", value)
    with pytest.raises(InputError, match="SERVER_KEY"):
        command.serve(["--api-key-env", "SERVER_KEY"])


def test_a_key_in_the_place_of_its_variable_is_refused_and_not_shown() -> None:
    with pytest.raises(InputError, match="environment variable is not set") as caught:
        command.serve(["--host", "0.0.0.0", "--api-key-env", "sk_abcdefgh"])
    assert "sk_" not in str(caught.value)


def test_a_variable_that_is_not_set_never_serves_without_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.serve(["--host", "0.0.0.0", "--api-key-env", ""])
    assert caught.value.code == 2
    assert "--api-key-env" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "65536"),
        ("--port", "-1"),
        ("--idle-timeout", "0"),
        ("--idle-timeout", "nan"),
        ("--max-sessions", "0"),
        ("--host", ""),
        ("--host", " "),
        ("--host", "0"),
        ("--host", "0x0"),
        ("--host", "256.1.1.1"),
        ("--host", "127.1"),
        ("--host", "127.0.0.1:8000"),
        ("--host", "http://0.0.0.0"),
        ("--host", "a b"),
        ("--host", "::1::"),
        ("--allow-host", ""),
        ("--allow-origin", ""),
        ("--allow-origin", "app.example"),
        ("--allow-origin", "https://app.example/page"),
    ],
)
def test_options_that_make_no_sense(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.serve([option, value])
    assert option in capsys.readouterr().err
