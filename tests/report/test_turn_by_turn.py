"""Sessions over the same audio in a report: turn by turn, and the turns that changed most."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from tests.report.page import Page
from tests.support.heard import Spoken, hear, talk

from stt_monitor.core.metrics.aggregate import aggregate_session
from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.intervals import difference
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.headline import Judgement, comparison_headlines
from stt_monitor.report.model import By, LoadedSession, Report, compose
from stt_monitor.report.turn_by_turn import MOST, turn_by_turn

SPREAD = (0.61, 0.38, 0.92, 1.45, 0.36, 0.55, 2.31, 0.41, 0.78, 1.12, 0.35, 0.64, 1.83, 0.47)
"""Latencies as one setting of a service has them over real recordings, seconds."""
SHIFTS = (-0.1, -0.1, -0.3, -0.1, -0.04, -0.1, -0.5, -0.08, -0.1, -0.12, 0.02, -0.1, -0.2, -0.1)
"""What a lower threshold does to each of these turns."""


def saved(snapshot: Snapshot, name: str) -> LoadedSession:
    return LoadedSession(name, snapshot, aggregate_session(snapshot, None), "stt-monitor 1.2.3", "Testix 1")


def compared(*snapshots: Snapshot, by: By = By.SESSION) -> Report:
    return compose([saved(each, f"s{number}") for number, each in enumerate(snapshots)], by)


def written(form: str, report: Report) -> str:
    return "".join(FORMATS[form](report))


def text_of(page: str) -> str:
    return " ".join("".join(Page(page).texts).split())


def shifted() -> tuple[Snapshot, Snapshot]:
    after = [eot + shift for eot, shift in zip(SPREAD, SHIFTS, strict=True)]
    return hear(talk(*SPREAD)), hear(talk(*after))


@pytest.mark.slow
def test_the_paired_comparison_finds_what_the_unpaired_one_does_not():
    """The turns differ far more from one another than the settings do: only pairs show what these do."""
    report = compared(*shifted())
    before, after = (group.aggregate.values[HEADLINE.key] for group in report.groups)
    unpaired = difference(before, after)
    assert unpaired is not None
    assert not unpaired.significant
    (found,) = turn_by_turn(report)
    assert found.summary == "12 of 13 turns faster, 1 slower, median −100 ms [−120 … −100]"
    assert "12 of 13 turns faster, 1 slower" in text_of(written("html", report))
    assert "12 of 13 turns faster, 1 slower, median −100 ms \\[−120 … −100\\]" in written("md", report)
    told = json.loads(written("json", report))["groups"][1]
    eot = told["against_first_group"]["eot_latency"]
    assert (eot["p50_ms"], eot["sure"], eot["pairs"], eot["pairs_less"], eot["pairs_more"]) == (-100, True, 13, 12, 1)


@pytest.mark.slow
def test_the_turns_that_changed_most_are_drawn_before_and_after_to_the_same_scale():
    report = compared(*shifted())
    (found,) = turn_by_turn(report)
    assert len(found.changed) == MOST
    assert [each.difference for each in found.changed[:3]] == ["−500", "−300", "−200"]
    first = found.changed[0]
    assert (first.at, first.before, first.after, first.source) == ("0:31.0", "2310", "1810", "call.wav")
    assert [each.turn.number for each in first.turns] == [7, 7]
    page = written("html", report)
    assert Page(page).tags.count("article") == 2 * 14 + MOST
    assert page.count('class="slope ') == 13
    told = json.loads(written("json", report))["groups"][1]["turn_by_turn"]
    assert told["changed_most"][0] == {
        "source": "call.wav", "at_s": 31.0, "turns": [7, 7], "before_ms": 2310.0, "after_ms": 1810.0,
    }  # fmt: skip


def test_turns_that_split_or_vanished_are_counted():
    before = [*talk(0.4, 0.4), Spoken(11, 12, None), Spoken(12.5, 13.5), Spoken(20, 21)]
    after = [*talk(0.4, 0.4), Spoken(11, 12, 0.2), Spoken(12.5, 13.5), Spoken(20, 21, heard=False)]
    report = compared(hear(before), hear(after))
    (found,) = turn_by_turn(report)
    assert found.remarks == "Turns: 1 split, 1 vanished."
    assert found.remarks in written("md", report)
    assert found.remarks in text_of(written("html", report))
    told = json.loads(written("json", report))["groups"][1]["turn_by_turn"]
    assert {name: told[name] for name in ("split", "merged", "vanished", "appeared")} == {
        "split": 1, "merged": 0, "vanished": 1, "appeared": 0,
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"audio_id": "b"}, "other audio"),
        ({"degraded": ("phone",)}, "degraded otherwise"),
        ({"reference": "labels"}, "other reference speech"),
    ],
)
def test_what_cannot_be_paired_is_compared_as_before_and_the_page_says_why(other: dict[str, Any], why: str):
    report = compared(hear(talk(*SPREAD)), hear(talk(*SPREAD)), hear(talk(*SPREAD), **other))
    (found,) = turn_by_turn(report)
    same, judged = comparison_headlines(report)
    assert "(same audio, turn by turn)" in same.sentence
    assert judged.judgement is Judgement.UNKNOWN
    assert judged.sentence.startswith(f"Cannot tell whether C is better than A ({why}): end of turn ±0 ms")
    assert found.letters == ("A", "B")
    said = f"C cannot be paired with A ({why}): the medians of all turns are compared."
    assert said in " ".join(written("md", report).split())
    assert said in text_of(written("html", report))
    groups = json.loads(written("json", report))["groups"]
    assert groups[2]["turn_by_turn"] == {"unpaired": why}
    assert "pairs" not in groups[2]["against_first_group"]["eot_latency"]


def runs(eots: Sequence[float], **record: Any) -> list[Snapshot]:  # noqa: ANN401  fields of any type
    return [hear(talk(*eots), **record) for _ in range(2)]


def test_groups_of_several_sessions_pool_their_pairs():
    slow, fast = TurnSettings(end_threshold=0.6), TurnSettings(end_threshold=0.5)
    sessions = [
        *runs([0.6] * 6, turn=slow), *runs([0.5] * 6, turn=fast), *runs([0.6] * 4, turn=slow, audio_id="b"),
        hear(talk(0.5, 0.5), turn=fast, audio_id="c"),
    ]  # fmt: skip
    report = compared(*sessions, by=By.SETTINGS)
    (found,) = turn_by_turn(report)
    assert found.summary.startswith("10 of 10 turns faster, median −100 ms")
    assert found.remarks == "3 sessions of other audio left out."


def test_a_session_that_was_tuned_half_way_is_paired_with_itself_nowhere():
    before = hear(talk(*SPREAD))
    other = TurnSettings(end_threshold=0.2)
    finished = [
        msgspec.structs.replace(each, turn=msgspec.structs.replace(each.turn, settings=other)) if number > 6 else each
        for number, each in enumerate(before.finished)
    ]
    tuned = msgspec.structs.replace(before, finished=tuple(finished))
    report = compose([saved(tuned, "a")], By.SETTINGS)
    assert len(report.groups) == 2
    assert list(turn_by_turn(report)) == []
    assert "no turns of the same speech" in written("md", report)
