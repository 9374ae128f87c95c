"""The result of a sweep, written."""

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt
from tests.report.page import Page
from tests.report.test_hostile_text import EVALUATED, HARMLESS, HOSTILE, filled
from tests.support.swept import about, cell, near, outcome, turn, without_cutoffs

from stt_monitor.core.metrics.intervals import Interval
from stt_monitor.core.sweep.columns import COLUMNS
from stt_monitor.core.sweep.compose import compose
from stt_monitor.core.sweep.result import SweepResult
from stt_monitor.core.text.sanitize import clean, printable
from stt_monitor.report.sweep.chart import curve
from stt_monitor.report.sweep.columns import interval_text
from stt_monitor.report.sweep.formats import FORMATS
from stt_monitor.report.sweep.plain import plain

DOCS = Path(__file__).parents[2] / "tui" / "docs" / "sweep.md"
FAST, SLOW, LACKING = cell(0.4), cell(0.2), cell(0.1, "b.wav")


@cache
def swept(*, budget: float | None = 0.05, reference: str = "labels") -> SweepResult:
    """Two settings, one faster, one safer, and a cell that failed."""
    outcomes = {FAST: without_cutoffs(0.3, 20, cut=5), SLOW: without_cutoffs(0.9, 20)}
    guessed = {each: msgspec.structs.replace(found, reference=reference) for each, found in outcomes.items()}
    return compose(about(budget), [*outcomes, LACKING], guessed, why_missing={LACKING: "the service answered 429"})


def written(name: str, result: SweepResult) -> str:
    return "".join(FORMATS[name](result))


def test_the_table_is_plain_words_in_columns():
    lines = list(plain(swept()))
    assert lines[0] == "3 settings of Some service: some-model, 2 recordings, 2 of 3 cells, labelled turns"
    head, fast, slow, lacking = lines[3:7]
    assert re.split("  +", head)[:4] == ["setting", "eot p50, ms", "eot p90, ms", "turns cut off, %"]
    assert re.split("  +", fast)[:4] == ["end 0.4", "300 [300 … 300]", "300", "25 [5 … 45]"]
    assert re.split("  +", slow)[-2:] == ["\N{MINUS SIGN}400", "front"]
    assert head.index("turns cut off") == fast.index("25 [") == slow.index("0 [0 … 16]")
    assert lacking.endswith("1 cell missing")
    text = "\n".join(lines)
    assert "cannot tell 5 % from 20 turns: fastest so far is end 0.2 with 0 of 20 turns cut off" in text
    assert "options:" not in text
    assert "end 0.1, b.wav, repetition 1: the service answered 429" in text
    assert not re.search("[\u2500-\u259f]", text)


def test_a_setting_without_a_turn_lacks_none():
    silent = compose(about(), [FAST], {FAST: outcome([])})
    assert any(line.endswith("no turn to judge") for line in plain(silent))
    apart = {cell(0.4, name): without_cutoffs(0.3, 4) for name in ("a.wav", "b.wav", "c.wav")}
    lines = list(plain(compose(about(), [*apart, SLOW], {**apart, SLOW: without_cutoffs(0.9, 4)})))
    assert any(line.endswith("not compared: most of its turns are missing") for line in lines)


def test_turns_without_an_end_that_counts_are_told_from_those_in_no_figure():
    turns = [turn(0, 0.5), turn(1, 0.5), turn(2, None, standing="closed"), turn(3, 0.5, standing="slow")]
    line = list(plain(compose(about(), [FAST], {FAST: outcome(turns)})))[2]
    assert line == (
        "4 turns that all settings have; not in the figures: 1 first of a recording, 1 slow; "
        "not in those of ends: 1 closed"
    )


@pytest.mark.slow
def test_a_recommendation_comes_with_the_options_to_paste():
    outcomes = {FAST: without_cutoffs(0.3, 70, cut=9), SLOW: without_cutoffs(0.9, 70)}
    result = compose(about(0.05), [*outcomes], outcomes)
    assert "options: --set end_threshold=0.2" in list(plain(result))
    for name in ("html", "md", "json"):
        assert "--set end_threshold=0.2" in written(name, result)
        assert "end 0.2 is the fastest that keeps 5 %" in written(name, result)


def test_what_a_detector_guesses_is_marked():
    text = "\n".join(plain(swept(reference="vad")))
    assert "~turns cut off, %" in text
    assert "~: without labels" in text
    assert "~" not in "\n".join(plain(swept()))


def test_data_has_every_figure_with_its_interval_and_n():
    document = json.loads(written("json", swept()))
    (part,) = document["parts"]
    fast = part["settings"][0]
    assert (fast["settings"], fast["on_front"], fast["cells"]) == ({"end_threshold": 0.4}, True, 1)
    assert fast["compared"]["cut_turns_percent"] == {"value": 25.0, "low": 5.0, "high": 45.06, "n": 20}
    assert fast["compared"]["eot_p50_ms"]["value"] == 300.0
    assert fast["worst"][0]["what"] == "cut off 0.25 s into a pause of 0.50 s"
    assert part["settings"][2]["compared"] is None
    assert part["operating_points"]["latency_at_5_percent"]["latency_ms"]["value"] == 500.0
    assert part["recommendation"]["turns_needed"] == 39
    assert document["missing"][0]["why"] == "the service answered 429"
    assert len(part["silence"]) == 69


def test_rates_in_data_have_as_few_digits_as_other_figures():
    third = [
        msgspec.structs.replace(turn(number, 0.5), eager_ends=1, wasted_replies=number % 3 == 0) for number in range(8)
    ]
    document = json.loads(written("json", compose(about(), [FAST], {FAST: outcome(third)})))
    assert document["parts"][0]["settings"][0]["figures"]["wasted_replies"]["value"] == 0.2857


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from keys(each)


def test_every_field_of_the_data_is_documented():
    named = set(re.findall(r"`([a-z0-9_]+)`", DOCS.read_text()))
    assert set(keys(json.loads(written("json", swept())))) - {"end_threshold"} <= named


def test_a_time_that_reaches_to_turns_that_never_ended_has_no_upper_end():
    turns = [turn(number, 0.5 if number < 7 else None) for number in range(13)]
    document = json.loads(written("json", compose(about(), [FAST], {FAST: outcome(turns)})))
    figure = document["parts"][0]["settings"][0]["figures"]["eot_p50_ms"]
    assert figure == {"value": None, "low": None, "high": None, "n": 12}
    assert interval_text(Interval(0.4, float("inf")), 9, COLUMNS[0].unit) == "[400 … never]"


def test_a_row_of_the_table_for_each_setting_and_each_silence():
    rows = list(csv.DictReader(StringIO(written("csv", swept()))))
    assert [each["kind"] for each in rows[:4]] == ["setting", "setting", "setting", "silence"]
    assert (rows[0]["end_threshold"], rows[0]["cut_turns_percent"], rows[0]["cut_turns_n"]) == ("0.4", "25.0", "20")
    assert (rows[2]["eot_p50_ms"], rows[2]["missing"]) == ("", "1")
    assert rows[3]["silence_ms"] == "100.0"


def test_the_curve_has_a_dot_for_each_setting_that_is_compared():
    picture = curve(swept().parts[0])
    assert picture is not None
    assert [(each.mark, each.kind, each.x, each.y) for each in picture.dots] == [
        ("a", "front", near(30.0), near(50.0)),
        ("b", "front", near(90.0), near(100.0)),
    ]
    assert len(picture.front) == 1
    assert [each.text for each in picture.upwards] == ["0 %", "12 %", "25 %", "38 %", "50 %"]
    assert picture.silence
    everything = (*picture.front, *picture.silence)
    assert all(0 <= place <= 100 for each in everything for place in (each.x1, each.y1, each.x2, each.y2))


@pytest.mark.slow
def test_a_recommended_setting_stands_out_in_the_picture():
    outcomes = {FAST: without_cutoffs(0.3, 70, cut=9), SLOW: without_cutoffs(0.9, 70)}
    picture = curve(compose(about(0.05), [*outcomes], outcomes).parts[0])
    assert picture is not None
    assert [each.kind for each in picture.dots] == ["front", "recommended"]


def test_a_sweep_without_anything_measured_is_written_too():
    nothing = compose(about(0.05), [FAST, SLOW], {})
    page = Page(written("html", nothing))
    assert "No setting has turns to compare." in " ".join(page.texts)
    assert "svg" not in page.tags
    for name in FORMATS:
        assert written(name, nothing)
    text = "\n".join(plain(nothing))
    assert "cannot tell 5 %" in text
    assert "labelled turns" not in text


def test_the_page_says_what_the_other_formats_say():
    page = Page(written("html", swept()))
    seen = " ".join(page.texts)
    for words in (
        "cannot tell 5 % from 20 turns",
        "the service answered 429",
        "500 ms",
        "25",
    ):
        assert words in seen
    assert page.tags.count("circle") == 2
    fetching = [value for name, value in page.attributes if name in {"src", "href", "action"}]
    assert not fetching


def hostile(text: str) -> SweepResult:
    result = filled(swept(), text)
    assert isinstance(result, SweepResult)
    return result


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_markup_or_evaluated_in_a_page(text: str):
    html = written("html", hostile(text))
    page, harmless = Page(html), Page(written("html", hostile(HARMLESS)))
    assert page.tags == harmless.tags
    assert [name for name, _ in page.attributes] == [name for name, _ in harmless.attributes]
    assert EVALUATED not in html
    assert "None" not in html
    assert printable(html.replace("\n", "")) == html.replace("\n", "")
    assert " ".join(page.texts).count(clean(text)) > 10


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_markup_in_markdown(text: str):
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])

    def markup(text: str) -> list[str]:
        tokens = reader.parse(written("md", hostile(text)))
        kinds = [part.type for token in tokens for part in (token, *(token.children or ()))]
        return [kind for kind in kinds if kind not in ("text", "text_special")]

    assert markup(text) == markup(HARMLESS)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_moves_a_cursor_in_the_table(text: str):
    found: Any = list(plain(hostile(text)))
    assert all(printable(line) == line for line in found)
    assert len(found) == len(list(plain(hostile(HARMLESS))))
