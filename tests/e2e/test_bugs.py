"""A bug of ours is told in a sentence, and is no failed assertion: exit code 70 from every command."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from junitparser import JUnitXml
from tests.support.service import ScriptedService, polite
from tests.support.sound import write_wav
from tests.support.terminal import PATIENCE_S, Terminal

from stt_monitor.cli.commands import COMMANDS
from stt_monitor.core.errors import BugError
from stt_monitor.server.child import LocalServerProcess
from stt_monitor.system.bugs import report_bug

SECRET = "sk-a-secret"

IN_A_COMMAND = """
import sys
from stt_monitor.cli.commands import Command
from stt_monitor.cli.main import main
def broken(arguments):
    raise TypeError("sk-" + {rest!r})
Command.function = lambda self: broken
sys.exit(main(sys.argv[1:]))
"""

IN_A_SESSION = """
import sys
from stt_monitor.cli.main import main
from stt_monitor.session.client import Session
async def broken(self):
    raise TypeError("sk-" + {rest!r})
Session.run = broken
sys.exit(main(sys.argv[1:]))
"""

IN_A_RUN = """
import sys
from stt_monitor.cli.main import main
from stt_monitor.session.runner import SessionRunner
async def broken(self):
    raise TypeError("sk-" + {rest!r})
SessionRunner._run_all = broken
sys.exit(main(sys.argv[1:]))
"""

IN_THE_LOCAL_SERVER = """
import sys
from stt_monitor.server import __main__, serve
def broken(settings, announce):
    raise TypeError("sk-" + {rest!r})
serve.serve_until_stopped = broken
sys.exit(__main__.main())
"""

ON_THE_SCREEN = """
import sys
from stt_monitor.cli.main import main
from stt_monitor.ui.app import MonitorApp
def broken(self):
    raise TypeError("sk-" + {rest!r})
MonitorApp.on_mount = MonitorApp.get_default_screen = broken
sys.exit(main(sys.argv[1:]))
"""


def program(broken: str) -> list[str]:
    """In two parts: since Python 3.13 a traceback shows the lines of what stands on the command line too."""
    return [sys.executable, "-c", broken.format(rest=SECRET.removeprefix("sk-"))]


async def run(broken: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"HOME": str(home), "XDG_STATE_HOME": str(home), "XDG_DATA_HOME": str(home)}
    environment.pop("CARTESIA_API_KEY", None)
    return await asyncio.to_thread(
        subprocess.run, [*program(broken), *arguments],
        capture_output=True, text=True, env=environment, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


def assert_told(done: subprocess.CompletedProcess[str], home: Path) -> None:
    assert done.returncode == 70, done.stderr
    (sentence,) = (line for line in done.stderr.splitlines() if "a bug of stt-monitor" in line)
    assert "TypeError in " in sentence
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr + done.stdout
    if sys.platform == "linux":
        (log,) = home.rglob("errors.log")
        assert str(log) in sentence
        assert "Traceback" in log.read_text()
        assert SECRET not in log.read_text()


@pytest.mark.parametrize("command", ["", *COMMANDS])
async def test_every_command_ends_with_70_and_a_sentence(tmp_path: Path, command: str):
    assert_told(await run(IN_A_COMMAND, tmp_path, *command.split()), tmp_path)


@pytest.mark.parametrize("broken", [IN_A_SESSION, IN_A_RUN])
async def test_a_bug_in_a_session_is_no_failed_assertion(tmp_path: Path, broken: str):
    wav, junit = write_wav(tmp_path / "a.wav", 0.3), tmp_path / "verdicts.xml"
    async with ScriptedService(polite) as service:
        done = await run(
            broken, tmp_path, str(wav), "--url", service.url, "--assert", "violations==0", "--junit", str(junit)
        )
    assert_told(done, tmp_path)
    assert "PASS" not in done.stdout
    assert JUnitXml.fromfile(str(junit)).errors == 1


def test_a_bug_in_the_local_server_is_one_of_ours_here_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with LocalServerProcess(program(IN_THE_LOCAL_SERVER)) as server, pytest.raises(BugError) as failure:
        server.start()
    assert failure.value.exit_code == 70
    assert "TypeError in " in str(failure.value)
    assert SECRET not in str(failure.value)


def test_a_screen_that_breaks_ends_with_70():
    with Terminal(program(ON_THE_SCREEN)) as terminal:
        assert terminal.until_gone() == 70
        assert terminal.restored


def test_without_a_place_to_write_it_is_still_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    taken = tmp_path / "taken"
    taken.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(taken))
    with pytest.raises(ValueError, match=SECRET) as failure:
        int(SECRET)
    said = report_bug(failure.value, "the session has ended")
    assert said.startswith("a bug of stt-monitor (ValueError in test_bugs.py, line ")
    assert "the session has ended" in said
    assert SECRET not in said
