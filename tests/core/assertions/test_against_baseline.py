"""Whether a run is worse than a baseline: red for what got worse, green for noise, neither where nobody can tell."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

import msgspec
import pytest
from tests.support.heard import Spoken, hear, talk

from stt_monitor.core.assertions.against_baseline import AgainstBaseline, Judged
from stt_monitor.core.assertions.baseline import Baseline, baseline_session
from stt_monitor.core.assertions.tolerance import Tolerance, parse_tolerance
from stt_monitor.core.errors import InputError
from stt_monitor.core.records.summaries import AssertionRecord, Verdict
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.headless.baseline_file import read_baseline, write_baseline
from stt_monitor.report.verdicts import verdict

SAME = (0.4, 0.5, 0.45, 0.6, 0.5, 0.4, 0.55, 0.5, 0.45)
PASS, FAIL, CANNOT_TELL = Verdict.PASS, Verdict.FAIL, Verdict.CANNOT_TELL


def kept(*sessions: Snapshot, service: str = "cartesia") -> Baseline:
    return Baseline(tuple(baseline_session(each, service) for each in sessions))


def judged(baseline: Baseline, *sessions: Snapshot, tolerance: str = "10%,50ms") -> Sequence[AssertionRecord]:
    names = [Judged(each.session.source, each, "cartesia") for each in sessions]
    return AgainstBaseline(baseline, "b.json", parse_tolerance(tolerance)).verdicts(names, 1.0)


def outcomes(baseline: Baseline, *sessions: Snapshot, tolerance: str = "10%,50ms") -> list[Verdict]:
    return [each.verdict for each in judged(baseline, *sessions, tolerance=tolerance)]


def later(by: float) -> Snapshot:
    return hear(talk(*(eot + by for eot in SAME)))


@cache
def usual() -> Baseline:
    return kept(later(0.0))


@cache
def kept_cut(numbers: tuple[int, ...]) -> Baseline:
    return kept(cut(*numbers))


def cut(*numbers: int) -> Snapshot:
    """Twelve utterances; those of these numbers are cut into two turns, 0.3 s apart."""
    spoken: list[Spoken] = []
    for number in range(12):
        at = 1.0 + 6 * number
        spoken += [Spoken(at, at + 1.2, 0.1 if number in numbers else None), Spoken(at + 1.5, at + 2.5, 0.4)]
    return hear(spoken)


@pytest.mark.parametrize(
    ("by", "tolerance", "outcome"),
    [
        (0.0, "10%,50ms", PASS),
        (0.3, "10%,50ms", FAIL),
        (0.06, "10%,50ms", FAIL),
        (0.06, "20%,50ms", PASS),
        (0.06, "10%,80ms", PASS),
        (0.04, "0%,0ms", FAIL),
        (-0.3, "10%,50ms", PASS),
    ],
)
def test_later_ends_of_turns_are_worse_beyond_both_tolerances(by: float, tolerance: str, outcome: Verdict):
    assert outcomes(usual(), later(by), tolerance=tolerance) == [outcome, PASS]


def test_a_failure_says_by_how_much_and_names_the_turns():
    latency, _ = judged(usual(), hear(talk(*SAME[:4], 0.9, 0.9, 0.95, 0.9, 0.85)))
    assert latency.verdict is PASS  # half of the turns are as before: the interval of the median has 0 in it
    latency, _ = judged(usual(), hear(talk(*(each + 0.3 for each in SAME[:-1]), 1.5)))
    assert latency.expression == "eot_latency no worse than b.json by 10%,50ms"
    assert verdict(latency) == "+300 ms [+300 … +300], before 500 (n 8 pairs)"
    worst, *others = latency.worst
    assert (worst.turn, worst.before, worst.value) == (9, 450.0, 1500.0)
    assert len(others) == 2


@pytest.mark.slow
def test_noise_is_not_worse():
    """The same distribution twice: of 30 runs only those may fail that chance makes differ, one in forty."""
    random = Random(20)
    draw = lambda: hear(talk(*(max(0.05, random.gauss(0.5, 0.15)) for _ in range(13))))  # noqa: E731  short
    failed = sum(outcomes(kept(draw()), draw(), tolerance="0%,0ms")[0] is FAIL for _ in range(30))
    assert failed <= 3
    assert all(outcomes(kept(draw()), draw(), tolerance="20%,150ms")[0] is PASS for _ in range(5))


def test_one_turn_that_is_late_is_no_regression():
    assert outcomes(usual(), hear(talk(*SAME[:-1], 3.0))) == [PASS, PASS]


@pytest.mark.parametrize(
    ("before", "after", "tolerance", "outcome"),
    [
        ((), (), "10%,50ms", PASS),
        ((), (1, 2, 3, 4, 5, 6), "10%,50ms", FAIL),
        ((), (1, 2, 3, 4, 5, 6), "10%,50ms,6cutoffs", PASS),
        ((), (1, 2), "10%,50ms", PASS),
        ((1, 2, 3, 4, 5, 6), (1, 2, 3, 4, 5, 6), "10%,50ms", PASS),
        ((1, 2, 3, 4), (4, 5, 6, 7), "10%,50ms", PASS),
        ((1, 2, 3, 4, 5, 6), (), "10%,50ms", PASS),
        ((1, 2), (1, 2, 3, 4, 5, 6, 7, 8), "10%,50ms", FAIL),
    ],
)
def test_more_turns_that_are_cut_off_are_worse_if_that_is_no_chance(
    before: tuple[int, ...], after: tuple[int, ...], tolerance: str, outcome: Verdict
):
    _, cutoffs = judged(kept_cut(before), cut(*after), tolerance=tolerance)
    assert cutoffs.verdict is outcome
    assert cutoffs.actual == len(after) - len(before)
    assert (cutoffs.compared is not None, len(cutoffs.worst)) == (True, 3 if outcome is FAIL else 0)


def over_the_phone(baseline: Baseline) -> Baseline:
    (session,) = baseline.sessions
    heard = msgspec.structs.replace(session.heard, degraded=("phone", "noise:10"))
    return Baseline((msgspec.structs.replace(session, heard=heard),))


@pytest.mark.parametrize(
    ("baseline", "session", "reason"),
    [
        (kept(hear(talk(*SAME), audio_id="a")), hear(talk(*SAME), audio_id="b"), "the baseline heard other audio"),
        (
            over_the_phone(kept(hear(talk(*SAME)))), hear(talk(*SAME)),
            "the baseline heard this audio with phone noise:10, not as it is",
        ),
        (kept(hear(talk(*SAME), reference="labels", audio_id="a")), hear(talk(*SAME), audio_id="a"), "from elsewhere"),
        (kept(later(0.0), service="flux"), later(0.0), "the baseline is of flux, not of cartesia"),
        (kept(hear(talk(*SAME), server="local server (X)")), later(0.0), "of cartesia by the local server, not of"),
        (kept(hear(talk(*SAME[:5]))), hear(talk(*SAME[:5])), "only 4 pairs with turns of the baseline; 5 of"),
        (kept(later(0.0)), hear(talk(*SAME ), reference="none"), "there is no reference speech"),
    ],
    ids=["audio", "arm", "reference", "service", "server", "few", "none"],
)  # fmt: skip
def test_of_what_cannot_be_compared_nobody_can_tell(baseline: Baseline, session: Snapshot, reason: str):
    latency, _ = judged(baseline, session)
    assert latency.verdict is CANNOT_TELL
    assert reason in latency.reason


def test_another_service_is_compared_with_where_it_is_asked_for():
    one = Judged("call.wav", later(0.3), "cartesia")
    baseline = Baseline((*kept(later(0.0), service="flux").sessions, *kept(later(0.3)).sessions))
    for service, outcome in (("flux", FAIL), ("cartesia", PASS), ("", PASS)):
        latency, _ = AgainstBaseline(baseline, "b.json", Tolerance(), service).verdicts([one], 1.0)
        assert latency.verdict is outcome
    with pytest.raises(InputError, match="has no session of vox, only of cartesia and flux"):
        AgainstBaseline(baseline, "b.json", Tolerance(), "vox")


def slow(session: Snapshot) -> Snapshot:
    return msgspec.structs.replace(session, counts=msgspec.structs.replace(session.counts, slow=5))


def test_a_slow_machine_on_either_side_says_nothing():
    assert outcomes(usual(), slow(later(0.9))) == [CANNOT_TELL, CANNOT_TELL]
    assert outcomes(kept(slow(later(0.0))), later(0.9)) == [CANNOT_TELL, CANNOT_TELL]


def test_turns_that_are_no_longer_there_leave_too_little():
    long = talk(*SAME, *SAME)
    missed = [*long[:7], *(msgspec.structs.replace(each, heard=False) for each in long[7:])]
    latency, _ = judged(kept(hear(long)), hear(missed))
    assert latency.verdict is CANNOT_TELL
    assert "turns of the baseline are there again" in latency.reason


def test_the_same_recording_again_is_no_more_evidence():
    short = hear(talk(*SAME[:4]))
    latency, cutoffs = judged(kept(short), *[hear(talk(*SAME[:4]))] * 4)
    assert (latency.verdict, latency.reason) == (
        CANNOT_TELL, "only 12 pairs with turns of the baseline; 5 of different turns are needed"
    )  # fmt: skip
    assert (cutoffs.verdict, cutoffs.n) == (CANNOT_TELL, 4)
    assert judged(kept(cut()), cut(1, 2, 3), cut(1, 2, 3))[1].verdict is PASS


def test_a_recording_that_the_baseline_does_not_have_is_named():
    a, b = (hear(talk(*SAME), source=f"{name}.wav", audio_id=name) for name in "ab")
    assert outcomes(kept(a, b), b, a) == [PASS, PASS]
    assert outcomes(kept(a, b), b) == [PASS, PASS]
    latency, cutoffs = judged(kept(a), a, b)
    assert latency.reason == cutoffs.reason == "b.wav: the baseline heard other audio"


def test_a_baseline_survives_its_file_and_has_no_words(tmp_path: Path):
    path = tmp_path / "b.json"
    session = hear(talk(*SAME), audio_id="a")
    before = kept(session, cut(1, 2))
    write_baseline(path, before.sessions)
    text = path.read_text()
    assert "transcript" not in text
    assert all(each.turn.transcript not in text for each in session.finished if each.turn.transcript)
    assert len(text.splitlines()) == 4
    for after in (later(0.0), later(0.3), cut(1, 2, 3, 4, 5, 6, 7, 8)):
        heard = msgspec.structs.replace(after, session=msgspec.structs.replace(after.session, audio_id="a"))
        for baseline in (read_baseline(path), before):
            told = [(each.verdict, each.actual) for each in judged(baseline, heard)]
            assert told == [(each.verdict, each.actual) for each in judged(before, heard)]


FORM_1 = Path(__file__).parent / "data" / "baseline.json"


def test_a_baseline_of_the_first_form_stays_readable():
    """Committed to repositories of others: fields of `Baseline`, `Heard` and what is in them are never renamed."""
    assert outcomes(read_baseline(FORM_1), later(0.3)) == [FAIL, PASS]
    assert outcomes(read_baseline(FORM_1), later(0.0)) == [PASS, PASS]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no baseline"), ("{}", "no baseline"), ("[1]", "no baseline"), ('{"form":9}', "newer stt-monitor"),
        ('{"form":1,"sessions":[]}', "damaged baseline"), ('{"form":"\x1b"}', "no baseline"),
        ("RIFF\x00", "no baseline"),
    ],
)  # fmt: skip
def test_what_is_no_baseline_is_refused_in_one_sentence(text: str, why: str, tmp_path: Path):
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(InputError) as refusal:
        read_baseline(path)
    assert why in str(refusal.value)


def test_numbers_that_lead_nowhere_are_refused(tmp_path: Path):
    path = tmp_path / "b.json"
    write_baseline(path, kept(later(0.0)).sessions)
    damaged = path.read_text().replace('"last":8', '"last":88')
    assert damaged != path.read_text()
    path.write_text(damaged)
    with pytest.raises(InputError, match="damaged baseline"):
        read_baseline(path)


def test_the_settings_may_differ_for_that_is_what_one_compares():
    other = hear(talk(*(each + 0.3 for each in SAME)), turn=TurnSettings(end_threshold=0.2))
    assert outcomes(usual(), other) == [FAIL, PASS]
    assert Tolerance() == parse_tolerance("10%,50ms")
