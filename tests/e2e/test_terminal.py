"""What the screen needs of a terminal: keys from somewhere, something to draw on, and that it obeys."""

import os
import re
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
        terminal.until("SPEAKING")
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored


def test_a_loop_over_a_pipe_has_the_screen_too():
    with Terminal(
        shell(f'printf "1\\n" | while read -r n; do {COMMAND} demo; echo "number $n, code $?"; done')
    ) as terminal:
        terminal.until("SPEAKING")
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


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        ("ono such/session", "no such/session"),
        ("/good\r/only", "only"),
        ("w/turn.start\r/turn.end", "turn.end"),
        ("\x10wire log\r/turn.resume", "turn.resume"),
    ],
)
def test_text_typed_in_one_bunch_with_the_key_that_opens_its_line_loses_nothing(keys: str, seen: str):
    """The line has the whole of it, and a blank stands behind it: nothing else was typed there."""

    def is_typed(text: str) -> bool:
        return any(re.search(rf"(^|[│┃ ]){re.escape(seen)} *(│|$)", line) for line in text.splitlines())

    with Terminal([COMMAND, "demo"]) as terminal:
        terminal.until("good morning")
        terminal.press(keys)
        terminal.until(is_typed)
        terminal.press("\x03")
        assert terminal.until_gone() == 130


def test_text_typed_before_the_first_picture_loses_nothing_either():
    with Terminal([COMMAND, "demo"]) as terminal:
        terminal.press("ono such/session")
        terminal.until(lambda text: "Saved sessions" in text and "no such/session" in text)
        terminal.press("\x03")
        assert terminal.until_gone() == 130
