import msgspec
import pytest
from tests.ui.scripted import Script

from stt_monitor.core.journal import ConnectionChanged, Finished
from stt_monitor.core.metrics.shortfall import shortfall, shortfalls
from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Snapshot


def over(detail: str = "", *, duration: float | None = 10.0, played: float = 10.0) -> Snapshot:
    script = Script(duration=duration).connect().to(played + 0.01)
    script.monitor.apply(ConnectionChanged(script.at, Connection.CLOSED, detail))
    script.monitor.apply(Finished(script.at))
    return script.snapshot()


def test_a_whole_session_falls_short_of_nothing():
    assert shortfall(over()) == ""
    assert shortfall(over(duration=None)) == ""
    assert shortfall(over(duration=10.2)) == ""


def test_why_a_session_falls_short_is_said():
    assert shortfall(over("the service is gone")) == "the service is gone"
    assert shortfall(over(played=4.0)) == "the session was cut short: 4.0 of 10.0 s were played"
    assert shortfall(Script().connect().to(3).snapshot()) == "the session was not over"
    assert shortfall(over(duration=None, played=0.0)) == "no audio was sent"


@pytest.mark.parametrize("kind", [SourceKind.MICROPHONE, SourceKind.PIPE])
def test_what_is_live_ends_when_somebody_ends_it(kind: SourceKind):
    live = over(duration=None)
    live = msgspec.structs.replace(live, audio=msgspec.structs.replace(live.audio, kind=kind))
    assert shortfall(live) == ""
    assert bool(shortfall(live, interrupted=True)) == (kind is SourceKind.PIPE)


def test_each_recording_of_a_run_has_to_be_heard():
    assert shortfalls([("a.wav", over()), ("b.wav", over())]) == ""
    assert shortfalls([("a.wav", over()), ("b.wav", None)]) == "b.wav: it was not played"
    assert shortfalls([("a.wav", over("gone")), ("a.wav", over())]) == "a.wav: gone"
    assert shortfalls([("a.wav", over("gone"))]) == "gone"
