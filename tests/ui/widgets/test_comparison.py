import msgspec
import pytest
from tests.report.test_turn_by_turn import shifted
from tests.support.heard import hear, talk
from tests.ui.screen import in_every_size, monitor, show, text
from tests.ui.scripted import Script, ScriptedController

from stt_monitor.core.commands import MarkBaseline
from stt_monitor.core.earlier import EarlierSessions
from stt_monitor.core.journal import Configured
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.pairs.in_this_run import InThisRun
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import AllFiles, FileResult, Snapshot
from stt_monitor.ui.screens.comparison import ComparisonScreen
from stt_monitor.ui.widgets.comparison import Row, comparison, file_rows, settings_rows


def session() -> Snapshot:
    script = Script(source="third.wav").connect()
    for number in range(6):
        at = 1.0 + 4 * number
        if number == 3:
            script.to(at - 1).monitor.apply(
                Configured(
                    at - 1,
                    TurnSettings(
                        start_threshold=0.75, eager_end_threshold=0.5, end_threshold=0.25, end_timeout_ms=4000
                    ),
                )
            )
        script.turn(at, f"turn {number}", eot=0.8 if number < 3 else 0.5, resumed=number == 4)
    return script.to(26).decided().snapshot()


def several() -> Snapshot:
    snapshot = session()
    names = ("first [/b]\x1b[2J.wav", "second.wav")
    results = tuple(FileResult(name, 9, snapshot.counts, snapshot.summaries) for name in names)
    pooled = AllFiles(18, snapshot.counts, snapshot.summaries, {})
    return msgspec.structs.replace(snapshot, files=results, all_files=pooled, playing=(3, 4))


@pytest.mark.slow
async def test_c_shows_figures_by_settings_and_goes_on_with_the_session(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("c")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ComparisonScreen)
        assert "no turn has ended yet" in text(pilot)
        await show(pilot, controller, session())
        said = text(pilot)
        assert "server default" in said
        assert "▸ .75 .5 .25 4000" in said
        assert "files" not in said
        await pilot.press("c")
        assert len(pilot.app.screen_stack) == 1


@pytest.mark.slow
async def test_files_stand_beside_each_other_and_together(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, several())
        await pilot.press("c")
        await pilot.pause()
        said = text(pilot)
        for what in ("first [/b][2J.wav", "second.wav", "▸ third.wav", "all files", "18"):
            assert what in said, what


@pytest.mark.slow
async def test_it_fits_every_window(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, several())
        async for size in in_every_size(pilot):
            await pilot.press("c")
            await pilot.pause()
            box = pilot.app.screen.query_one("#comparison").region
            assert pilot.app.screen.region.contains_region(box), size
            assert "server def" in text(pilot), size
            await pilot.press("escape")


@pytest.mark.parametrize("width", [40, 46, 58, 70, 90, 106, 139])
def test_each_figure_has_the_number_of_turns_that_its_percentiles_count(width: int):
    snapshot = session()
    summaries = dict(snapshot.summaries) | {
        "eot_latency": Summary(n=41, p50=0.4, p90=0.9), "eager_latency": Summary(n=17, p50=0.3, p90=0.8),
    }  # fmt: skip
    row = Row("x", 99, snapshot.counts, summaries)
    heading, line = (one.plain for one in comparison("settings", [row], width)[-2:])
    shown = dict(zip(heading.split()[1:], line.split()[1:], strict=False))
    if width < 46:
        assert shown == {"n": "41", "eot": "400", "p90": "900"}
        return
    assert "41   400   900" in line
    assert ("17   300" in line) == (width >= 58)
    assert ("turns" in heading) == ("99" in line) == (width >= 70)


@pytest.mark.parametrize("width", range(36, 140, 5))
def test_lines_are_exactly_as_long_as_their_place_allows(width: int):
    for rows in (settings_rows(session()), file_rows(several())):
        lines = comparison("settings", rows, width)
        assert all(line.cell_length <= width for line in lines)
        assert len({line.cell_length for line in lines[1:]}) == 1


def after_two_others(run: EarlierSessions) -> Snapshot:
    before, after = shifted()
    for each in (before, hear(talk(0.5, 0.5, 0.5), audio_id="b"), after):
        last = run.add_to(each)
    return last


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "difference"),
    [((160, 50), "−100 ms ▼ faster, 12 of 13"), ((80, 24), "−100 ▼ 12/13"), ((60, 20), "−100 ▼ 12/13")],
)
async def test_each_row_says_how_it_differs_from_the_baseline_and_b_marks_another(
    controller: ScriptedController, size: tuple[int, int], difference: str
):
    run = EarlierSessions()
    async with monitor(controller, size) as pilot:
        await show(pilot, controller, after_two_others(run))
        await pilot.press("t")
        await pilot.pause()
        assert "−100 ▼ 12" in text(pilot)
        await pilot.press("escape", "c")
        await pilot.pause()
        said = text(pilot)
        assert difference in said
        assert "other audio" in said
        await pilot.press("b")  # the active one, while none is selected
        marked = [command.row for command in controller.sent if isinstance(command, MarkBaseline)]
        assert [row.number for row in marked] == [3]
        again = run.mark(marked[0])
        assert again is not None
        await show(pilot, controller, again)
        lines = text(pilot).splitlines()
        assert [line for line in lines if "baseline" in line and "3 ·" in line]
        assert [line for line in lines if "+100" in line and "1 ·" in line]
        await pilot.press(*["up"] * 9, "b")
        assert [command.row.number for command in controller.sent if isinstance(command, MarkBaseline)] == [3, 1]


@pytest.mark.parametrize("width", range(36, 140, 3))
def test_lines_with_differences_are_as_long_as_their_place_allows(width: int):
    shown = after_two_others(EarlierSessions())
    lines = comparison("settings", settings_rows(shown, InThisRun().rows(shown)), width)
    assert all(line.cell_length <= width for line in lines)
    assert len({line.cell_length for line in lines[1:]}) == 1
