import re
import unicodedata
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.report.page import Page
from tests.report.sessions import kept, report
from tests.support.examples import tried
from tests.ui.scripted import Script

from stt_monitor.core.journal import received
from stt_monitor.core.metrics.aggregate import aggregate_session
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.text.sanitize import clean, printable
from stt_monitor.report.formatting import percentage
from stt_monitor.report.html.page import html as html_pieces
from stt_monitor.report.model import DRAWN, LISTED, By, LoadedSession, Report


def html(of: Report) -> str:
    return "".join(html_pieces(of))


def test_a_page_needs_nothing_else():
    text = html(report(kept("one", "two"), kept("three", name="other")))
    page = Page(text)
    names = {name for name, _ in page.attributes}
    assert not {"script", "link", "img", "iframe", "object", "a", "base"} & set(page.tags)
    assert not {name for name in names if name in ("src", "href", "srcset", "action") or name.startswith("on")}
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_every_definition_is_printed_beside_its_number():
    session = kept("one", "two")
    seen = " ".join(Page(html(report(session))).texts)
    shown = session.aggregate.marks.worth_showing(METRICS.values())
    assert all(metric.meaning in seen for metric in shown if metric.key != "wer")


def test_numbers_are_those_of_the_session():
    page = Page(html(report(kept(*["word"] * 8, said="word " * 7 + "words"))))
    tiles = " ".join(" ".join(page.texts).split())
    assert "end of turn 600 ms p50 of 7; p90 740, max 800" in tiles
    assert "false cut-offs ~1 of 8" in tiles
    assert "eager ends confirmed 89 % 8 of 9; 1 resumed" in tiles
    assert "word error rate 12 % 1 of 8 words" in tiles


@pytest.mark.parametrize("seconds", [1, 5, 30, 600])
def test_how_long_one_waited_is_written_beside_the_bars(seconds: int):
    script = Script(duration=None).connect().turn(1.0, "a", length=seconds).to(4.0 + seconds).decided()
    text = html(report(LoadedSession("n", script.snapshot(), aggregate_session(script.snapshot()), "", "")))
    (label,) = re.findall(r'<text class="waited" x="([0-9.]+)%" y="15" dx="4" text-anchor="start">400 ms<', text)
    bars = re.findall(r'<rect class="(?:speech|wait)" x="([0-9.]+)%" width="([0-9.]+)%" y="4"', text)
    assert max(float(x) + float(width) for x, width in bars) <= float(label) + 0.2  # bars have a least width
    assert float(label) < 89  # there is room for it


@pytest.mark.parametrize(
    ("value", "n", "written"),
    [(0.9333, 15, "93"), (1.0, 3, "100"), (0.004, 250, "0.4"), (0.3333, 999, "33.3"), (0.12346, 1000, "12.35")],
)
def test_a_percentage_has_no_digits_that_its_n_does_not_carry(value: float, n: int, written: str):
    assert percentage(value, n) == written


def test_the_same_sessions_give_the_same_page():
    def make() -> str:
        return html(report(kept(*["a"] * 9), kept(*["b"] * 9, name="b", eot=0.7), by=By.SERVICE))

    assert make() == make()


@cache
def harmless_tags() -> list[str]:
    return Page(html(report(kept("w", "w", source="s", name="n"), kept("x", name="other")))).tags


@pytest.mark.slow
@tried(50)
@given(st.text(), st.text(), st.text())
@example("</title><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</text></svg><style>*{}</style>")
@example("{style}{0}", "%s", "&lt;b&gt;&amp;")
def test_nothing_from_outside_is_markup(source: str, name: str, words: str):
    words = f"w{words}"
    text = html(report(kept(words, words, source=source, name=name), kept("x", name="other")))
    page = Page(text)
    assert page.tags == harmless_tags()
    assert page.quotes[0] == clean(words)
    assert not {char for char in text if unicodedata.category(char) in ("Cc", "Cs") and char != "\n"}
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


@pytest.mark.parametrize("by", By)
def test_a_session_without_turns_is_no_fault(by: By):
    assert "No turns in this session" in html(report(kept(), by=by))
    assert html(report(kept(), kept("one"), by=by))


@pytest.mark.slow
def test_of_many_turns_the_notable_are_drawn_and_the_page_says_so():
    session = kept(*["word"] * (LISTED + 40))
    text = html(report(session))
    assert text.count('<svg class="timeline"') == DRAWN
    assert f"Showing {DRAWN} of {LISTED + 40} turns: up to {DRAWN // 2} that went wrong, and the slowest." in text
    assert f"Showing {LISTED} of {LISTED + 40} turns" in text
    drawn = [int(number) for number in re.findall("timeline of turn ([0-9]+)", text)]
    assert drawn == sorted(drawn)
    cut = {turn.turn.number for turn in session.snapshot.finished if turn.metrics.false_cutoff}
    assert len(cut & set(drawn)) >= DRAWN // 2


def test_names_in_data_break_between_their_words_alone():
    text = html(report(kept("one"), kept("two", name="other")))
    assert "<code>eot_<wbr>latency</code>" in text
    assert ".all td:not(:last-child) { overflow-wrap: normal; }" in text


@pytest.mark.slow
def test_a_page_is_never_held_as_a_whole():
    sizes = [len(piece) for piece in html_pieces(report(kept(*["word"] * (LISTED + 40))))]
    assert max(sizes) < sum(sizes) / 20


def test_a_turn_may_last_for_ages():
    script = Script(duration=None).connect()
    script.event(1.0, "turn.start").event(2.0, "turn.update", "a")
    session = script.snapshot().session
    for length in (20.0, 9_000.0, 1e300):
        script.monitor.apply(received(length, '{"type":"turn.end","transcript":"b"}'))
        script.monitor.apply(received(length, '{"type":"turn.start"}'))
    snapshot = script.snapshot()
    assert snapshot.session == session
    text = html(report(LoadedSession("n", snapshot, aggregate_session(snapshot), "", "")))
    assert 10 < text.count('class="tick"') < 40
