import pytest
from tests.ui.screen import SIZES, monitor, show, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot

from stt_monitor.core.metrics.definitions import HEADLINE, METRICS, TURN_METRICS
from stt_monitor.ui.drawing.metric_rows import bars
from stt_monitor.ui.widgets.metrics_summary import MetricsSummary
from stt_monitor.ui.widgets.metrics_table import MetricsHeader, MetricsTable


def session() -> Script:
    script = Script(duration=None).connect()
    for number in range(12):
        script.turn(1 + 5 * number, f"turn {number}", eot=0.3 + number / 20, resumed=number == 1)
    return script.to(62).decided()


def foot(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.query_one(MetricsSummary))


async def test_the_spread_of_the_headline_and_the_first_turn_are_shown(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        lines = [line.strip("│ ") for line in foot(pilot).splitlines()]
        assert "1st*    200   400   150   300   150" in lines[-2]
        assert lines[-1].startswith("eot ")
        assert lines[-1].endswith("350 to 850")
        assert lines[-1].count("█") == 11


@pytest.mark.slow
async def test_f_explains_figures_one_after_the_other_by_the_chosen_turn(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.press("f")
        await pilot.pause()
        assert "eot: From the end of speech to turn.end" in foot(pilot)
        assert "turn 12: speech end 0:58.000 (vad) → turn.end 0:58.850" in foot(pilot)
        await pilot.press("up", "up")
        await pilot.pause()
        assert "turn 11: speech end 0:53.000 (vad) → turn.end 0:53.800" in foot(pilot)
        await pilot.press("f")
        await pilot.pause()
        assert "lead: From the confirmed turn.eager_end" in foot(pilot)
        assert "turn 11: turn.eager_end 0:53.400 → turn.end 0:53.800" in foot(pilot)
        assert text_of(pilot.app.query_one(MetricsHeader)).split()[:2] == ["lead", "425"]
        await pilot.press("f")
        await pilot.pause()
        assert f"gap: {METRICS['update_gap_max'].meaning[:20]}" in foot(pilot)
        assert "turn 11: 1600 ms" in foot(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "From the" not in foot(pilot)
        assert "end of turn" in text_of(pilot.app.query_one(MetricsHeader))


@pytest.mark.slow
async def test_arrows_choose_a_figure_where_the_figures_have_the_focus_and_so_does_a_click(
    controller: ScriptedController,
):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        pilot.app.query_one(MetricsTable).focus()
        await pilot.press("right", "left")
        await pilot.pause()
        assert "eager: From the end of speech" in foot(pilot)
        names = text_of(pilot.app.query_one(MetricsHeader)).splitlines()[1]
        await pilot.click(MetricsHeader, offset=(names.index("onset"), 1))
        await pilot.pause()
        assert "onset: From the onset of speech to turn.start" in foot(pilot)


@pytest.mark.slow
@pytest.mark.parametrize("size", [*SIZES, (80, 50), (60, 30), (100, 32)])
async def test_every_figure_can_be_explained_in_every_size(controller: ScriptedController, size: tuple[int, int]):
    async with monitor(controller, size) as pilot:
        await show(pilot, controller, session().snapshot())
        rows = pilot.app.query_one(MetricsTable)
        assert rows.region.height >= 1
        shown = list(session().snapshot().marks.worth_showing(TURN_METRICS))
        start = shown.index(HEADLINE)
        for metric in (*shown[start:], *shown[:start]):
            await pilot.press("f")
            await pilot.pause()
            assert f" {metric.label}: {metric.meaning[:9]}" in foot(pilot)
            assert rows.region.height >= 1
            assert rows.region.bottom <= pilot.app.query_one(MetricsSummary).region.y


@pytest.mark.slow
@pytest.mark.parametrize("keys", [(), ("v",)])
async def test_at_80_by_24_an_explanation_leaves_p50_and_p90_where_they_are(
    controller: ScriptedController, keys: tuple[str, ...]
):
    async with monitor(controller, (80, 24)) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.press(*keys)
        for _ in TURN_METRICS:
            await pilot.press("f")
            await pilot.pause()
            names = [line.split()[0] for line in foot(pilot).splitlines() if line.strip()]
            assert names[:2] == ["p50", "p90"]


async def test_a_turn_without_the_figure_says_why_there_is_none(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect().event(1, "turn.start").event(2, "turn.end", "words")
        await show(pilot, controller, script.to(5).snapshot())
        await pilot.press("f")
        await pilot.pause()
        assert "turn 1: –, its anchors are missing or contradictory" in foot(pilot)


def test_bars_show_the_smallest_value_and_nothing_for_none():
    assert bars([0, 1, 100, 50]) == " ▁█▄"
    assert bars([0.0]) == " "
    assert bars([]) == ""
