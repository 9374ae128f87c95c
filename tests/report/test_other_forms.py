import csv
import io
import json
import re
from itertools import pairwise

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.core.what_if.made_up import session
from tests.report.sessions import kept, report

from stt_monitor.core.metrics.definitions import METRICS, SESSION_METRICS
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.text.sanitize import clean
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.markup import WIDTH, escape, paragraph, table
from stt_monitor.report.model import By, Report


def written(form: str, of: Report) -> str:
    return "".join(FORMATS[form](of))


def cells(text: str) -> list[list[str]]:
    """The tables of a document, row by row, as a reader sees them."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    rows: list[list[str]] = []
    for before, token in pairwise(tokens):
        if before.type == "tr_open":
            rows.append([])
        if before.type in ("td_open", "th_open"):
            assert {child.type for child in token.children or []} <= {
                "text", "code_inline", "strong_open", "strong_close", "text_special",
            }  # fmt: skip
            rows[-1].append("".join(child.content for child in token.children or []))
    return rows


def quotes(text: str) -> list[str]:
    """What stands in quotes, as a reader sees it, in one line each."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    found: list[str] = []
    for before, token in pairwise(tokens):
        if token.type == "blockquote_open":
            found.append("")
        if before.type == "paragraph_open" and token.level == 2:
            parts = [" " if child.type == "softbreak" else child.content for child in token.children or []]
            found[-1] += "".join(parts)
    return found


def test_markdown_has_tables_of_figures_turns_and_settings():
    session = kept("One.", "Two.")
    rows = cells(written("md", report(session)))
    first = [row[0] for row in rows]
    assert {metric.key for metric in session.aggregate.marks.worth_showing(METRICS.values())} <= set(first)
    row = next(row for row in rows if row[0] == "eot_latency")
    assert row[1:7] == ["500", "500", "–", "500", "1", "400"]
    assert next(row for row in rows if row[0] == "2")[:4] == ["2", "0:06.2", "200", "2250"]
    assert quotes(written("md", report(session))) == ["One.", "Two."]
    assert ["recorded by", "stt-monitor 1.2.3"] in rows


def test_reports_say_of_each_turn_why_it_ended():
    equation = "500 ms = 250 until the eager end + 250 until the end threshold"
    of = report(kept("One.", "Two."))
    row = next(row for row in cells(written("md", of)) if row[0] == "2")
    assert "eager" in row
    assert re.search(rf"\*\*2\*\* at 0:06\.2, eager: {re.escape(equation)}\.\s[^>]+\n\n> Two\.\n", written("md", of))
    assert f"eager: {equation}." in written("html", of)
    (_, second) = csv.DictReader(io.StringIO(written("csv", of)))
    assert second["why"] == "eager"
    assert second["why_in_full"].startswith(f"{equation}. ")
    record = json.loads(written("json", of))["sessions"][0]["turns"][1]["why"]
    assert [part["ms"] for part in record["parts"]] == [250.0, 250.0]


@pytest.mark.slow
def test_markdown_compares():
    text = written("md", report(kept(*["a"] * 30), kept(*["a"] * 30, name="slow", eot=1.0)))
    rows = cells(text)
    place = next(place for place, row in enumerate(rows) if row[0] == "eot_latency")
    assert rows[place + 1][-2:] == ["+600 [+600 … +600] ▲ slower", "29 of 29 turns slower"]
    assert "- A · 2026-11-22_talk (baseline)\n- B · slow\n" in text
    row = next(row for row in cells(text) if row[0] == "eager_precision")
    assert row[1].startswith("97 % of 31 [84 … 99 %]")


@pytest.mark.slow
def test_a_difference_is_named_for_what_it_is():
    many = ["a"] * 12
    groups = kept(*many), kept(*many, name="same"), kept(*many, name="late", eot=1.0), kept("a", "a", name="few")
    rows = cells(written("md", report(*groups)))

    def against(key: str) -> list[str]:
        first = next(place for place, row in enumerate(rows) if row[0] == key)
        return [" | ".join(row[-2:]) for row in rows[first + 1 : first + 4]]

    same, late, few = against("eot_latency")
    assert same.endswith("not significant | 11 turns, none faster or slower")
    assert late.endswith("▲ slower | 11 of 11 turns slower")
    assert "(too few pairs)" in few
    assert "▲ longer" in against("eager_lead")[1]  # the head start of an early reply: nothing is slower for it


@pytest.mark.slow
@given(st.text(), st.text())
@example("| a | `b` ***c*** [d](http://e) <b> \\| $x$ ~~f~~", "www.evil.com https://evil.com a@b.c #1 !")
@example("&lt;&amp;", "1. x")
@example("s", "1) x")
@example("s", "- x")
@example("s", "> x # y")
@example("s", "# x")
@example("s", f"{'w' * 109} ===== a {'w' * 107} --- b {'w' * 107} 12. c {'w' * 107} :- d")
def test_no_text_is_markup_in_markdown(source: str, words: str):
    text = written("md", report(kept(words, source=source, name="n")))
    assert next(row for row in cells(text) if row[0] == "source")[1] == clean(source)
    assert [" ".join(quote.split()) for quote in quotes(text)] == [" ".join(clean(words).split()) or "no words"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Well - at 10:30, ~5 % (or +3)! {x} end_timeout_ms 2026-11-22 09:00:00", None),
        ("I paid $5. That's #fine & good; a > b, c:d, e.", None),
        ("ws://127.0.0.1:9/x", r"ws\://127.0.0.1:9/x"),
        ("~a~ $b$ :smile: @who #12 &amp; _c_ www.d.e", r"\~a\~ \$b\$ \:smile: \@who \#12 \&amp; \_c\_ www\.d.e"),
        (r"a|b \c `d` *e* [f](g) <h> #", r"a\|b \\c \`d\` \*e\* \[f\](g) \<h> \#"),
    ],
)
def test_only_what_is_markup_is_escaped(text: str, written: str | None):
    assert escape(text) == (text if written is None else written)


def test_tables_are_aligned_and_lines_are_not_too_long():
    sessions = kept(*["word " * 60] * 8), kept(*["wörd " * 60] * 8, name="late", eot=0.9)
    lines = written("md", report(*sessions)).splitlines()
    assert max(len(line) for line in lines if not line.startswith("|")) <= WIDTH
    assert max(map(len, lines)) < 1.6 * WIDTH
    places = [[at for at, character in enumerate(line) if character == "|"] for line in lines]
    assert all(here[:-1] == after[:-1] for here, after in pairwise(places) if here and after)


def test_a_cell_that_is_very_wide_does_not_widen_its_column():
    lines = list(table(["a", "b"], [["x", "1"], ["y" * 200, "2"], ["日本", "3"]]))
    assert lines[2] == "| x    | 1   |"
    assert lines[4] == "| 日本 | 3   |"


def test_a_line_that_is_wrapped_begins_no_list():
    assert list(paragraph(f"{'w' * 107} - x", "> ")) == [f"> {'w' * 107}", r"> \- x"]
    assert list(paragraph(f"{'w' * 108} 1. x", "> ")) == [f"> {'w' * 108}", r"> 1\. x"]


@pytest.mark.slow
def test_a_long_text_of_marks_takes_no_time():
    assert len(escape("~:#&_$" * 200_000)) > 1_200_000


def test_json_has_all_of_it():
    document = json.loads(written("json", report(kept("One.", "Two."), kept("Three.", name="other"), by=By.SERVICE)))
    (group,) = document["groups"]
    assert document["definitions"]["eager_precision"]["unit"] == "%"
    assert (group["turns"], group["figures_ms"]["eot_latency"]["n"]) == (3, 1)
    assert set(group["counts"]) == {metric.key for metric in SESSION_METRICS}
    assert set(document["definitions"]) == set(METRICS)
    assert [turn["transcript"] for turn in document["sessions"][0]["turns"]] == ["One.", "Two."]
    assert document["sessions"][1]["platform"] == "Testix 1"


@given(st.text(), st.text())
def test_any_text_gets_through_json_and_csv(source: str, words: str):
    both = report(kept(words, source=source))
    (session,) = json.loads(written("json", both))["sessions"]
    assert session["session"]["source"] == source
    assert session["turns"][0]["transcript"] == words
    (row,) = csv.DictReader(io.StringIO(written("csv", both), newline=""))
    assert row["turn"] == "1"
    assert not row["transcript"].startswith(("=", "+", "-", "@"))


def test_all_forms_say_what_another_setting_would_have_done():
    sound = [(1.0, 5.0)] * 2
    told = msgspec.structs.replace(kept(), snapshot=session(sound, TurnSettings(), pace=1.2))
    for form in FORMATS:
        text = " ".join(written(form, report(told)).split())
        assert re.search(r"With end 0\.5 it would have ended \d+ ms sooner, and no turn of this session", text), form
