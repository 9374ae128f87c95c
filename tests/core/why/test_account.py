import re
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.turn_metrics import TurnMetrics, measure
from stt_monitor.core.metrics.units import Unit, in_data, in_text
from stt_monitor.core.settings.requested import Schema, Settings
from stt_monitor.core.sound.held import Held
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.sound.slowness import Cause
from stt_monitor.core.turns.turn import EndReason, Turn, TurnEagerEnd
from stt_monitor.core.why.account import Account, account_of
from stt_monitor.core.why.record import why_of
from stt_monitor.services.cartesia import DIALECT
from stt_monitor.services.flux import SERVICE as FLUX
from stt_monitor.ui.drawing.turn_events import event_rows

SCHEMA = DIALECT.schema
END = "until the end threshold"


def finished(
    eot: float | None,
    *eager_ends: tuple[float, float | None],
    reason: EndReason = EndReason.ENDED,
    first: bool = False,
    **metrics: Any,  # noqa: ANN401  fields of any type
) -> FinishedTurn:
    """Return a turn whose speech ends at 10 s; eager ends and resumes are seconds from there."""
    ended_at = 10.0 + (0.5 if eot is None else eot)
    guesses = tuple(
        TurnEagerEnd(10 + at, "so", None if resumed is None else 10 + resumed) for at, resumed in eager_ends
    )
    turn = Turn(
        2, 8.0, "so", eager_ends=guesses, ended_at=ended_at, end_reason=reason, first_of_connection=first,
        event_times=(8.0, ended_at),
    )  # fmt: skip
    told: dict[str, Any] = {"end_reason": "threshold", "end_reason_told": False, "false_cutoff": False}
    if (confirmed := turn.confirmed_eager_end) is not None:
        after = round(confirmed.at - 10, 3)
        told |= {"eager_latency": after if after >= 0 else None, "eager_lead": round(ended_at - confirmed.at, 3)}
    return FinishedTurn(turn, TurnMetrics(eot_latency=eot, **told | {"spurious": False} | metrics))


def accounted(*given: Any, **more: Any) -> Account:  # noqa: ANN401  as for `finished`
    return account_of(finished(*given, **more), SCHEMA)


@pytest.mark.parametrize(
    ("turn", "equation", "word"),
    [
        (finished(1.4444, (0.7734, None)), "1444 ms = 773 until the eager end + 671 until the end threshold", "eager"),
        (finished(1.5, (0.5, None)), "1500 ms = 500 until the eager end + 1000 until the end threshold", "waited"),
        (finished(0.4), "400 ms until the end threshold", "threshold"),
        (finished(0.4, (-0.2, None)), "400 ms until the end threshold", "waited"),
        (finished(0.4, (-0.9, -0.5)), "400 ms until the end threshold", "threshold"),
        (
            finished(5.0, (0.4, None), end_reason="timeout"),
            "5000 ms = 400 until the eager end + 4600 until the timeout",
            "timeout",
        ),
        (
            finished(1.4, (0.3, 0.5), (0.9, None)),
            f"1400 ms = 300 until the eager end + 200 until its resume + 400 until the next eager end + 500 {END}",
            "waited",
        ),
        (
            finished(3.0, (0.2, 0.5), (0.9, 1.1), (1.5, 2.0), (2.5, None)),
            f"3000 ms = 200 until the eager end + 2300 until the last eager end, after 3 resumes + 500 {END}",
            "resumed",
        ),
        (  # against its promises, the service guessed twice
            finished(0.8, (0.1, None), (0.2, None)),
            f"800 ms = 100 until the eager end + 100 until the next eager end + 600 {END}",
            "waited",
        ),
        (finished(1.0, (-0.3, 0.8)), "1000 ms = 800 until its resume + 200 until the end threshold", "resumed"),
        (finished(0.8, end_reason="vad"), "800 ms until the end by its voice activity detector", "vad"),
    ],
)  # fmt: skip
def test_the_time_is_split_at_what_happened_after_speech(turn: FinishedTurn, equation: str, word: str):
    account = account_of(turn, SCHEMA)
    assert (account.equation, account.word) == (equation, word)


def test_an_eager_end_before_the_end_of_speech_is_told_beside_the_equation():
    assert "Its eager end came 200 ms before speech ended." in accounted(0.4, (-0.2, None)).sentences


def test_what_ended_a_turn_without_a_threshold_is_the_model():
    assert account_of(finished(0.4), Schema(())).equation == "400 ms until the end by its model"


@pytest.mark.parametrize(
    ("turn", "word", "begin"),
    [
        (finished(None, reason=EndReason.CLOSED, end_reason="closed"), "closed", "Our own close ended it"),
        (finished(None, reason=EndReason.MANUAL, end_reason="manual"), "manual", "The client asked for the end"),
        (finished(None, reason=EndReason.DANGLING, end_reason="dangling"), "dangling", "It never ended"),
        (finished(1.4, (0.7, None), slow=True), "slow", "This machine, its network or the client held it up"),
        (finished(None, spurious=True), "spurious", "Nobody spoke"),
    ],
)
def test_a_turn_that_says_nothing_of_the_service_says_what_it_is(turn: FinishedTurn, word: str, begin: str):
    account = account_of(turn, SCHEMA)
    assert (account.word, account.equation) == (word, "")
    assert len(account.sentences) == 1
    assert account.sentences[0].startswith(begin)


def test_a_cut_off_says_when_speech_came_back():
    back = Span(11.0, 11.0)
    cut = finished(0.4, false_cutoff=True, pause_cut=1.0, speech=(Span(8.0, 8.0, 10.0, 10.0), back))
    account = account_of(cut, SCHEMA)
    assert account.word == "~cut +0.6 s"
    assert account.sentences[0] == "Perhaps a cut-off: speech came back 0.6 s later, in a pause of 1000 ms."
    exact = account_of(msgspec.structs.replace(cut, marks=Marks(exact=True)), SCHEMA)
    assert exact.word == "cut +0.6 s"
    assert exact.sentences[0].startswith("A cut-off: speech came back 0.6 s later")


def test_a_cut_off_in_speech_has_nothing_to_come_back():
    account = accounted(None, false_cutoff=True, speech=(Span(8.0, 8.0),))
    assert account.word == "~cut"
    assert account.sentences[0] == "Perhaps a cut-off: it ended while speech went on."


def test_without_reference_speech_only_the_lead_is_known():
    account = accounted(None, (-0.2, None), end_reason="", end_reason_told=None, false_cutoff=None, spurious=None,
                        eager_lead=0.7)  # fmt: skip
    assert account.word == "–"
    assert account.equation == ""
    assert "700 ms passed between its eager end and its end." in account.sentences


def test_what_is_not_known_yet_is_said_to_be():
    assert accounted(None, end_reason="", end_reason_told=None, pending=True).word == "…"


def test_a_guess_is_marked_where_the_service_tells_why_other_turns_ended():
    guessed = finished(5.0, end_reason="timeout")
    assert account_of(guessed, SCHEMA).word == "timeout"
    assert account_of(msgspec.structs.replace(guessed, marks=Marks(tells_reason=True)), SCHEMA).word == "~timeout"


@pytest.mark.parametrize(("eot", "perhaps"), [(0.4, False), (4.0, False), (4.9, True)])
def test_that_it_was_no_timeout_is_a_guess_only_where_it_might_have_been_one(eot: float, perhaps: bool):
    said = " ".join(account_of(finished(eot), SCHEMA).sentences)
    assert ("That it was no timeout is a guess" in said) == perhaps


def test_a_timeout_says_how_close_the_likelihood_came():
    turn = msgspec.structs.replace(finished(5.0, end_reason="timeout"), held=Held(0.82, 0.41, None, 0.3))
    assert account_of(turn, SCHEMA).sentences[0] == (
        "The likelihood stayed above the end threshold 0.3; it came as close as 0.41."
    )


def test_a_likelihood_that_rose_again_without_a_resume_is_told_as_high_as_it_was():
    turn = msgspec.structs.replace(finished(1.5, (0.5, None)), held=Held(0.72, 0.41, 0.6, 0.3))
    assert account_of(turn, SCHEMA).sentences[0] == "The likelihood stayed between 0.72 and 0.3 for 1000 ms."


def test_a_service_that_compares_the_confidence_of_the_end_is_told_so():
    schema = FLUX.dialect(Settings()).schema
    turn = msgspec.structs.replace(finished(1.5, (0.5, None)), held=Held(0.55, 0.31, 0.6, 0.3))
    assert account_of(turn, schema).sentences[0] == (
        "The confidence of the end stayed between 0.4 and 0.7 for 1000 ms."
    )


def test_the_lags_of_this_machine_are_told_also_where_they_made_the_turn_slow():
    lagging = msgspec.structs.replace(finished(1.5), send_lag=0.0034, server_lag=0.04)
    said = "Lag of this machine in that time: our sending at most 3 ms, the local server at most 40 ms."
    assert said in account_of(lagging, SCHEMA).sentences
    slow = msgspec.structs.replace(
        lagging, metrics=msgspec.structs.replace(lagging.metrics, slow=True, slow_because=(Cause.SENDING,))
    )
    assert account_of(slow, SCHEMA).sentences[-1] == said


times = st.integers(-3000, 12_000).map(lambda ms: ms / 1000)


@st.composite
def any_turn(draw: st.DrawFn) -> FinishedTurn:
    edges = sorted(draw(st.lists(times, max_size=9)))
    pairs = [(edges[at], edges[at + 1] if at + 1 < len(edges) else None) for at in range(0, len(edges), 2)]
    latest = max([0.0, *(at for at in edges)])
    eot = latest + draw(st.integers(0, 9000)) / 1000
    more: dict[str, Any] = {
        "end_reason": draw(st.sampled_from(["threshold", "timeout", "vad", ""])),
        "end_reason_told": draw(st.sampled_from([True, False, None])),
        "pause_survived": draw(st.none() | st.floats(0.0, 9.0)),
        "service_end_error": draw(st.none() | st.floats(-2.0, 2.0)),
        "final_text_latency": draw(st.none() | st.floats(0.0, 2.0).map(lambda late: eot + late)),
        "false_cutoff": draw(st.sampled_from([True, False, None])),
        "slow": draw(st.booleans()),
        "speech": draw(st.sampled_from([(), (Span(10.3 + eot, 10.3 + eot),)])),
    }
    reason = draw(st.sampled_from([EndReason.ENDED, EndReason.ENDED, *EndReason]))
    return finished(eot if reason is EndReason.ENDED else None, *pairs, reason=reason, **more)


@given(any_turn())
def test_the_parts_add_up_to_the_latency_exactly_also_as_they_are_shown(turn: FinishedTurn):
    parts, eot = account_of(turn, SCHEMA).parts, turn.metrics.eot_latency
    if not parts:
        return
    assert eot is not None
    assert (parts[0].start, parts[-1].end) == (0.0, eot)
    assert all(before.end == after.start for before, after in pairwise(parts))
    assert all(part.end >= part.start for part in parts)
    assert str(sum(part.ms for part in parts)) == in_text(eot, Unit.MILLISECONDS)


at_any_time = st.floats(0.0, 9.0, allow_nan=False)


@given(st.lists(at_any_time, min_size=3, max_size=9).map(sorted), at_any_time)
def test_what_is_told_of_a_turn_adds_up_and_is_what_the_columns_say(at: list[float], speech_end: float):
    started_at, *guesses, ended_at = (10 + each for each in at)
    eager_ends = tuple(
        TurnEagerEnd(each, "so", guesses[place + 1] if place + 1 < len(guesses) else None)
        for place, each in enumerate(guesses)
        if place % 2 == 0
    )
    turn = Turn(
        2, started_at, "so", eager_ends=eager_ends, ended_at=ended_at, end_reason=EndReason.ENDED,
        event_times=(started_at, ended_at),
    )  # fmt: skip
    measured = measure(turn, 0.0, ReferenceSpeech.known([Span(9.5, 9.5, 10 + speech_end, 10 + speech_end)]))
    whole = FinishedTurn(turn, measured)
    account = account_of(whole, SCHEMA)
    ms = [part.ms for part in account.parts]
    eager, eot, lead = (
        None if value is None else int(in_text(value, Unit.MILLISECONDS))
        for value in (measured.eager_latency, measured.eot_latency, measured.eager_lead)
    )
    assert eot == in_data(measured.eot_latency, Unit.MILLISECONDS)
    assert [part.ms for part in why_of(account).parts] == ms
    if ms:
        assert sum(ms) == eot
        assert account.equation.startswith(f"{eot} ms")
    if len(ms) == 2 and not measured.resumes and eager is not None:
        assert ms == [eager, lead]
    if None not in (eager, eot, lead):
        assert (eager or 0) + (lead or 0) == eot
    if eot is not None:
        clock = {name: value for name, value, _ in event_rows(whole)}
        assert ms_of(clock["■ turn.end"]) - ms_of(clock["speech end"]) == eot
        if eager is not None:
            told = [ms_of(value) for name, value, _ in event_rows(whole) if name == "◐ eager end"]
            assert ms_of(clock["speech end"]) + eager in told


def ms_of(clock: str) -> int:
    minutes, seconds = clock.split(":")
    return round(60_000 * int(minutes) + 1000 * float(seconds))


@given(any_turn())
def test_sentences_have_no_number_that_is_not_in_the_account(turn: FinishedTurn):
    account = account_of(turn, SCHEMA)
    known = {str(part.ms) for part in account.parts} | {str(sum(part.ms for part in account.parts))}
    known |= {str(part.resumes) for part in account.parts} | set(re.findall(r"[\d.]+\d", account.word))
    for name in account.__struct_fields__:
        value = getattr(account, name)
        if isinstance(value, float):
            known.add(in_text(abs(value), Unit.MILLISECONDS))
            known |= {f"{value:.1f}", f"{value:.0f}"}
    said = " ".join([account.equation, *account.sentences]).replace("0.3 s: summaries", "")
    assert set(re.findall(r"\d+(?:\.\d+)?", said)) <= known
