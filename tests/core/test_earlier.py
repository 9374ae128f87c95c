import msgspec
import pytest
from tests.support.heard import hear, talk
from tests.support.lanes import combined
from tests.ui.scripted import Script

from stt_monitor.core import earlier
from stt_monitor.core.earlier import EarlierSessions
from stt_monitor.core.journal import Configured
from stt_monitor.core.pairs.in_this_run import InThisRun, row_key
from stt_monitor.core.pairs.same_audio import Unpaired
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import RowKey, Snapshot
from stt_monitor.ui.widgets.comparison import settings_rows

TUNED = TurnSettings(end_threshold=0.45)


def session(
    started_at: str, source: str = "talk.wav", settings: TurnSettings | None = None, turns: int = 1
) -> Snapshot:
    script = Script(started_at=started_at, source=source).connect()
    if settings is not None:
        script.monitor.apply(Configured(0.1, settings))
    for number in range(turns):
        script.turn(1.0 + 5 * number, "Hello there")
    return script.to(5.0 + 5 * turns).decided().snapshot()


def test_a_session_stays_beside_those_that_follow_as_it_was_seen_last():
    run = EarlierSessions()
    run.add_to(session("a", turns=1))
    last = run.add_to(session("a", turns=2))
    assert (last.number, last.earlier) == (1, ())
    second = run.add_to(session("b", settings=TUNED))
    assert second.number == 2
    assert [(one.number, one.source, one.groups) for one in second.earlier] == [(1, "talk.wav", last.groups)]
    third = run.add_to(session("c"))
    assert [one.number for one in third.earlier] == [1, 2]


def test_a_recorded_session_that_is_shown_again_is_not_told_twice():
    run = EarlierSessions()
    for started_at in ("a", "b", "a", "b"):
        shown = run.add_to(session(started_at))
    assert (shown.number, [one.number for one in shown.earlier]) == (2, [1])


def test_saved_sessions_of_one_moment_are_two_and_a_live_one_is_known_again_where_it_was_saved():
    run = EarlierSessions()
    run.add_to(session("a"))
    run.saved_in("/saved/a")
    assert run.add_to(session("a"), "/saved/copy").number == 2
    again = run.add_to(session("a"), "/saved/a")
    assert (again.number, [one.number for one in again.earlier]) == (1, [2])
    assert run.add_to(session("a")).identity == again.identity


def test_sessions_without_a_turn_or_that_did_not_come_about_are_left_out():
    run = EarlierSessions()
    run.add_to(session("a", turns=0))
    nothing = session("")
    assert run.add_to(nothing) == nothing
    assert run.add_to(session("b")).earlier == ()


def test_there_may_be_very_many():
    run = EarlierSessions()
    snapshot = session("0")
    for number in range(1000):
        shown = run.add_to(
            msgspec.structs.replace(snapshot, session=msgspec.structs.replace(snapshot.session, started_at=str(number)))
        )
    assert shown.number == 1000
    assert len(shown.earlier) <= 200
    assert shown.earlier[-1].number == 999


def test_rows_say_which_session_and_what_it_heard_where_that_differs():
    run = EarlierSessions()
    assert [row.label for row in settings_rows(run.add_to(session("a")))] == ["server default"]
    shown = run.add_to(session("b", settings=TUNED))
    assert [(row.label, row.lit) for row in settings_rows(shown)] == [
        ("1 · server default", False),
        ("2 · end 0.45", True),
    ]
    for folder in ("/saved/before\x1b", "/saved/2026-11-22_09-00-00_talk"):
        run.add_to(session("d"), folder)
    labels = [row.label for row in settings_rows(run.add_to(session("b", settings=TUNED)))]
    assert labels[1:3] == ["3 · before · server default", "4 · server default"]
    other = run.add_to(session("c", source="other\x1b.wav"))
    labels = [row.label for row in settings_rows(other)]
    assert labels[0] == "1 · server default · talk.wav"
    assert labels[4].startswith("5 · server default · other")
    assert "\x1b" not in labels[2]


def key(number: int, snapshot: Snapshot) -> RowKey:
    return row_key(number, snapshot.session, snapshot.settings)


def test_each_row_is_compared_with_the_first_or_with_what_was_marked():
    run, compared = EarlierSessions(), InThisRun()
    slow, fast = hear(talk(*[0.6] * 7)), hear(talk(*[0.5] * 7), turn=TUNED)
    other = hear(talk(*[0.6] * 7), audio_id="b")
    for session in (slow, other, fast):
        shown = run.add_to(session)
    rows = compared.rows(shown)
    assert [each.is_baseline for each in rows.values()] == [True, False, False]
    assert rows[key(2, other)].unpaired is Unpaired.AUDIO
    found = rows[key(3, fast)]
    assert found.pairs is not None
    assert found.difference is not None
    assert (found.pairs.n, found.pairs.faster, round(found.difference.of_medians, 3)) == (6, 6, -0.1)
    assert compared.rows(shown)[key(3, fast)] is found  # nothing is compared again
    marked = run.mark(key(3, fast))
    assert marked is not None
    rows = compared.rows(marked)
    assert rows[key(3, fast)].is_baseline
    difference = rows[key(1, slow)].difference
    assert difference is not None
    assert round(difference.of_medians, 3) == 0.1
    assert run.add_to(slow).baseline == key(3, fast)


def test_turns_under_other_settings_of_the_same_session_are_no_pairs():
    run, compared = EarlierSessions(), InThisRun()
    assert compared.rows(run.add_to(session("a", turns=2))) == {}
    shown = run.add_to(session("b", settings=TUNED, turns=2))
    assert len(compared.rows(shown)) == len(shown.earlier[0].groups) + len(shown.groups)


def test_services_side_by_side_are_rows_of_their_own_later():
    run = EarlierSessions()
    lanes = [
        hear(talk(*[eot] * 7), service=name, started_at="2026-11-28T10:00:00Z")
        for name, eot in (("cartesia", 0.6), ("flux", 0.5))
    ]
    both = run.add_to(combined(tuple(lanes)))
    assert [lane.number for lane in both.lanes] == [1, 1]
    shown = run.add_to(hear(talk(*[0.4] * 7)))
    assert [(one.number, one.session.service) for one in shown.earlier] == [(1, "cartesia"), (1, "flux")]
    assert [each.is_baseline for each in InThisRun().rows(shown).values()] == [True, False, False]
    assert all(label in row for label, row in zip(("Cartesia", "Flux"), labels(shown), strict=False))
    assert run.add_to(both).lanes[1].earlier[-1].number == 2


def labels(snapshot: Snapshot) -> list[str]:
    return [row.label for row in settings_rows(snapshot)]


def test_of_very_many_turns_only_the_newest_sessions_are_kept_for_pairs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(earlier, "_TURNS_KEPT", 10)
    run = EarlierSessions()
    for number in range(4):
        shown = run.add_to(hear(talk(*[0.4] * 4), turn=TurnSettings(end_timeout_ms=1000 + number)))
    assert [len(one.heard) for one in shown.earlier] == [0, 1, 1]
    rows = settings_rows(shown, InThisRun().rows(shown))
    assert [row.against is not None and row.against.pairs is not None for row in rows] == [False, False, True, True]
