import msgspec
import pytest
from tests.support.heard import Spoken, hear
from tests.ui.scripted import Script

from stt_monitor.core.assertions.checks import check
from stt_monitor.core.assertions.expressions import parse
from stt_monitor.core.assertions.worst_turns import worst_turns
from stt_monitor.core.journal import Finished, SpeechEnd, SpeechOnset
from stt_monitor.core.metrics.aggregate import aggregate_sessions
from stt_monitor.core.records.summaries import Verdict, WorstTurn
from stt_monitor.core.snapshot import Snapshot


def talk(*eots: float, resumed: int = 0) -> Snapshot:
    """Turns of 2 s, 5 s apart; the first ones have a resume, and the last is cut off."""
    script = Script(duration=None).connect()
    for number, eot in enumerate(eots):
        script.turn(1.0 + 5 * number, f"Turn {number + 1}.", eot=eot, resumed=number < resumed)
    at = script.at
    script.to(at + 0.8).monitor.apply(SpeechOnset(at + 0.5, at + 0.5))
    script.monitor.apply(SpeechEnd(at + 0.8, at + 0.8))
    script.to(at + 5).decided().monitor.apply(Finished(at + 5))
    return script.snapshot()


def worst(text: str, *sessions: Snapshot) -> list[tuple[str, int | None, float | None]]:
    assertion = parse(text)
    (record,) = check([assertion], aggregate_sessions(sessions), 0.0)
    assert record.verdict is Verdict.FAIL
    names = [f"{number}.wav" for number in range(len(sessions))]
    return [
        (each.source, each.turn, each.value)
        for each in worst_turns(assertion, record, zip(names, sessions, strict=True))
    ]


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("eot.max<=100ms", [("1.wav", 2, 900.0), ("0.wav", 4, 700.0), ("0.wav", 3, 500.0)]),
        ("eot.p50<=450ms", [("1.wav", 2, 900.0), ("0.wav", 4, 700.0), ("0.wav", 3, 500.0)]),
        ("eot.max<=800ms", [("1.wav", 2, 900.0)]),
        ("eot.p50>=700ms", [("0.wav", 2, 400.0), ("0.wav", 3, 500.0)]),
        ("first.eot.max<=250ms", [("0.wav", 1, 300.0)]),
        ("eot.n>=9", []),
        ("false_cutoffs==0", [("0.wav", 4, None), ("1.wav", 2, None)]),
        ("resumes==0", [("0.wav", 1, 1), ("0.wav", 2, 1)]),
        ("eager_precision>=99%", [("0.wav", 1, None), ("0.wav", 2, None)]),
        ("eager_wasted<=.1s", [("0.wav", 1, 0.3), ("0.wav", 2, 0.3)]),
        ("wasted_replies==0", [("0.wav", 1, 1), ("0.wav", 2, 1)]),
        ("pause_cut_min>=1.5s", [("0.wav", 4, 1200.0), ("1.wav", 2, 1400.0)]),
        ("pause_cut_min>=1.3s", [("0.wav", 4, 1200.0)]),
        ("pause_cut_min<=1s", []),
        ("turns>=9", []),
        ("resumes>=9", []),
        ("violations>=1", []),
    ],
)
def test_the_worst_turns_are_those_that_break_it(text: str, turns: list[tuple[str, int | None, float | None]]):
    assert worst(text, talk(0.3, 0.4, 0.5, 0.7, resumed=2), talk(0.2, 0.9)) == turns


def test_a_turn_is_named_by_its_place_in_the_file_and_its_words():
    session = talk(0.3, 0.4)
    assertion = parse("eot.max<=100ms")
    (record,) = check([assertion], aggregate_sessions([session]), 0.0)
    assert worst_turns(assertion, record, [("a.wav", session)]) == (
        WorstTurn("a.wav", 2, 400.0, "Turn 2.", start_file_s=6.0, end_file_s=8.0),
    )


def test_what_this_machine_slowed_is_not_to_blame():
    session = talk(0.3, 0.4, 0.9)
    *others, last = session.finished
    slow = msgspec.structs.replace(last, metrics=msgspec.structs.replace(last.metrics, slow=True))
    slowed = msgspec.structs.replace(session, finished=(*others, slow))
    assert worst("eot.max<=100ms", slowed) == [("0.wav", 2, 400.0)]


def test_speech_that_was_missed_has_a_place_and_no_turn():
    script = Script(duration=None).connect().turn(1.0, "Hello there.")
    script.to(9.0).monitor.apply(SpeechOnset(8.0, 8.0))
    script.monitor.apply(SpeechEnd(9.0, 9.0))
    script.to(20.0).decided().monitor.apply(Finished(20.0))
    session = msgspec.structs.replace(script.snapshot())
    played = msgspec.structs.replace(
        session, audio=msgspec.structs.replace(session.audio, played=session.audio.position)
    )
    assertion = parse("missed==0")
    (record,) = check([assertion], aggregate_sessions([played]), 0.0)
    (found,) = worst_turns(assertion, record, [("a.wav", played)])
    assert found == WorstTurn("a.wav", None, None, "", start_file_s=8.0, end_file_s=9.0)
    resent = msgspec.structs.replace(played, health=msgspec.structs.replace(played.health, resent_s=2.0))
    assert worst_turns(assertion, record, [("a.wav", resent)])[0].start_file_s is None


def test_a_pause_that_a_turn_survived_too_long_is_its_own():
    spoken = [*(Spoken(1.0 + 8 * n, 3.0 + 8 * n, None) for n in range(3))]
    spoken = [
        each for n, start in enumerate(spoken) for each in (start, Spoken(start.stop + 1 + n, start.stop + 3 + n))
    ]
    session = hear(spoken)
    assert worst("longest pause survived<=1500ms", session) == [("0.wav", 3, 3000.0), ("0.wav", 2, 2000.0)]
    assert worst("pause_survived_max>=9s", session) == []
