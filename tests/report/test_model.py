import msgspec
from tests.report.sessions import kept, report

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.report.environment import environment
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.formatting import remarks
from stt_monitor.report.model import By, LoadedSession, compose
from stt_monitor.report.notable import notable


def at(session: LoadedSession, url: str) -> LoadedSession:
    record = msgspec.structs.replace(session.snapshot.session, url=url)
    return msgspec.structs.replace(session, snapshot=msgspec.structs.replace(session.snapshot, session=record))


def test_sessions_go_by_their_sources_as_far_as_these_tell_them_apart():
    labels = [
        group.label for group in report(kept(source="a"), kept(source="b"), kept(source="b", name="other")).groups
    ]
    assert labels == ["a", "2026-11-22_talk", "other"]


def test_sessions_that_heard_a_recording_degraded_otherwise_are_told_apart():
    clean, noisy = kept(source="a"), kept(source="a", name="other")
    record = msgspec.structs.replace(noisy.snapshot.session, degraded=("phone", "noise:10"), reference="vad")
    noisy = msgspec.structs.replace(noisy, snapshot=msgspec.structs.replace(noisy.snapshot, session=record))
    assert [group.label for group in report(clean, noisy).groups] == ["a", "a · phone, noise 10 dB"]
    said, said_of_clean = dict(environment(noisy)), dict(environment(clean))
    assert said["degraded"] == "phone, noise 10 dB: before it was sent, with a fixed seed"
    assert "before it was degraded" in said["reference speech"]
    assert "degraded" not in said_of_clean
    assert "degraded" not in said_of_clean["reference speech"]
    noisy = msgspec.structs.replace(
        kept("word", name="other"), snapshot=msgspec.structs.replace(kept("word").snapshot, session=record)
    )
    for form in FORMATS.values():
        assert "noise" in "".join(form(report(clean, noisy)))


def test_all_servers_of_this_machine_are_one():
    local = "ws://127.0.0.1:41/x", "ws://localhost:42/x", "ws://[::1]:5/"
    urls = (*local, "wss://api.example/x", "ws://[", "ws://127.0.0.1:6/")
    groups = compose([at(kept("word"), url) for url in urls], By.SERVICE).groups
    assert [(group.label, group.turns) for group in groups] == [
        ("a server on this machine, ink-2", 4), ("wss://api.example/x, ink-2", 1), ("ws://[, ink-2", 1),
    ]  # fmt: skip


def test_settings_that_changed_in_mid_session_divide_its_turns():
    session = kept(*["word"] * 4)
    other = TurnSettings(end_threshold=0.2)
    first, *rest = session.snapshot.finished
    turns = [msgspec.structs.replace(each, turn=msgspec.structs.replace(each.turn, settings=other)) for each in rest]
    changed = msgspec.structs.replace(
        session, snapshot=msgspec.structs.replace(session.snapshot, finished=(first, *turns))
    )
    groups = compose([changed, kept("word", name="b")], By.SETTINGS).groups
    assert [(group.label, group.turns) for group in groups] == [("server defaults", 2), ("end_threshold 0.2", 3)]
    assert groups[1].aggregate.counts.turns == 3


def test_half_of_the_notable_went_wrong_and_the_rest_are_slow():
    turns = kept(*["word"] * 40).snapshot.finished
    picked = notable(turns, 6)
    assert [each.turn.number for each in picked] == sorted(each.turn.number for each in picked)
    assert sum(bool(each.metrics.false_cutoff or each.metrics.resumes) for each in picked) >= 3
    slowest = max(each.metrics.eot_latency or 0 for each in turns)
    assert slowest in [each.metrics.eot_latency for each in picked]
    assert notable(turns, 40) == list(turns)


def test_turns_that_this_machine_held_up_are_not_the_notable_ones():
    turns = [
        msgspec.structs.replace(each, metrics=msgspec.structs.replace(each.metrics, slow=True, eot_latency=9.0))
        if each.turn.number % 3 == 0
        else each
        for each in kept(*["word"] * 40).snapshot.finished
    ]
    assert not any(each.metrics.slow for each in notable(turns, 6))
    assert remarks(turns[2])[-1] == "slow"
