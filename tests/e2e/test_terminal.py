"""What the screen needs of a terminal: keys from somewhere, something to draw on, and that it obeys."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")


def shell(line: str) -> list[str]:
    return ["/bin/sh", "-c", line]


@pytest.mark.parametrize(
    "stdin", ["</dev/null", "<&-", "</etc/passwd", "2>/dev/null", "2>&-"], ids=["nothing", "closed", "file", "2", "2-"]
)
def test_keys_come_from_the_terminal_and_pictures_go_there(stdin: str):
    with Terminal(shell(f"exec {COMMAND} demo {stdin}")) as terminal:
        terminal.until("Had he")
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored


def test_a_loop_over_a_pipe_has_the_screen_too():
    with Terminal(
        shell(f'printf "1\\n" | while read -r n; do {COMMAND} demo; echo "number $n, code $?"; done')
    ) as terminal:
        terminal.until("Had he")
        terminal.press("q")
        terminal.until("number 1, code 0")


def test_without_a_terminal_for_keys_it_says_so():
    """Standard output is a terminal, but not one that this session has for its own."""
    master, slave = os.openpty()
    done = subprocess.run(
        [COMMAND, "demo"],
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color"},
        text=True,
        check=False,
    )
    os.close(master)
    os.close(slave)
    assert done.returncode == 2
    assert done.stderr == (
        "stt-monitor: standard input is not a terminal, and there is none to read keys from; give --plain or --json\n"
    )


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_obeys_nothing_gets_lines(term: str):
    with Terminal([COMMAND, "demo"], 120, 60, TERM=term) as terminal:
        assert terminal.until_gone() == 0
        assert "turn.end" in terminal.text
        assert b"\x1b" not in terminal.output
