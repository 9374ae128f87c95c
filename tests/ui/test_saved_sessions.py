"""The list of saved sessions, beside real ones on the disk."""

import asyncio
import math
import re
import shutil
from pathlib import Path

import msgspec
import pytest
from tests.support.kept import keep, keep_beside
from tests.ui.screen import text, text_of
from textual.pilot import Pilot

from stt_monitor.core.metrics.session_result import result_of
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.lock import lock
from stt_monitor.recording.manifest import EVENTS, FINISHED, write_manifest
from stt_monitor.recording.player import Player
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.replay import fold
from stt_monitor.session.switching import SwitchingController
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.screens.comparison import ComparisonScreen
from stt_monitor.ui.screens.recordings import RecordingsScreen
from stt_monitor.ui.widgets.error_bar import ErrorBar

REASONS = {
    "cut": (b'{"form"', "damaged"),
    "newer": (b'{"form":99}', "made by a newer"),
    "other\x1b[2J": (b"[]", "damaged"),
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name, (manifest, _) in REASONS.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_bytes(manifest)
    shutil.copytree(demo_recording().path, tmp_path / "good")
    (tmp_path / "no session").mkdir()
    return tmp_path


async def seen(pilot: Pilot[int], what: str) -> str:
    for _ in range(1000):
        if what in (shown := text(pilot)):
            return shown
        await asyncio.sleep(0.02)
    pytest.fail(f"{what!r} never came on the screen:\n{shown}")


@pytest.mark.slow
async def test_one_key_writes_the_report_beside_the_session_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSH_TTY", "/dev/pts/0")
    session = open_recording(Path(keep(tmp_path / "one")))
    app = MonitorApp(SwitchingController(None, tmp_path, Player(session, speed=math.inf)))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await seen(pilot, "■ replay")
        await seen(pilot, "g Report")  # the footer follows the header
        await pilot.press("g")
        await seen(pilot, "path is copied")
        assert app.clipboard == str(tmp_path / "one" / "report.html")
    assert (tmp_path / "one" / "report.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", REASONS)
async def test_one_that_cannot_be_opened_is_listed_with_the_reason_and_says_it_when_chosen(directory: Path, name: str):
    stage = SwitchingController(None, directory, Player(demo_recording()))
    app = MonitorApp(stage)
    async with app.run_test(size=(200, 40), notifications=True) as pilot:
        await seen(pilot, "replay")
        await pilot.press("o")
        shown = await seen(pilot, "damaged")
        assert isinstance(pilot.app.screen, RecordingsScreen)
        assert "no session" not in shown
        rows = [line for line in shown.splitlines() if "damaged" in line or "newer" in line]
        assert len(rows) == len(REASONS)
        for folder, (_, reason) in REASONS.items():
            assert any(folder.replace("\x1b", "") in row and reason in row for row in rows)
        await pilot.press(*name[:3], "enter")
        await seen(pilot, "✗")
        bar = pilot.app.screen.query_one(ErrorBar)
        assert REASONS[name][1] in text_of(bar)
        assert app._snapshot is not None
        then = app._snapshot.at
        for _ in range(1000):
            if app._snapshot.at >= then + 0.5:  # what is played goes on, and knows nothing of it
                break
            await asyncio.sleep(0.02)
        await pilot.pause()
        assert REASONS[name][1] in text_of(bar)
        await pilot.press("o")
        await seen(pilot, "bundled sample")
        await pilot.press(*"good", "enter")
        for _ in range(1000):
            if not bar.display:
                break
            await asyncio.sleep(0.02)
        assert not bar.display
    stage.close()


@pytest.mark.slow
async def test_services_side_by_side_are_one_line_and_play_together(tmp_path: Path):
    group = Path(keep_beside(tmp_path / "talk"))
    for service, turns in (("cartesia", 6), ("flux", 5)):
        manifest = open_recording(group / service).manifest
        write_manifest(group / service, msgspec.structs.replace(manifest, turns=turns, seconds=31.0, ended=FINISHED))
    keep(tmp_path / "going on", source="b.wav")
    stage = SwitchingController(None, tmp_path, Player(demo_recording(), paused=True))
    app = MonitorApp(stage)
    with (tmp_path / "going on" / EVENTS).open("rb+", buffering=0) as file:
        lock(file)
        async with app.run_test(size=(200, 40)) as pilot:
            await seen(pilot, "replay")
            await pilot.press("o")
            shown = await seen(pilot, "0:31    6/5      –/–")
            (row,) = [line for line in shown.splitlines() if "0:31    6/5" in line]
            assert "talk · a.wav  cartesia/flux  timeout 4000 m…" in re.sub(" {2,}", "  ", row)
            (line,) = [line for line in shown.splitlines() if "b.wav" in line]
            assert line.rstrip(" │▕▎▊╯─").endswith("being recorded")
            await pilot.press(*"talk", "enter")
            for _ in range(1000):
                if app._whole is not None and app._whole.lanes:
                    break
                await asyncio.sleep(0.02)
            assert app._whole is not None
            assert [lane.session.service for lane in app._whole.lanes] == ["cartesia", "flux"]
            assert "cartesia" in await seen(pilot, "flux")
    stage.close()


def kept_at(folder: Path, moment: str, eot: float) -> None:
    """Keep a session of a moment, with what it came to."""
    keep(folder, eot=eot)
    (folder / EVENTS).write_text((folder / EVENTS).read_text().replace("2026-11-22T09:00:00.000", moment))
    recording = open_recording(folder)
    session = msgspec.structs.replace(recording.manifest.session, started_at=f"{moment}+00:00")
    result = result_of(fold(recording).snapshot)
    manifest = msgspec.structs.replace(recording.manifest, session=session, turns=6, result=result, ended=FINISHED)
    write_manifest(folder, manifest)


@pytest.mark.slow
@pytest.mark.parametrize("width", [40, 100])
async def test_the_list_says_what_sessions_came_to_and_compares_two(width: int, tmp_path: Path):
    kept_at(tmp_path / "before", "2026-11-22T09:00:00.000", 0.9)
    kept_at(tmp_path / "after", "2026-11-23T09:00:00.000", 0.45)
    stage = SwitchingController(None, tmp_path, Player(demo_recording(), paused=True))
    app = MonitorApp(stage)
    async with app.run_test(size=(width, 24)) as pilot:
        await seen(pilot, "replay")
        await pilot.press("o")
        shown = await seen(pilot, "befor")
        lines = [line for line in shown.splitlines() if "6 " in line and "~0" in line]
        assert [re.findall("(?:450|900) +~0", line) != [] for line in lines] == [True, True]
        assert ("cartesia" in lines[0], "timeout" in lines[0]) == (width >= 80, width >= 80)
        await pilot.press("tab", "tab", "tab", "down", "tab")  # marked, not marked, marked; and the other
        await seen(pilot, "2 marked")
        await pilot.press("enter")
        if width >= 80:
            compared = await seen(pilot, "−450 ▼ 5")
            assert any("900" in line and "baseline" in line for line in compared.splitlines())
        await seen(pilot, "Compare")
        assert isinstance(pilot.app.screen, ComparisonScreen)
    stage.close()
