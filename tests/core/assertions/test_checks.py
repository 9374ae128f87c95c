import contextlib
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ui.scripted import Script

from stt_monitor.core.assertions import expressions
from stt_monitor.core.assertions.checks import check, exit_code
from stt_monitor.core.assertions.expressions import parse
from stt_monitor.core.assertions.names import short_name
from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Finished, SpeechAbandoned
from stt_monitor.core.metrics.aggregate import Aggregate, aggregate_sessions
from stt_monitor.core.metrics.definitions import METRICS, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.metrics.wer import WordErrors
from stt_monitor.core.records.summaries import AssertionRecord, Verdict

FIGURES = [metric.key for metric in TURN_METRICS]
NUMBERS = {unit: [metric.key for metric in SESSION_METRICS if metric.unit is unit] for unit in Unit}


def talk(turns: int = 4, *, reference: str = "vad") -> Aggregate:
    """Turns that take 0.3, 0.4, 0.5 ... s to be ended; the second has a resume."""
    script = Script(reference=reference, duration=None).connect()
    for number in range(turns):
        script.turn(1.0 + 5 * number, "Book a table.", eot=0.3 + number / 10, resumed=number == 1)
    script.decided().monitor.apply(Finished(script.at + 5))
    return aggregate_sessions([script.snapshot()])


def verdict(text: str, aggregate: Aggregate) -> AssertionRecord:
    (record,) = check([parse(text)], aggregate, 12.34567)
    return record


@pytest.mark.parametrize(
    ("text", "passed", "actual", "unit", "n"),
    [
        ("eot_latency.p50<=500ms", True, 500.0, "ms", 3),
        ("eot_latency.p50 < 0.5s", False, 500.0, "ms", 3),
        ("eot_latency.max==.6s", True, 600.0, "ms", 3),
        ("eot_latency.n>=3", True, 3, "", 3),
        ("first.eot_latency.p50<=300ms", True, 300.0, "ms", 1),
        ("turns==4", True, 4, "", None),
        ("resumes != 1", False, 1, "", None),
        ("false_cutoffs==0", True, 0, "", 4),
        ("eager_precision>=0.8", True, 80.0, "%", 5),
        ("eager_precision>80%", False, 80.0, "%", 5),
        ("eager_wasted<=300ms", True, 0.3, "s", None),
        ("send_lag_max<10ms", True, 4.0, "ms", None),
        ("dropped_s==0", True, 0.0, "s", None),
        ("eot.p50<=500ms", True, 500.0, "ms", 3),
        ("first.eot.p50 < .2s", False, 300.0, "ms", 1),
        ("False cut-offs==0", True, 0, "", 4),
        ("eager precision>=0.8", True, 80.0, "%", 5),
        ("longest lag<10ms", True, 4.0, "ms", None),
        ("peak_db<-3dB", True, -18.0, "dB", None),
    ],
)
def test_what_is_judged(text: str, *, passed: bool, actual: float, unit: str, n: int | None):
    assert verdict(text, talk()) == AssertionRecord(12.3457, text, passed, actual, unit, n, "")


@pytest.mark.parametrize(
    ("text", "turns", "reason"),
    [
        ("eot_latency.p95<=9s", 8, "p95 needs 20 values, not 7"),
        ("eot_latency.p99>=0s", 8, "p99 needs 100 values, not 7"),
        ("eot_latency.p50<=9s", 1, "first turn of a connection"),
        ("first.eot_latency.p50<=9s", 0, "no turn has this metric"),
        ("false_cutoffs==0", 0, "nothing to measure"),
        ("wer<=1", 2, "nothing to measure"),
        ("round_trip<1s", 2, "nothing to measure"),
    ],
)
def test_of_what_has_no_value_nobody_can_tell(text: str, turns: int, reason: str):
    record = verdict(text, talk(turns))
    assert not record.passed
    assert record.verdict is Verdict.CANNOT_TELL
    assert exit_code([record]) == 4
    assert record.actual is None
    assert reason in record.reason


@pytest.mark.parametrize("name", ["false_cutoffs", "missed", "spurious"])
def test_without_reference_speech_nobody_knows(name: str):
    assert verdict(f"{name}==0", talk(reference="none")).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize("name", ["false_cutoffs", "missed", "spurious", "eager_ends", "resumes", "eager_precision"])
def test_where_nothing_happened_nobody_knows(name: str):
    assert verdict(f"{name}==0", talk(0)).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize("text", ["turns==0", "violations==0", "errors==0", "closed==0", "slow==0", "send_lag_max<1s"])
def test_what_is_known_without_a_turn_is_judged(text: str):
    assert verdict(text, talk(0)).passed


def with_slow(turns: int, slow: int) -> Aggregate:
    aggregate = talk(turns)
    return msgspec.structs.replace(aggregate, counts=msgspec.structs.replace(aggregate.counts, slow=slow))


@pytest.mark.parametrize("text", ["eot_latency.p50<=9s", "eot_latency.n<9", "first.eot_latency.p50<9s", "missed==0",
                                  "false_cutoffs==0", "eager_precision>0%", "eager_gained>=0s"])  # fmt: skip
def test_of_a_service_that_this_machine_was_too_slow_for_nobody_can_tell(text: str):
    assert verdict(text, with_slow(4, 2)).passed
    slow = verdict(text, with_slow(4, 3))
    assert (slow.verdict, slow.actual) == (Verdict.CANNOT_TELL, None)
    assert "3 of 4 turns are slow: this machine, its network or the client held them up" in slow.reason
    assert "1 of 1 turn is slow: " in verdict(text, with_slow(1, 1)).reason
    assert verdict("violations==0", with_slow(4, 3)).passed
    assert not verdict("slow==0", with_slow(4, 3)).passed


def test_of_speech_that_this_machine_was_mostly_too_slow_for_nobody_can_tell_what_was_missed():
    aggregate = msgspec.structs.replace(talk(), speech_checked=2, speech_delayed=3)
    told = verdict("missed==0", aggregate)
    assert told.verdict is Verdict.CANNOT_TELL
    assert "3 of 5 utterances cannot be told: this machine" in told.reason
    assert verdict("missed==0", msgspec.structs.replace(aggregate, speech_delayed=2)).passed
    assert verdict("missed==0", msgspec.structs.replace(aggregate, speech_checked=0, speech_delayed=0)).actual is None


def test_that_nothing_stalled_is_told_only_where_somebody_spoke_or_the_line_was_stuck():
    heard, unheard = talk(), talk(reference="none")
    assert verdict("stalls==0", heard).passed
    assert verdict("stalls==0", unheard).verdict is Verdict.CANNOT_TELL
    silent = msgspec.structs.replace(heard, speech_checked=0, speech_delayed=0)
    assert verdict("stalls==0", silent).verdict is Verdict.CANNOT_TELL
    assert unheard.health is not None
    stuck = msgspec.structs.replace(unheard.health, stalls=1)
    assert verdict("stalls==0", msgspec.structs.replace(unheard, health=stuck)).verdict is Verdict.FAIL


@pytest.mark.parametrize("text", ["missed==0", "stalls==0"])
def test_of_speech_that_was_not_looked_for_to_the_end_nobody_can_tell(text: str):
    script = Script(duration=None).connect().turn(1, "Book a table.").turn(6, "For two.").decided()
    assert verdict(text, aggregate_sessions([script.snapshot()])).passed
    script.monitor.apply(SpeechAbandoned(script.at))
    assert verdict(text, aggregate_sessions([script.snapshot()])).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize("limit", ["9" * 400, "-" + "9" * 309, "1" + "0" * 400 + ".5"])
def test_a_limit_that_nothing_could_reach_is_refused(limit: str):
    with pytest.raises(InputError, match="this number is too large"):
        parse(f"turns<={limit}")


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [("", 0), ("p", 0), ("pp", 0), ("pf", 1), ("pc", 4), ("cf", 1), ("fc", 1), ("c", 4)],
)
def test_the_exit_code_is_that_of_what_is_certain(verdicts: str, code: int):
    made = {
        "p": AssertionRecord(0, "", passed=True, actual=1, unit="", n=None, reason=""),
        "f": AssertionRecord(0, "", passed=False, actual=1, unit="", n=None, reason=""),
        "c": AssertionRecord(0, "", passed=False, actual=None, unit="", n=None, reason=""),
    }
    assert exit_code([made[each] for each in verdicts]) == code


def test_word_errors_are_judged_over_all_words():
    aggregate = msgspec.structs.replace(talk(), words=WordErrors(3, 40))
    assert verdict("wer<=0.075", aggregate).passed
    assert verdict("wer>7.5%", aggregate) == AssertionRecord(
        12.3457, "wer>7.5%", passed=False, actual=7.5, unit="%", n=40, reason="", counted="words"
    )


@pytest.mark.parametrize(
    ("text", "at", "hint"),
    [
        ("", 0, "name of a metric"),
        ("eot_latncy.p90<=900ms", 0, "did you mean eot_latency?"),
        ("eot_latency<=900ms", 11, "needs a statistic"),
        ("eot_latency.p80<=900ms", 12, "p50, p90"),
        ("eot_latency.p90=900ms", 15, "<=, <"),
        ("eot_latency.p90 900ms", 16, "<=, <"),
        ("eot_latency.p90<=900", 20, "ms or s"),
        ("eot_latency.n<=900ms", 18, "leave the unit out"),
        ("eot_latency.p90<=ms", 17, "a number"),
        ("first.wer<=1", 6, "no metric called wer"),
        ("turns.p50>2", 5, "leave the statistic out"),
        ("turns>=2 and wer<=1", 9, "leave the unit out"),
        ("wer<=10 %;", 9, "unexpected text"),
        ("\x1b[31mturns>1", 0, "name of a metric"),
        ("eott.p90<=900ms", 0, "no metric called eott; did you mean eot?"),
        ("eot<=900ms", 3, "needs a statistic"),
        ("false cutofs==0", 0, "did you mean false cut-offs?"),
        ("lag.p50<=1s", 3, "leave the statistic out"),
        ("first.longest lag<1s", 6, "no metric called longest lag"),
    ],
)
def test_a_bad_expression_is_refused_with_a_pointer_to_the_place(text: str, at: int, hint: str):
    with pytest.raises(InputError) as refusal:
        parse(text)
    line, caret, *names = refusal.value.more
    assert hint in str(refusal.value)
    assert caret.index("^") == at + 2
    assert "\x1b" not in line
    if at == 0:
        assert all(name in "".join(names) for name in METRICS)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_metric_may_be_called_as_in_data_or_as_on_the_screen(metric: Metric):
    statistic = ".max" if metric in TURN_METRICS else ""
    for name in (metric.key, metric.label, metric.label.upper().replace(" ", "_"), short_name(metric) or metric.key):
        assert parse(f"{name}{statistic}>=0{metric.unit.value}").name == metric.key


def test_a_name_that_several_metrics_have_is_refused(monkeypatch: pytest.MonkeyPatch):
    doubled = msgspec.structs.replace(METRICS["spurious"], key="ghosts", label="missed it")
    other = msgspec.structs.replace(METRICS["missed"], label="missed it")
    monkeypatch.setattr(expressions, "SESSION_METRICS", (doubled, other))
    with pytest.raises(InputError, match="--assert: missed it may be ghosts or missed: write one of them"):
        parse("missed it==0")


@pytest.mark.parametrize(
    ("text", "service", "name", "first"),
    [
        ("flux.eot.p90<=900ms", "flux", "eot_latency", False),
        ("flux.false cut-offs==0", "flux", "false_cutoffs", False),
        ("flux.first.eot.p90<=900ms", "flux", "eot_latency", True),
        ("flux.eot_latency.p90<=900ms", "flux", "eot_latency", False),
        ("flux.first.eot_latency.p90<=900ms", "flux", "eot_latency", True),
        (" flux.turns==1", "flux", "turns", False),
        ("first.eot_latency.p90<=900ms", "", "eot_latency", True),
        ("eot_latency.p90<=900ms", "", "eot_latency", False),
    ],
)
def test_a_service_in_front_is_read(text: str, service: str, name: str, *, first: bool):
    for services in (None, ["cartesia", "flux"]):
        read = parse(text, services)
        assert (read.service, read.name, read.first_turns) == (service, name, first)


@pytest.mark.parametrize(
    ("text", "at", "hint"),
    [
        ("flux.eot_latncy.p90<=900ms", 5, "did you mean eot_latency?"),
        ("flux.eot_latncy<=900ms", 5, "did you mean eot_latency?"),
        ("fluxx.eot.p90<1s", 0, "no service called fluxx here; did you mean flux?"),
        ("fluxx.turns==1", 0, "no service called fluxx here; did you mean flux?"),
        ("first.flux.eot_latency.p90<=1s", 6, "no metric called flux"),
        ("eot_latncy.p90<=900ms", 0, "no metric called eot_latncy; did you mean eot_latency?"),
        ("flux.", 5, "name of a metric"),
        ("flux.flux.turns==1", 5, "no metric called flux"),
    ],
)
def test_a_bad_expression_about_a_service_is_refused_with_the_place(text: str, at: int, hint: str):
    with pytest.raises(InputError) as refusal:
        parse(text, ["cartesia", "flux"])
    assert hint in str(refusal.value)
    assert refusal.value.more[1].index("^") == at + 2


blanks = st.text(" ", max_size=2)
comparisons = st.sampled_from(["<=", "<", ">=", ">", "==", "!="])
limits = st.decimals(min_value=0, max_value=10_000, places=3).map(str)
figures = st.tuples(
    st.sampled_from(["", "first."]),
    st.sampled_from([metric.key for metric in TURN_METRICS if metric.unit is Unit.MILLISECONDS]),
    st.sampled_from([".p50", ".p90", ".p95", ".p99", ".max"]),
).map("".join)
milliseconds = st.one_of(figures, st.sampled_from(NUMBERS[Unit.MILLISECONDS]))


@given(milliseconds, comparisons, limits, st.sampled_from(["ms", "s"]), blanks)
def test_every_expression_about_a_time_is_read(name: str, comparison: str, limit: str, unit: str, blank: str):
    assertion = parse(blank.join(["", name, comparison, limit, unit, ""]))
    assert assertion.operator == comparison
    assert assertion.unit is Unit.MILLISECONDS
    assert assertion.limit == pytest.approx(float(limit) * (1000 if unit == "s" else 1))
    assert assertion.first_turns == name.startswith("first.")
    check([assertion], talk(0), 0.0)


@given(st.sampled_from(NUMBERS[Unit.COUNT]), comparisons, st.integers(0, 10**9))
def test_every_expression_about_a_count_is_read_and_judged(name: str, comparison: str, limit: int):
    assertion = parse(f"{name}{comparison}{limit}")
    assert (assertion.name, assertion.operator, assertion.limit) == (name, comparison, limit)
    check([assertion], talk(0), 0.0)


@given(st.text() | st.text(string.ascii_lowercase + "_.<>=! 0123456789%", max_size=30))
def test_anything_else_is_refused_in_one_sentence(text: str):
    with contextlib.suppress(InputError):
        parse(text)
        return  # by chance it is one
    with pytest.raises(InputError) as refusal:
        parse(text)
    assert "\n" not in str(refusal.value)
    assert refusal.value.more[1].index("^") <= len(refusal.value.more[0])
