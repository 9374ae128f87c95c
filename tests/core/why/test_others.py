"""What other settings would have done to a turn, against sessions that ran with them."""

import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests.core.what_if.made_up import STEP_S, Sound, session
from tests.support.examples import tried
from tests.support.heard import hear, talk

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.records.turns import TurnRecord, WhyOther
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import AudioClock, SentChunk
from stt_monitor.core.sound.likelihood import LikelihoodCurve
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.session import what_if
from stt_monitor.core.what_if.turn import what_if_turn
from stt_monitor.core.what_if.wording import in_words
from stt_monitor.core.why.account import Account, account_of
from stt_monitor.core.why.choice import Tally
from stt_monitor.core.why.other import Other
from stt_monitor.core.why.others import Others
from stt_monitor.core.why.others_so_far import OthersSoFar
from stt_monitor.core.why.record import why_of
from stt_monitor.services.cartesia import SERVICE

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record

SCHEMA = SERVICE.schema
STEP = STEP_S + 1e-6
SLOWLY = 1.2
"""Time constant of a likelihood that falls slowly: a higher end threshold makes a difference."""

sounds = st.lists(st.tuples(st.floats(0.3, 1.5), st.floats(0.1, 4.0)), min_size=1, max_size=5)
quickly = tried(10, suppress_health_check=[HealthCheck.too_slow])


def accounts(snapshot: Snapshot) -> list[Account]:
    others = Others(snapshot, SCHEMA).of
    return [account_of(each, SCHEMA, others) for each in snapshot.finished]


def cut_before(one: FinishedTurn, snapshot: Snapshot) -> bool:
    return any(
        each.metrics.false_cutoff and abs(each.turn.started_at - one.turn.started_at) < STEP
        for each in snapshot.finished
    )


@pytest.mark.parametrize(
    "sound",
    [
        [(1.0, 4.0), (0.8, 4.0), (1.2, 4.0)],
        [(1.0, 4.0), (0.8, 1.0), (1.2, 4.0), (0.5, 4.0)],
        [(1.0, 1.3), (0.8, 1.0), (1.2, 0.7), (1.0, 4.0), (0.6, 0.9), (0.5, 4.0)],
    ],
)
def test_what_is_said_of_another_setting_is_what_a_session_with_it_does(sound: Sound):
    snapshot = session(sound, TurnSettings(), pace=SLOWLY)
    for finished, account in zip(snapshot.finished, accounts(snapshot), strict=True):
        other = account.other
        if other is None or not other.setting.startswith("end ") or other.known < len(snapshot.finished):
            continue
        end = float(other.setting.removeprefix("end "))
        would = session(sound, TurnSettings(end_threshold=end), pace=SLOWLY).finished
        (same,) = (each for each in would if abs(each.turn.started_at - finished.turn.started_at) < STEP)
        assert abs(finished.turn.over_at - same.turn.over_at - other.sooner) < STEP
        if not other.split:
            newly = (each for each in would if each.metrics.false_cutoff and not cut_before(each, snapshot))
            assert len(list(newly)) == other.cut


@pytest.mark.parametrize("every", [4, 7])
def test_where_the_likelihood_is_told_seldom_it_is_the_least_that_is_told(every: int):
    sound = [(1.0, 4.0), (0.8, 4.0), (1.2, 4.0)]
    snapshot = session(sound, TurnSettings(), pace=SLOWLY, every=every)
    told = [each for each in accounts(snapshot) if each.other is not None and each.other.setting]
    assert told
    for finished, account in zip(snapshot.finished, accounts(snapshot), strict=True):
        if (other := account.other) is None or not other.setting:
            continue
        assert f"it would have ended at least {round(other.sooner * 1000)} ms sooner" in " ".join(account.sentences)
        end = TurnSettings(end_threshold=float(other.setting.removeprefix("end ")))
        would = session(sound, end, pace=SLOWLY).finished[finished.turn.number - 1]
        assert other.sooner <= finished.turn.over_at - would.turn.over_at + STEP


def test_of_turns_that_are_far_apart_none_would_have_been_cut():
    snapshot = session([(1.0, 5.0)] * 3, TurnSettings(), pace=SLOWLY)
    account = accounts(snapshot)[1]
    assert account.other is not None
    sentence = next(each for each in account.sentences if each.startswith("With "))
    assert re.fullmatch(
        r"With end 0\.5 it would have ended \d+ ms sooner, and no turn of this session would have been cut\.", sentence
    )
    running = accounts(msgspec.structs.replace(snapshot, running=True))[1]
    assert any("no turn so far would have been cut" in each for each in running.sentences)


def test_a_setting_that_costs_turns_says_how_many():
    snapshot = session([(1.0, 5.0), (1.0, 1.0), (1.0, 5.0)], TurnSettings(), pace=SLOWLY)
    said = " ".join(" ".join(each.sentences) for each in accounts(snapshot))
    assert "sooner, but" in said or "no turn of this session" in said


@quickly
@given(sounds)
def test_what_is_told_of_a_turn_as_it_ends_is_what_is_known_of_the_session_up_to_then(sound: Sound):
    records: list[Record] = []
    snapshot = session(sound, TurnSettings(), pace=SLOWLY, records=records)
    told = [each for each in records if isinstance(each, TurnRecord)]
    assert len(told) == len(snapshot.finished)
    for number, (record, finished) in enumerate(zip(told, snapshot.finished, strict=True), start=1):
        up_to_then = msgspec.structs.replace(snapshot, finished=snapshot.finished[:number], running=True)
        assert record.why == why_of(account_of(finished, SCHEMA, Others(up_to_then, SCHEMA).of))


def test_a_turn_is_told_with_what_another_setting_would_have_done_to_it_and_to_those_before():
    records: list[Record] = []
    session([(1.0, 5.0)] * 3, TurnSettings(), pace=SLOWLY, records=records)
    first, *_, last = (each.why for each in records if isinstance(each, TurnRecord))
    assert first.other is not None
    assert last.other is not None
    assert (first.other.turns, last.other.turns) == (1, 3)
    assert last.other == WhyOther("end 0.5", last.other.sooner_ms, cut=0, split=0, known=3, turns=3)
    assert f"With end 0.5 it would have ended {last.other.sooner_ms:.0f} ms sooner" in last.sentences[1]
    assert "and no turn so far would have been cut" in last.sentences[1]


def test_turns_before_changed_settings_are_not_judged_by_what_is_near_to_those():
    snapshot = session([(1.0, 5.0)] * 4, TurnSettings(), pace=SLOWLY)
    clock, curve = AudioClock(), LikelihoodCurve()
    clock.add(SentChunk(0.0, snapshot.at, 0.0, snapshot.at))
    curve.add([(point.position, point.value) for point in snapshot.likelihood], 0.0, clock)
    so_far = OthersSoFar(SCHEMA, exact=False)
    known = []
    for number, each in enumerate(snapshot.finished):
        turn = (
            each.turn if number < 2 else msgspec.structs.replace(each.turn, settings=TurnSettings(end_threshold=0.25))
        )
        other = so_far.after(msgspec.structs.replace(each, turn=turn), curve, snapshot.speech)
        assert other is not None
        known.append((other.known, other.turns))
    assert known[:2] == [(1, 1), (2, 2)]
    assert known[2:] == [(1, 3), (2, 4)]


def test_where_no_likelihood_is_known_nothing_is_told():
    account = accounts(hear(talk(0.4, 0.9)))[1]
    assert (
        "What another setting would have done cannot be told: the service does not tell its likelihood."
        in account.sentences
    )


def test_nothing_is_said_of_other_settings_unless_it_is_asked():
    snapshot = session([(1.0, 5.0)] * 2, TurnSettings(), pace=SLOWLY)
    assert all(account_of(each, SCHEMA).other is None for each in snapshot.finished)


def test_the_likelihood_between_the_thresholds_is_told_for_as_long_as_it_lasted():
    account = accounts(session([(1.0, 5.0)] * 2, TurnSettings(), pace=SLOWLY))[1]
    assert account.held is not None
    assert account.sentences[0] == (f"The likelihood stayed between 0.6 and 0.3 for {account.parts[-1].ms} ms.")


@pytest.mark.parametrize("other", [TurnSettings(end_threshold=0.5), TurnSettings(eager_end_threshold=0.75)])
def test_of_a_turn_whose_settings_changed_no_likelihood_is_explained(other: TurnSettings):
    """What it did under one of them it did not do under the other."""
    sound = [(1.0, 4.0)] * 3
    unchanged = session(sound, TurnSettings(), pace=SLOWLY).finished[1].turn
    guessed = unchanged.eager_ends[-1].at
    snapshot = session(sound, TurnSettings(), pace=SLOWLY, changed=(guessed + 0.3, other))
    before, during, after = accounts(snapshot)
    assert before.held is not None
    assert after.held is not None
    assert during.held is None
    assert during.other == Other(unknown="its settings changed meanwhile")
    assert not [each for each in during.sentences if "likelihood" in each]
    same = what_if_turn(Evidence.of_newest(snapshot, SCHEMA), 1, other)
    assert (same.after, same.unknown) == (None, "its settings changed meanwhile")


def test_a_turn_that_is_cut_off_as_it_is_and_would_have_been_split_sooner_costs_a_turn():
    sound = [(1.0, 1.7), (1.0, 3.0), (1.0, 6.5)]  # of one labelled turn
    snapshot = session(sound, TurnSettings(end_threshold=0.05), pace=0.6, reference="labels")
    assert [each.metrics.false_cutoff for each in snapshot.finished] == [True, False]
    would = session(sound, TurnSettings(end_threshold=0.2), pace=0.6, reference="labels").finished
    assert [each.metrics.false_cutoff for each in would] == [True, True, False]
    found = what_if(Evidence.of_newest(snapshot, SCHEMA), TurnSettings(end_threshold=0.2))
    tally = Tally.of(found.turns)
    assert (tally.cut, tally.split, tally.cut_already) == (0, 1, 1)
    assert "1 turn split" in in_words(found)


def test_a_turn_that_its_timeout_ended_with_a_high_likelihood_would_have_ended_by_the_shortest_one():
    sound = [(0.6, 4.0), (0.8, 4.0)]  # the shortest is nearer than a step
    snapshot = session(sound, TurnSettings(end_timeout_ms=1000), pace=2.5)
    would = session(sound, TurnSettings(end_timeout_ms=640), pace=2.5)
    for before, after, account in zip(snapshot.finished, would.finished, accounts(snapshot), strict=True):
        other = account.other
        assert other is not None
        assert (other.setting, other.cut, other.split) == ("timeout 640 ms", 0, 0)
        assert other.sooner == pytest.approx(before.turn.over_at - after.turn.over_at, abs=STEP)


def test_where_no_setting_would_have_the_steps_are_told_in_which_it_was_tried():
    (account,) = accounts(session([(1.0, 4.0)], TurnSettings(end_threshold=0.5), pace=0.3))
    said = "Changing only end in steps of 0.05 would not have ended it 50 ms sooner without cutting it off."
    assert said in account.sentences
