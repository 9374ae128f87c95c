import msgspec
import pytest
from tests.ui.screen import monitor, show
from tests.ui.scripted import Script, ScriptedController
from textual.content import Content
from textual.pilot import Pilot

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.journal import SpeechOnset
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.text.moments import lasting
from stt_monitor.ui.drawing.metric_rows import columns, heading, headline, limits, row, summary_row
from stt_monitor.ui.formatting import clock, milliseconds
from stt_monitor.ui.widgets.metrics_table import MetricsTable

WIDE = 58


def session(turns: int = 3) -> Snapshot:
    script = Script().connect()
    for number in range(turns):
        script.turn(1 + 6 * number, "one two three four", eot=0.4 + number / 100)
    return script.to(10 + 6 * turns).decided().snapshot()


def said(finished: FinishedTurn, snapshot: Snapshot, width: int = WIDE) -> list[str]:
    return row(finished, limits(snapshot.summaries), width).plain.split()


def test_a_row_says_every_figure_in_milliseconds_in_the_order_of_the_heading():
    snapshot = session()
    assert heading(WIDE).plain.split() == ["turn", *(metric.label for metric in columns(WIDE)), "why"]
    assert said(snapshot.finished[1], snapshot) == ["2", "200", "400", "205", "410", "205", "1600", "eager"]


async def test_the_chosen_row_stands_out_as_a_whole_and_its_slow_figures_still_do(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect()
        for number in range(12):
            script.turn(1 + 6 * number, "one two three four", eot=1.4 if number == 11 else 0.4)
        await show(pilot, controller, script.to(80).decided().snapshot())
        rows = pilot.app.query_one(MetricsTable)
        await pilot.press("up")
        line = rows.compose_line(11, 58)
        assert line.cell_length == 58
        assert [(span.start, span.end) for span in line.spans if span.style == "reverse"] == [(0, 58)]
        slow = [line.plain[span.start : span.end] for span in line.spans if span.style == "bold underline"]
        assert slow == ["700", "1400", "700"]


def test_columns_stand_beneath_their_names():
    snapshot = session()
    line, names = row(snapshot.finished[1], limits(snapshot.summaries), WIDE).plain, heading(WIDE).plain
    assert names.index("eot") + len("eot") == line.index("410") + len("410")


def test_the_first_turn_of_a_connection_is_marked():
    snapshot = session()
    assert said(snapshot.finished[0], snapshot)[0] == "1*"


def test_what_may_still_come_and_what_never_will_look_different():
    script = Script().connect().turn(1, "one two three four")
    pending = script.snapshot()
    assert said(pending.finished[0], pending)[1:] == ["…", "…", "…", "…", "200", "…", "…"]
    bare = Script(reference="none").connect().turn(1, "one two three four").snapshot()
    assert said(bare.finished[0], bare)[1:] == ["–", "–", "–", "–", "200", "–", "–"]


def test_a_turn_that_was_cut_off_is_marked():
    script = Script().connect().turn(1, "one two three four", eot=0.4)
    script.to(3.9).monitor.apply(SpeechOnset(3.9, 3.9))
    snapshot = script.to(6).decided().snapshot()
    assert said(snapshot.finished[0], snapshot)[-3:] == ["~cut", "+0.5", "s"]
    assert row(snapshot.finished[0], limits(snapshot.summaries), 30).plain.endswith("~")


def test_a_slow_turn_is_called_so_and_its_figures_do_not_stand_out():
    snapshot = session()
    second = snapshot.finished[1]
    slow = msgspec.structs.replace(second, metrics=msgspec.structs.replace(second.metrics, slow=True))
    assert said(slow, snapshot)[-1] == "slow"
    assert {span.style for span in row(slow, {}, WIDE).spans} == {".number", ".faint", ".warn"}


@pytest.mark.parametrize("after", [0.04, 0.6, 12.3, 300.0])
def test_the_longest_word_fits(after: float):
    snapshot = session()
    one = snapshot.finished[0]
    back = Span(one.turn.over_at + after, 0.0)
    cut = msgspec.structs.replace(one, metrics=msgspec.structs.replace(one.metrics, false_cutoff=True, speech=(back,)))
    for width in range(38, 60):
        line = row(cut, limits(snapshot.summaries), width).plain
        assert len(line) <= width
        assert line.endswith(" s")


def test_narrow_tables_keep_the_headline_figure_and_never_overflow():
    snapshot = session()
    for width in range(11, 120):
        lines = [row(turn, limits(snapshot.summaries), width) for turn in snapshot.finished]
        lines += [heading(width), *(summary_row(label, snapshot.summaries, width) for label in ("n", "p50", "max"))]
        assert all(line.cell_length <= width for line in lines)
        assert "eot_latency" in [metric.key for metric in columns(width)]
    assert [metric.label for metric in columns(24)] == ["onset", "eager", "eot"]


def test_the_summary_leaves_the_first_turn_out():
    snapshot = session(3)
    assert summary_row("n", snapshot.summaries, WIDE).plain.split() == ["n", *["2"] * 6]
    assert summary_row("p50", snapshot.summaries, WIDE).plain.split()[4] == "415"
    assert summary_row("p95", snapshot.summaries, WIDE).plain.split() == ["p95", *["–"] * 6]


def test_the_headline_says_as_much_as_fits():
    snapshot = session(3)
    rich = headline(snapshot, WIDE).plain
    for what in ("end of turn", "420 ms last", "415 p50", "419 p90", "420 max", "█"):
        assert what in rich
    assert all(headline(snapshot, width).cell_length <= width for width in range(8, 120))
    assert "420 ms last" in headline(snapshot, 20).plain
    assert "– ms last" in headline(None, WIDE).plain


@pytest.mark.parametrize(("n", "grey"), [(1, True), (4, True), (5, False), (20, False)])
def test_percentiles_of_few_values_are_grey_and_nothing_else_is(n: int, *, grey: bool):
    snapshot = msgspec.structs.replace(
        session(), summaries={"eot_latency": Summary(n, p50=0.3, p90=0.4, p95=0.5, max=0.6)}
    )

    def is_grey(line: Content, text: str) -> bool:
        start = line.plain.index(text)
        (style,) = {span.style for span in line.spans if span.start <= start < span.end}
        return style == ".faint"

    for name, value in [("p50", "300"), ("p90", "400"), ("p95", "500")]:
        assert is_grey(summary_row(name, snapshot.summaries, WIDE), value) is grey
    assert not is_grey(summary_row("max", snapshot.summaries, WIDE), "600")
    assert not is_grey(summary_row("n", snapshot.summaries, WIDE), f" {n}")
    above = headline(snapshot, WIDE)
    assert is_grey(above, "  300") is is_grey(above, "  400") is grey


def test_slow_values_stand_out():
    snapshot = session(1)
    summaries = {"eot_latency": Summary(n=20, p50=0.2, p90=0.3, max=0.5)}
    styles = {span.style for span in row(snapshot.finished[0], limits(summaries), WIDE).spans}
    assert ".slow" in styles
    assert ".slow" not in {span.style for span in row(snapshot.finished[0], limits(snapshot.summaries), WIDE).spans}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0"), (0.4126, "413"), (12.0, "12000"), (99.999, "99999"), (100.5, "100s"), (None, "–")]
)
def test_milliseconds(seconds: float | None, text: str):
    assert milliseconds(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1.0, "0:00.0"), (59.99, "0:59.9"), (61.25, "1:01.2"), (3600.0, "1:00:00")]
)
def test_clock(seconds: float, text: str):
    assert clock(seconds, tenths=True) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-0.2, "0.0 s"), (0.7 - 0.2, "0.5 s"), (3.29, "3.2 s"), (59.99, "59.9 s"), (65.0, "1:05")]
)
def test_lasting(seconds: float, text: str):
    assert lasting(seconds) == text


async def test_rows_are_drawn_anew_when_what_is_slow_changes(controller: ScriptedController):
    def underlined(pilot: Pilot[int]) -> list[str]:
        view = pilot.app.query_one(MetricsTable)
        strips = [view.render_line(y) for y in range(view.size.height)]
        return [s.text.strip() for strip in strips for s in strip if s.style is not None and s.style.underline]

    async with monitor(controller) as pilot:
        snapshot = session(4)
        for p90, slow in ((0.415, ["420", "430"]), (0.425, ["430"]), (0.5, [])):
            summaries = {**snapshot.summaries, "eot_latency": Summary(n=20, p50=0.2, p90=p90, max=0.6)}
            await show(pilot, controller, msgspec.structs.replace(snapshot, summaries=summaries))
            assert underlined(pilot) == slow
