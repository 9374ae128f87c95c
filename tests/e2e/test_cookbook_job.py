"""The job for GitHub Actions in the cookbook: its steps, taken from the page, in an environment as clean as a runner's.

Installing is not tried here: `.ci/run` does that, in fresh environments. Nor do these tests ask whether a machine that
runs many others is fast enough to pass: only that all outputs agree with the exit code, and nothing else came of it.
"""

import asyncio
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
from junitparser import JUnitXml
from tests.support.patience import PATIENCE_S
from tests.support.runner import workflow_command
from tests.support.sound import READING

PAGE = Path(__file__).parents[2] / "tui" / "docs" / "cookbook.md"
BEGIN = "    name: turn detection\n"
WRITE = "--write-baseline calls/baseline.json"
UTTERANCES = 7
"""The first turn of a connection counts nowhere, and five pairs are needed."""


class Step(NamedTuple):
    name: str
    script: str


def steps() -> list[Step]:
    """Return the shell steps of the job on the page."""
    page = PAGE.read_text(encoding="utf-8")
    job = dedent(re.split(r"\n(?=\S)", page[page.index(BEGIN) :])[0])
    found = re.findall(r"^ +- name: (.+)\n((?: {8,}.*\n?)+)", job, re.MULTILINE)
    scripts = ((name, re.search(r"^ *run: (?:\|\n((?: +.*\n?)+)|(.+))", body, re.MULTILINE)) for name, body in found)
    return [Step(name, dedent(found[1] or found[2])) for name, found in scripts if found]


def written_once() -> str:
    """Return the page's command that writes the baseline."""
    return next(line.strip() for line in PAGE.read_text(encoding="utf-8").splitlines() if line.endswith(WRITE))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a recording: words of the sample, with silence between them."""
    samples, rate = soundfile.read(READING, dtype="float32")
    words, silence = samples[int(0.4 * rate) : int(1.3 * rate)], np.zeros(int(1.7 * rate), "float32")
    (tmp_path / "checkout" / "calls").mkdir(parents=True)
    call = np.concatenate([silence, *chain.from_iterable((words, silence) for _ in range(UTTERANCES))])
    soundfile.write(tmp_path / "checkout" / "calls" / "call.wav", call, rate)
    return tmp_path / "checkout"


async def shell(script: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a runner does: its shell, no terminal, nothing in the environment but what it sets."""
    (home := checkout.parent / "home").mkdir(exist_ok=True)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home), "CI": "true",
        "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(checkout.parent / "summary.md"),
    }  # fmt: skip
    return await asyncio.to_thread(
        subprocess.run, ["bash", "-e", "-c", script], cwd=checkout, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=2 * PATIENCE_S, check=False, start_new_session=True,
    )  # fmt: skip


def test_the_page_has_the_steps_of_a_job():
    install, judge = steps()
    assert install == Step("Install", 'pip install "$STT_MONITOR"')
    assert judge.script.startswith("stt-monitor calls/*.wav")
    assert all(option in judge.script for option in ("--assert", "--baseline", "--junit", "--summary", "--report"))


async def test_its_steps_run_as_they_stand_there(checkout: Path):
    _, judge = steps()
    written = await shell(written_once(), checkout)
    assert written.returncode == 0, written.stdout + written.stderr
    ran = await shell(judge.script, checkout)
    assert ran.returncode in (0, 1, 4), ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    verdicts = [line for line in ran.stdout.splitlines() if re.match("PASS|FAIL|CANNOT TELL", line)]
    assert [line.split("  ")[1].split(" ")[0] for line in verdicts] == [
        "eot.p90<=2s", "missed==0", "eot_latency", "false_cutoffs"
    ]  # fmt: skip
    failed, unknown = (sum(line.startswith(word) for line in verdicts) for word in ("FAIL", "CANNOT TELL"))
    assert ran.returncode == (1 if failed else 4 if unknown else 0), verdicts
    commands = [found.name for line in ran.stderr.splitlines() if (found := workflow_command(line))]
    assert (commands.count("error"), commands.count("warning")) == (failed, unknown)
    xml = JUnitXml.fromfile(str(checkout / "turns.xml"))
    assert (xml.tests, xml.failures, xml.errors) == (4, failed, unknown)
    assert (checkout.parent / "summary.md").read_text().startswith("### stt-monitor: ")
    assert "<html" in (checkout / "turns.html").read_text()
