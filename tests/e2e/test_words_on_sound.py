"""What is said of a recording with two channels, and of one turn: in lines, in JSON, on the screen."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from tests.support.service import ScriptedService, polite
from tests.ui.scripted import Script

from stt_monitor.core.journal import Finished
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.headless.plain import PlainLines
from stt_monitor.ui.drawing.status_line import status

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


async def lines_of(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(COMMAND, *arguments, "--no-record", stdout=PIPE)
    return (await process.communicate())[0].decode()


async def test_a_mix_is_told_in_lines_and_in_json(tmp_path: Path):
    call = str(tmp_path / "call.wav")
    soundfile.write(call, np.zeros((8000, 2)), 16_000)
    async with ScriptedService(polite) as service:
        plain = await lines_of(call, "--url", service.url, "--plain")
        lines = await lines_of(call, "--url", service.url, "--json", "--channel", "left")
    assert "call.wav, mix of 2; choose another with --channel" in plain
    assert json.loads(lines.splitlines()[0])["channel"] == "channel 1 of 2"


@pytest.mark.parametrize("width", [120, 160, 200])
def test_a_mix_is_told_in_the_status_line(width: int):
    snapshot = Script(source="a-call-with-a-rather-long-name-2026-11-22.wav").connect().snapshot(3)
    session = msgspec.structs.replace(snapshot.session, channel="mix of 2")
    assert ", mix of 2" in status(msgspec.structs.replace(snapshot, session=session), width).plain


def test_one_turn_is_one_turn():
    script = Script().connect().turn(1, "Hello there").to(6).decided()
    snapshot = script.snapshot()
    record = next(each for each in script.monitor.apply(Finished(snapshot.at, 1)) if isinstance(each, SummaryRecord))
    said = "\n".join(PlainLines()(record))
    assert "1 turn, 1 eager end (" in said
    assert "0 resumes" in said
