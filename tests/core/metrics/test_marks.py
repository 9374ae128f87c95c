"""What is n/a, what is derived, and what says nothing."""

import pytest
from tests.support.neutral import dialect, monitor, play, say, speak, turns

from stt_monitor.core.dialect import Dialect, Onset, Promise, TextAfterEnd
from stt_monitor.core.journal import Configured, Finished
from stt_monitor.core.metrics.aggregate import aggregate_session, combine
from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.metrics.marks import Marks, marks_of, together
from stt_monitor.core.metrics.session_metrics import session_value
from stt_monitor.core.metrics.units import format_value
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.settings.requested import TurnSettings

SWITCH = "eager_threshold"
ASKED = TurnSettings({SWITCH: 0.5})
EAGER = {metric for metric in METRICS if metric.startswith("eager")} | {"resumes", "wasted_replies"}


def text(marks: Marks, key: str, value: float | None) -> str:
    metric = METRICS[key]
    return marks.text(metric, value, lambda known: format_value(known, metric.unit))


@pytest.mark.parametrize(
    ("declared", "settings", "absent"),
    [
        (dialect(promises={Promise.STARTED: "x"}), TurnSettings(), set()),
        (dialect(), TurnSettings(), {"violations"}),
        (dialect(eager_ends=False), ASKED, EAGER | {"violations"}),
        (dialect(eager_setting=SWITCH), TurnSettings(), EAGER | {"violations"}),
        (dialect(eager_setting=SWITCH), ASKED, {"violations"}),
        (dialect(resumes=False), ASKED, {"eager_precision", "eager_wasted", "resumes", "violations"}),
    ],
)
def test_what_a_service_cannot_have(declared: Dialect, settings: TurnSettings, absent: set[str]):
    rare = {"formatted_latency", "service_onset_error", "service_end_error"}
    marks = marks_of(declared, settings, with_agent=True)
    assert marks.absent == absent | rare
    assert not rare & {metric.key for metric in marks.worth_showing(TURN_METRICS)}
    assert {"eager_latency", "eager_lead"} <= {metric.key for metric in marks.worth_showing(TURN_METRICS)}


def test_without_the_agents_side_nobody_misses_its_metrics():
    of_agent = {"response_gap", "barge_in_stop", "talk_over_s", "interruptions"}
    without, heard = (marks_of(dialect(), TurnSettings(), with_agent=there) for there in (False, True))
    assert without.absent - heard.absent == of_agent
    assert not of_agent & {metric.key for metric in without.worth_showing(METRICS.values())}
    assert of_agent <= {metric.key for metric in heard.worth_showing(METRICS.values())}


def test_rare_metrics_are_shown_where_a_service_can_have_them():
    able = dialect(text_after_end=TextAfterEnd.COPY, tells_onset=True, tells_speech_end=True)
    shown = [metric.key for metric in marks_of(able, TurnSettings()).worth_showing(TURN_METRICS)]
    assert {"formatted_latency", "service_onset_error", "service_end_error"} <= set(shown)
    assert "final_text_latency" not in shown  # it is eot_latency
    late = marks_of(dialect(text_after_end=TextAfterEnd.ALWAYS), TurnSettings())
    assert "final_text_latency" in {metric.key for metric in late.worth_showing(TURN_METRICS)}


def test_absent_unknown_derived_and_signed_are_written_apart():
    marks = Marks(absent=frozenset({"eager_lead"}), derived=frozenset({"onset_latency"}))
    assert [text(marks, "eager_lead", None), text(marks, "eot_latency", None)] == ["n/a", "–"]
    assert [text(marks, "onset_latency", None), text(marks, "onset_latency", 200)] == ["–", "~200"]
    assert [text(marks, "service_end_error", value) for value in (35, -35, 0, -0.2)] == ["+35", "-35", "0", "0"]


def test_what_one_can_have_is_not_absent_and_what_one_derives_is_derived():
    one = Marks(frozenset({"a", "b"}), frozenset({"c"}), frozenset({"d"}))
    other = Marks(frozenset({"b"}), frozenset({"e"}))
    assert together([one, other]) == Marks(frozenset({"b"}), frozenset({"c", "e"}))
    assert together([]) == Marks()


def test_eager_ends_that_are_switched_on_in_the_session_are_not_absent_any_more():
    heard = monitor(dialect(eager_setting=SWITCH))
    say(heard, 1, "start")
    (before,) = turns(say(heard, 2, "end", "One."))
    assert {"eager_latency_ms", "eager_lead_ms", "eager_ends", "resumes"} <= set(before.not_applicable)
    assert "eager_lead" in heard.snapshot(2, running=True).marks.absent
    heard.apply(Configured(3, ASKED))
    say(heard, 4, "start")
    say(heard, 5, "eager", "Two.")
    (after,) = turns(say(heard, 6, "end", "Two."))
    assert "eager_lead_ms" not in after.not_applicable
    heard.apply(Configured(7, TurnSettings()))
    snapshot = heard.snapshot(7, running=True)
    assert "eager_lead" not in snapshot.marks.absent
    assert [("eager_lead" in group.marks.absent) for group in snapshot.groups] == [True, False]
    (summary,) = (each for each in heard.apply(Finished(8, 0)) if isinstance(each, SummaryRecord))
    assert "eager_lead_ms" not in summary.not_applicable
    assert {"formatted_latency_ms", "violations"} <= set(summary.not_applicable)


def test_eager_ends_that_nobody_asked_for_are_not_absent():
    heard = monitor(dialect(eager_setting=SWITCH))
    say(heard, 1, "start")
    say(heard, 2, "eager", "One.")
    (turn,) = turns(say(heard, 3, "end", "One."))
    assert "eager_lead_ms" not in turn.not_applicable
    assert "eager_lead" not in heard.snapshot(3, running=True).marks.absent


def test_a_count_of_what_cannot_be_is_no_zero():
    snapshots = []
    for eager_ends in (False, True):
        heard = monitor(dialect(eager_ends=eager_ends))
        say(heard, 1, "start")
        say(heard, 2, "end", "One.")
        snapshots.append(heard.snapshot(2, running=False))
    without, with_them = (aggregate_session(each) for each in snapshots)
    metric = METRICS["eager_ends"]
    assert [session_value(metric, each) for each in (without, with_them)] == [None, 0]
    assert session_value(metric, combine([without, with_them])) == 0
    assert session_value(metric, combine([without, without])) is None


def test_a_derived_start_makes_the_onset_a_derived_figure_and_a_missing_one_makes_none():
    heard = monitor(dialect(onset=Onset.EXPLICIT), reference="labels")
    play(heard, 0.0, 9.0)
    for onset in (1.0, 3.0, 5.0):
        speak(heard, onset, onset + 1)
    say(heard, 1.2, "start")
    say(heard, 2.2, "end", "One.")
    say(heard, 3.4, "start", derived=True)
    say(heard, 3.4, "update", "Two")
    say(heard, 4.2, "end", "Two.")
    say(heard, 6.3, "start", derived=True)
    say(heard, 6.3, "end", "Three.")
    records = heard.apply(Finished(9, 0))
    told, derived, missing = turns(records)
    assert [turn.start for turn in (told, derived, missing)] == ["told", "derived", "missing"]
    assert [turn.onset_latency_ms for turn in (told, derived, missing)] == [200.0, 400.0, None]
    assert missing.eot_latency_ms == 300.0
    snapshot = heard.snapshot(9, running=False)
    assert [text(each.marks, "onset_latency", 200) for each in snapshot.finished] == ["200", "~200", "200"]
    assert snapshot.marks.derived == {"onset_latency"}
    (summary,) = (each for each in records if isinstance(each, SummaryRecord))
    assert summary.derived == ("onset_latency_ms",)


def test_a_service_that_says_nothing_of_starts_derives_all_onsets():
    assert marks_of(dialect(onset=Onset.DERIVED), TurnSettings()).derived == {"onset_latency"}
    assert marks_of(dialect(onset=Onset.WORDS), TurnSettings()).derived == set()
