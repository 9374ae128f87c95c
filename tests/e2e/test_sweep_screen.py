"""A sweep on a real terminal: it runs, a cell is opened, quitting leaves the result, and the same folder goes on."""

import asyncio
import json
import sys
from pathlib import Path

from tests.support.service import ScriptedService
from tests.support.sound import write_wav
from tests.support.sweeps import SECONDS, SPEECH, answers
from tests.support.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


def plan(folder: Path, url: str, values: str) -> list[str]:
    turns = [{"start": span.onset, "end": span.end} for span in SPEECH]
    (folder / "labels.json").write_text(json.dumps([{"file": "talk.wav", "turns": turns}]))
    wav = write_wav(folder / "talk.wav", SECONDS)
    options = ["--labels", str(folder / "labels.json"), "--set", f"end_threshold={values}", "--url", url]
    return [COMMAND, "sweep", str(wav), *options, "--record", str(folder), "--name", "one", "-j", "2"]


async def test_a_sweep_shows_its_cells_and_leaves_its_result(tmp_path: Path):
    def use(url: str) -> tuple[int, str]:
        with Terminal(plan(tmp_path, url, "0.1,0.2,0.3,0.4"), 120, 40) as terminal:
            terminal.until("4/4 done")
            terminal.until("eot p50")
            terminal.press("\r")
            terminal.until("talk.wav")
            terminal.press("\r")
            terminal.until("replay")
            terminal.press("S")
            terminal.until("4/4 done")
            terminal.press("q")
            code = terminal.until_gone()
            assert terminal.restored
            return code, terminal.text

    async with ScriptedService(answers) as service:
        code, left = await asyncio.to_thread(use, service.url)
    assert code == 0
    assert "end 0.1" in left
    assert "end 0.4" in left


async def test_quitting_early_says_how_to_go_on_and_going_on_does(tmp_path: Path):
    def quit_early(url: str) -> str:
        with Terminal(plan(tmp_path, url, "0.1..0.4/0.05"), 100, 30) as terminal:
            terminal.until("running")
            terminal.press("q")
            terminal.until_gone()
            return terminal.text

    def go_on() -> str:
        with Terminal([COMMAND, "sweep", str(tmp_path / "one"), "-j", "4"], 100, 30) as terminal:
            text = terminal.until("7/7 done")
            terminal.press("q")
            assert terminal.until_gone() == 0
            return text

    async with ScriptedService(answers) as service:
        left = await asyncio.to_thread(quit_early, service.url)
        assert "to go on: stt-monitor sweep" in left
        assert "end 0.25" in await asyncio.to_thread(go_on)


async def test_the_end_of_a_terminal_ends_the_sweep_in_order(tmp_path: Path):
    def vanish(url: str) -> int:
        with Terminal(plan(tmp_path, url, "0.1..0.4/0.05"), 100, 30) as terminal:
            terminal.until("running")
            terminal.vanish()
            return terminal.until_gone()

    async with ScriptedService(answers) as service:
        assert await asyncio.to_thread(vanish, service.url) == 129
    assert (tmp_path / "one" / "sweep.json").exists()
