import msgspec
from tests.ui.scripted import Script

from stt_monitor.core.earlier import EarlierSessions
from stt_monitor.core.journal import Configured
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
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
    other = run.add_to(session("c", source="other\x1b.wav"))
    labels = [row.label for row in settings_rows(other)]
    assert labels[0] == "1 · server default · talk.wav"
    assert labels[2].startswith("3 · server default · other")
    assert "\x1b" not in labels[2]
