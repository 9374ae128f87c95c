"""The first sentences of a report."""

import json

import msgspec
import pytest
from tests.report.sessions import kept, report

from stt_monitor.report.formats import FORMATS
from stt_monitor.report.headline import Judgement, comparison_headlines, session_headline
from stt_monitor.report.model import LoadedSession, compose, usual_by


def test_a_session_comes_to_turns_latency_cut_offs_and_its_worst_turn():
    headline = session_headline(kept(*["word"] * 8))
    assert headline.figures == ("8 turns. End of turn: p50 600 ms, p90 740 ms (n 7). Cut-offs: ~1 of 8.")
    assert headline.worst == "Worst: turn 5 at 0:21.2, 800 ms = 400 until the eager end + 400 until the end threshold."


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (0, "0 turns."),
        (1, "1 turn. End of turn: only first turns have one (400 ms), listed apart. Cut-offs: ~0 of 1."),
        (3, "3 turns. End of turn: p50 550 ms, p90 590 ms (n 2, fewer than 5: it says little). Cut-offs: ~0 of 3."),
    ],
)
def test_few_turns_are_said_to_be_few(turns: int, said: str):
    assert session_headline(kept(*["word"] * turns)).figures == said


def judged(*sessions: LoadedSession) -> list[tuple[Judgement, str]]:
    found = comparison_headlines(report(*sessions))
    return [(each.judgement, each.sentence) for each in found]


def test_a_comparison_says_better_worse_or_cannot_tell():
    six = ["word"] * 6
    ((slower, why),) = judged(kept(*six), kept(*six, name="b", eot=0.9))
    assert slower is Judgement.WORSE
    assert why == (
        "B is worse than A: end of turn +500 ms in the median [+500 … +500]; 5 of 5 turns slower "
        "(same audio, turn by turn); cut-offs ~0 of 6 → ~0 of 6."
    )
    assert judged(kept(*six), kept(*six, name="b", eot=0.2))[0][0] is Judgement.BETTER
    ((same, why),) = judged(kept(*six), kept(*six, name="b"))
    assert same is Judgement.UNKNOWN
    assert why.startswith("Cannot tell whether B is better than A: end of turn ±0 ms in the median [±0 … ±0];")
    ((few, why),) = judged(kept("a", "b", "c"), kept("a", "b", "c", name="b", eot=0.9))
    assert few is Judgement.UNKNOWN
    assert "(too few turns to be sure)" in why


def test_faster_with_more_cut_offs_is_not_better():
    many = ["word"] * 8  # the seventh is cut off
    ((found, why),) = judged(kept(*many[:6], eot=0.9), kept(*many, name="b"))
    assert found is Judgement.MIXED
    assert why.startswith("B is faster than A, but cuts off or misses more: ")
    assert why.endswith("cut-offs ~0 of 6 → ~1 of 8.")


def test_many_more_cut_offs_at_the_same_speed_are_worse():
    before, after = kept(*["word"] * 6), kept(*["word"] * 6, name="b")
    counts = msgspec.structs.replace(after.aggregate.counts, false_cutoffs=6)
    cut = msgspec.structs.replace(after, aggregate=msgspec.structs.replace(after.aggregate, counts=counts))
    assert judged(before, cut)[0][0] is Judgement.WORSE
    assert judged(cut, before)[0][0] is Judgement.BETTER


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_the_user_may_give_a_title(form: str):
    sessions = [kept("word")]
    text = "".join(FORMATS[form](compose(sessions, usual_by(sessions), named="Before <the> update")))
    escaped = {"html": "<h1>Before &lt;the&gt; update</h1>", "md": "# Before \\<the> update\n"}
    if form == "json":
        assert json.loads(text)["title"] == "Before <the> update"
    else:
        assert escaped[form] in text
