"""Several services on the screen of the real command, in a real terminal."""

import re
import sys
from pathlib import Path

import pytest
from tests.support.kept import keep_beside
from tests.support.sound import READING
from tests.support.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


@pytest.mark.parametrize(("columns", "rows"), [(40, 12), (80, 24), (160, 50)])
def test_saved_services_are_replayed_side_by_side_and_one_by_one(tmp_path: Path, columns: int, rows: int):
    group = keep_beside(tmp_path / "talk", eots=(0.4, 0.9))
    with Terminal([COMMAND, "replay", group, "--speed", "max"], columns, rows) as terminal:
        terminal.until(lambda text: text.count("■ ended") == 2)
        terminal.until(lambda text: re.search(r"0:26\.0.*★ +400 .*900", text) is not None)
        terminal.until("▸ cartesia 1/2")
        terminal.press("l")
        terminal.until("▸ flux 2/2")
        terminal.press("b")
        terminal.until("Transcript─" if rows < 30 else "Transcript ─")
        terminal.until("900")
        terminal.press("b")
        terminal.until("★")
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored


def test_two_protocols_of_the_local_server_hear_the_same_words():
    options = [str(READING), "--local", "--no-record", "--service", "cartesia", "--service", "flux"]
    with Terminal([COMMAND, *options], 160, 50) as terminal:
        terminal.until(lambda text: text.count("◆ connected") >= 2)
        terminal.until(lambda text: len(re.findall("Had he married", text)) == 2)
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored
