"""Very long turns cost what is seen of them, and what is new: counted in characters, not in seconds."""

from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.support.lanes import Run
from tests.ui.screen import monitor, show, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot

from stt_monitor.core.side_by_side.rows import rows_of
from stt_monitor.core.text import sanitize as core_text
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.ui.drawing import line_index as turn_places
from stt_monitor.ui.drawing import texts_beside
from stt_monitor.ui.drawing.frame_line import frame_line
from stt_monitor.ui.drawing.line_index import BATCH_CHARACTERS, LineIndex
from stt_monitor.ui.screens.details import details_lines
from stt_monitor.ui.toolkit.search import Search
from stt_monitor.ui.toolkit.wrapping import PIECE, line_count, pieces, wrap, wrap_piece
from stt_monitor.ui.widgets import transcript as transcript_view
from stt_monitor.ui.widgets.transcript import Transcript
from stt_monitor.ui.wire_buffer import LONGEST, WireBuffer

KINDS = {
    "words": " the quick brown fox jumps over the lazy dog",
    "no blanks": "abcdefghij",
    "wide": "今日は天気がいいですね。",
    "wide words": " 今日は 天気",
    "emoji": " 👩‍🚀 ok 🧑🏽‍🚀",
    "combining": "e\u0301",
    "one sign": "\u0301",
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def long(kind: str, characters: int) -> str:
    return (KINDS[kind] * (characters // len(KINDS[kind]) + 1))[:characters]


class Counted:
    """How many characters some function was given."""

    def __init__(self) -> None:
        self.characters = 0

    def __call__(self, function: Callable[..., object]) -> Callable[..., object]:
        def counting(text: str, *others: object) -> object:
            self.characters += len(text)
            return function(text, *others)

        return counting


@every_kind
def test_a_long_text_loses_nothing_but_the_blanks_at_which_it_is_cut(kind: str):
    text = long(kind, 5 * PIECE + 123)
    cut = pieces(text)
    assert cut[0][0] == 0
    assert cut[-1][1] == len(text)
    for (_, stop), (start, _) in pairwise(cut):
        assert text[stop:start] in {"", " "}
    assert all(stop - start <= PIECE for start, stop in cut)
    assert len(cut) <= 7
    lines = [text[start:stop] for start, stop in wrap(text, 40)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= 40 for line in lines)


def test_no_sign_is_cut_off_from_what_it_stands_on():
    for shift in range(4):
        text = "x" * shift + long("combining", 3 * PIECE)
        assert not any(text[start] == "\u0301" for start, _ in pieces(text))


@given(st.integers(0, 3 * PIECE), st.integers(1, PIECE), st.sampled_from(sorted(KINDS)))
def test_a_text_that_grows_keeps_its_pieces_but_for_the_last(before: int, more: int, kind: str):
    text = long(kind, before + more)
    assert pieces(text)[: len(pieces(text[:before])) - 1] == pieces(text[:before])[:-1]


@every_kind
def test_the_lines_of_a_long_text_are_found_bit_by_bit(kind: str):
    texts = [long(kind, 3 * BATCH_CHARACTERS), "short", long(kind, PIECE + 1)]
    places = LineIndex()
    places.replace(0, texts)
    places.estimate(31)
    batches = 1
    while not places.measure_batch():
        batches += 1
    assert batches >= 3
    assert places.height == sum(line_count(text, 31) for text in texts)
    assert [places.top(index) for index in range(3)] == [0, line_count(texts[0], 31), line_count(texts[0], 31) + 1]


def test_a_turn_that_grows_costs_what_is_new(monkeypatch: pytest.MonkeyPatch):
    counted = Counted()
    monkeypatch.setattr(turn_places, "line_count", counted(line_count))
    text = long("words", 200 * PIECE)
    places = LineIndex()
    places.estimate(60)
    steps = range(0, len(text) + 1, PIECE // 2)
    for length in steps:
        places.replace(0, [text[:length]])
    assert places.height == line_count(text, 60)
    assert counted.characters <= 2 * PIECE * len(steps)


def test_hostile_text_that_grows_is_made_harmless_once(monkeypatch: pytest.MonkeyPatch):
    counted = Counted()
    core_text._cached.cache_clear()
    monkeypatch.setattr(core_text, "_without_unprintable", counted(core_text._without_unprintable))
    text = "a\x1b[31m\n" * 50_000
    steps = range(0, len(text) + 1, 5000)
    for length in steps:
        clean(text[:length])
    assert counted.characters <= len(text) + 4096 * len(steps)


@given(st.lists(st.text(alphabet="a \n\x1b\u2028", min_size=1, max_size=20), min_size=2, max_size=4))
def test_a_long_text_is_made_harmless_as_a_short_one(parts: list[str]):
    text = "".join("a" * (core_text._PIECE - len(part) // 2) + part for part in parts)  # where it is cut into pieces
    assert core_text.printable(text) == core_text._without_unprintable(text)


async def shown(pilot: Pilot[int], controller: ScriptedController, characters: int) -> Transcript:
    script = Script(duration=None).connect().event(1, "turn.start")
    script.event(2, "turn.end", long("words", characters))
    await show(pilot, controller, script.to(4).decided().snapshot())
    return pilot.app.query_one(Transcript)


@pytest.mark.slow
@pytest.mark.parametrize("characters", [100_000, 1_000_000])
async def test_a_search_in_one_long_turn_looks_at_what_is_seen(
    controller: ScriptedController, characters: int, monkeypatch: pytest.MonkeyPatch
):
    async with monitor(controller) as pilot:
        view = await shown(pilot, controller, characters)
        counted, spans = Counted(), Search.spans

        def counting(search: Search, text: str, start: int, stop: int) -> list[tuple[int, int]]:
            counted.characters += stop - start
            return spans(search, text, start, stop)

        monkeypatch.setattr(Search, "spans", counting)
        monkeypatch.setattr(transcript_view, "wrap_piece", counted(wrap_piece))
        await pilot.press("slash", "e", "enter")
        await pilot.pause()
        assert "1 found" in text_of(view)
        # The screen is drawn some times, and that costs no more for a longer turn.
        assert 0 < counted.characters <= 20 * 2 * view.size.height * PIECE
        line = view.compose_line(1, view.measured_width)
        lit = [line.plain[span.start : span.end] for span in line.spans if span.style == "reverse"]
        assert set(lit) == {"e"}
        assert len(lit) == line.plain.count("e")


async def test_what_is_found_across_the_end_of_a_line_is_lit_on_both(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script(duration=None).connect().event(1, "turn.start").event(2, "turn.end", "x" * 30_000)
        await show(pilot, controller, script.to(4).decided().snapshot())
        view = pilot.app.query_one(Transcript)
        view.look_for("xxxx")
        for y in (0, 1, PIECE // 50):
            line = view.compose_line(y, view.measured_width)
            assert any(span.style == "reverse" for span in line.spans)


@pytest.mark.slow
async def test_a_long_turn_is_shown_to_its_end_and_stays_where_it_is_read(controller: ScriptedController):
    async with monitor(controller) as pilot:
        text = long("wide words", 300_000) + " the very end"
        script = Script(duration=None).connect().event(1, "turn.start")
        await show(pilot, controller, script.event(2, "turn.update", text).snapshot())
        view = pilot.app.query_one(Transcript)
        assert "the very end" in text_of(view)
        while not view.is_laid_out:
            await pilot.pause(0.01)
        assert view.virtual_size.height == line_count(text.strip() + "▏", view.measured_width - 15)
        assert "the very end" in text_of(view)


def test_the_details_of_a_long_turn_say_how_much_more_there_is():
    text = long("words", 1_000_000)
    script = Script(duration=None).connect().event(1, "turn.start").event(2, "turn.eager_end", text)
    finished = script.event(3, "turn.end", text).to(6).decided().snapshot().finished[0]
    lines = [line.plain for line in details_lines(finished, SERVICE.schema, 80)]
    assert len(lines) < 500
    assert any("characters more: y copies all" in line for line in lines)


def test_a_frame_that_is_too_long_to_be_kept_whole_is_still_of_its_type():
    text = msgspec.json.encode({"type": "turn.update", "transcript": long("wide", 100_000)}).decode()
    store = WireBuffer()
    store.put(WireFrame(1.0, sent=False, size=len(text), text=text))
    [(_, frame)] = store.after(0, streams=False)
    assert len(frame.text or "") == LONGEST
    line = frame_line(frame, 120, SERVICE)
    assert "turn.update" in line.plain
    assert line.cell_length <= 120


def test_side_by_side_only_the_end_of_a_long_text_is_made_lines_of(monkeypatch: pytest.MonkeyPatch):
    counted = Counted()
    for name, function in (("clean", clean), ("wrap", wrap)):
        monkeypatch.setattr(texts_beside, name, counted(function))
    run = Run("cartesia", "flux").to(0.1).connect().onset(1)

    def lines() -> str:
        lanes = run.snapshot().lanes
        block = texts_beside.block_of(rows_of(lanes), lanes)
        return "\n".join(line.plain for line in texts_beside.lines_of(block, [*run.lanes], 100))

    text = long("words", 300_000)
    for name in run.lanes:
        run.say(1.2, name, "turn.start").say(1.4, name, "turn.update", text)
    assert lines().count("…") == 4  # cut, and not final
    run.silence(3)
    for name in run.lanes:
        run.say(3.4, name, "turn.end", f"{text}. ({name} ends)")
    run.to(8).decided()
    assert all(f"({name} ends)" in lines() for name in run.lanes)
    assert "too long to compare" in lines()
    assert counted.characters <= 200_000
