import msgspec
import pytest
from rich.cells import cell_len
from tests.ui.screen import SIZES, monitor, resize, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.journal import ConnectionLost
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import EndReason, Turn
from stt_monitor.ui.widgets.metrics_table import MetricsTable
from stt_monitor.ui.widgets.transcript import Transcript

HOSTILE = {
    "markup": "[/nope] [bold]x[/bold] [@click=app.quit]x[/]",
    "escape sequences": "a\x1b[2J\x1b]52;c;aGVsbG8=\x07b\x1b[31mc",
    "C1": "a\x9b2Jb\x9d52;c;aGk=\x9cc",
    "bidi": "user \u202etxt.exe\u202c \u2066x\u2069",
    "a very long word": "w" * 10_000,
    "a very long wide word": "語" * 5_000,
    "CJK": "今日は天気がいいですね。" * 8,
    "emoji": "👨‍👩‍👧‍👦 🧑🏽‍🚀 🏳️‍🌈 ok",
    "right to left": "שלום עולם، مرحبا بالعالم",
    "persian": "می‌خواهم",
    "line breaks": "one\ntwo\r\nthree\tfour\u2028five",
    "combining": "e" + "\u0301" * 200,
    "nulls": "\x00a\x00",
}


def follows(view: Transcript) -> bool:
    return view.following


def transcript(pilot: Pilot[int]) -> Transcript:
    return pilot.app.query_one(Transcript)


def words_of(view: Transcript) -> list[str]:
    """What is in view, without title and scroll bar."""
    return [line[:-1] for line in text_of(view).splitlines()[1:]]


def finished(number: int, text: str) -> FinishedTurn:
    turn = Turn(number, number * 2.0, text, ended_at=number * 2 + 1.0, end_reason=EndReason.ENDED)
    return FinishedTurn(turn, TurnMetrics(eot_latency=0.4, end_reason="threshold"))


def after(turns: int, *more: str) -> Snapshot:
    """A session with so many turns behind it, and some more."""
    texts = [f" turn number {number + 1} with words enough for two lines or so" for number in range(turns)]
    every = tuple(finished(number + 1, text) for number, text in enumerate([*texts, *more]))
    snapshot = Script(duration=None).connect().snapshot()
    return msgspec.structs.replace(snapshot, at=2.0 * turns, finished=every)


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_text_is_only_text(controller: ScriptedController, name: str):
    async with monitor(controller, (40, 12)) as pilot:
        script = Script(source=HOSTILE[name], model=HOSTILE[name]).connect()
        script.event(1, "turn.start").event(2, "turn.update", HOSTILE[name])
        await show(pilot, controller, script.snapshot())
        await show(pilot, controller, script.event(3, "turn.eager_end", HOSTILE[name]).snapshot())
        await show(pilot, controller, script.event(4, "turn.end", HOSTILE[name]).snapshot())
        script.event(5, "error", status_code=400, title=HOSTILE[name], message=HOSTILE[name])
        script.event(6, HOSTILE[name])
        await show(pilot, controller, script.snapshot())
        for size in ((40, 12), (120, 35)):
            await resize(pilot, size)
            drawn = text(pilot)
            assert not any(char in drawn for char in "\x00\x07\x1b\x9b\x9c\x9d\u202e\u202c\u2066\u2069\r\t")
            for line in drawn.splitlines():
                assert cell_len(line) <= size[0]
            await pilot.click(Transcript)
            await pilot.click(Transcript, offset=(20, 1))
            assert not pilot.app._exit


async def test_markup_is_shown_as_it_came(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect().event(1, "turn.start").event(2, "turn.end", HOSTILE["markup"])
        await show(pilot, controller, script.snapshot())
        said = "".join(line[16:-2] for line in text_of(transcript(pilot)).splitlines()[1:-1])
        assert said.split() == HOSTILE["markup"].split()


async def test_the_scroll_bar_is_where_the_view_is(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        for turns in (300, 301):
            await show(pilot, controller, after(turns))
            view = transcript(pilot)
            assert view.scroll_y == view.max_scroll_y > 0
            assert view.vertical_scrollbar.position == view.scroll_y


async def test_a_guess_is_called_one_until_it_is_settled(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect().event(1, "turn.start").event(2, "turn.eager_end", "For two")
        await show(pilot, controller, script.snapshot())
        assert "◐ guess For two" in text_of(transcript(pilot))
        await show(pilot, controller, script.event(3, "turn.resume").snapshot())
        assert "guess" not in text_of(transcript(pilot))
        assert "For two" in text_of(transcript(pilot))
        await show(pilot, controller, script.event(4, "turn.eager_end", "For two at eight").snapshot())
        assert "◐ guess For two at eight" in text_of(transcript(pilot))
        await show(pilot, controller, script.event(5, "turn.end", "For two at eight.").snapshot())
        assert "guess" not in text_of(transcript(pilot))
        assert "1   0:01.0  For two at eight." in text_of(transcript(pilot))


async def test_new_words_stand_out(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect().event(1, "turn.start").event(2, "turn.update", "For")
        await show(pilot, controller, script.snapshot())
        await show(pilot, controller, script.event(3, "turn.update", "For two").snapshot())
        await show(pilot, controller, script.snapshot(4))
        view = transcript(pilot)
        line = view.compose_line(0, view.line_width)
        styles = {str(span.style): line.plain[span.start : span.end] for span in line.spans}
        assert styles[".growing"] == "For"
        assert styles[".new"] == " two"


async def test_dangling_and_empty_turns_are_marked(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect().event(1, "turn.start").event(2, "turn.update", "I was just")
        script.monitor.apply(ConnectionLost(3))
        script.event(4, "connected").event(5, "turn.start").event(6, "turn.end", "")
        await show(pilot, controller, script.snapshot())
        said = text_of(transcript(pilot))
        assert "I was just ✗ never ended" in said
        assert "(no words)" in said
        assert "dangling" in text_of(pilot.app.query_one(MetricsTable))


@pytest.mark.slow
async def test_follows_the_end_until_somebody_scrolls_up(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        await show(pilot, controller, after(60))
        view = transcript(pilot)
        assert follows(view)
        assert "turn number 60" in text_of(view)
        await pilot.press("pageup")
        await pilot.pause(0.4)
        assert not follows(view)
        assert "End follows again" in text_of(view)
        before = words_of(view)
        await show(pilot, controller, after(60, "the newest of all"))
        assert words_of(view) == before
        await pilot.press("end")
        await pilot.pause(0.4)
        assert follows(view)
        assert "the newest of all" in text_of(view)
        await show(pilot, controller, after(60, "the newest of all", "and one more"))
        assert "and one more" in text_of(view)


@pytest.mark.slow
async def test_the_figures_follow_their_newest_row(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        await show(pilot, controller, after(60))
        rows = pilot.app.query_one(MetricsTable)
        assert "  60 " in text_of(rows)
        rows.focus()
        await pilot.press("home")
        await pilot.pause(0.4)
        top = text_of(rows)
        assert top.startswith("   1 ")
        await show(pilot, controller, after(60, "x"))
        assert text_of(rows).splitlines()[0] == top.splitlines()[0]


@pytest.mark.slow
async def test_a_text_that_arrives_in_pieces_ends_up_as_if_it_came_at_once(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        script = Script(duration=None).connect()
        for number in range(40):
            script.event(number * 2 + 1.0, "turn.start")
            script.event(number * 2 + 1.5, "turn.update", f" turn {number}")
            if number % 3 == 0:
                await show(pilot, controller, script.snapshot())
            script.event(number * 2 + 1.9, "turn.end", f" turn {number} " + "and more words " * (number % 7))
            await show(pilot, controller, script.snapshot())
        piecemeal = text(pilot)
    other = ScriptedController()
    async with monitor(other, (80, 24)) as pilot:
        await show(pilot, other, script.snapshot())
        assert text(pilot) == piecemeal


@pytest.mark.slow
async def test_resizing_loses_nothing(controller: ScriptedController):
    async with monitor(controller, (200, 60)) as pilot:
        growing = Script(duration=None).connect().event(1, "turn.start").event(2, "turn.update", "still growing")
        snapshot = msgspec.structs.replace(growing.snapshot(), finished=after(300).finished)
        await show(pilot, controller, snapshot)
        for size in [*SIZES, *reversed(SIZES), (1, 1), (200, 1), (1, 60), *SIZES * 2]:
            await pilot.resize_terminal(*size)
            snapshot = msgspec.structs.replace(snapshot, at=snapshot.at + 0.1)
            controller.show(snapshot)
        await pilot.pause()
        view = transcript(pilot)
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert "still growing" in text_of(view)
        await pilot.resize_terminal(200, 60)
        await pilot.pause()
        assert follows(view)
        assert "still growing" in text_of(view)
        assert "turn number 300" in text_of(view)


@pytest.mark.slow
async def test_resizing_keeps_the_place_when_the_end_is_not_followed(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        await show(pilot, controller, after(300))
        view = transcript(pilot)
        view.scroll_to(y=200, animate=False)
        await pilot.pause()
        number = next(word for word in text_of(view).split() if word.isdigit())
        for size in [(60, 20), (160, 50), (44, 14), (120, 35)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert not follows(view)
            assert number in text_of(view).split(), size


@pytest.mark.slow
@pytest.mark.usefixtures("drawn_at_once")
async def test_ten_thousand_turns_are_drawn_only_where_they_are_seen(
    controller: ScriptedController, monkeypatch: pytest.MonkeyPatch
):
    composed: list[int] = []
    compose_line = Transcript.compose_line

    def counting(self: Transcript, y: int, width: int) -> object:
        composed.append(y)
        return compose_line(self, y, width)

    monkeypatch.setattr(Transcript, "compose_line", counting)
    async with monitor(controller) as pilot:
        await show(pilot, controller, after(10_000))
        height = transcript(pilot).size.height
        assert 0 < len(composed) <= 3 * height
        while not transcript(pilot).is_laid_out:  # places of lines that were guessed move what is seen
            await pilot.pause(0.01)
        await pilot.pause()  # the last places may have moved it once more
        composed.clear()
        await show(pilot, controller, after(10_000, "short"))
        assert 0 < len(composed) <= 3
        assert "short" in text_of(transcript(pilot))


@pytest.mark.slow
async def test_ten_thousand_turns_find_their_places_bit_by_bit(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        snapshot = after(10_000)
        await show(pilot, controller, snapshot)
        view = transcript(pilot)
        for size in [(60, 20), (120, 35)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "turn number 10000" in text_of(view)
            while not view.is_laid_out:
                await pilot.pause(0.01)
            assert follows(view)
            assert "turn number 10000" in text_of(view)
