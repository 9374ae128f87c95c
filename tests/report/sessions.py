"""Sessions to report on."""

from tests.ui.scripted import Script

from stt_monitor.core.journal import Finished, SpeechEnd, SpeechOnset
from stt_monitor.core.metrics.aggregate import aggregate_session
from stt_monitor.report.model import By, LoadedSession, Report, compose


def kept(
    *texts: str, name: str = "2026-11-22_talk", source: str = "talk.wav", eot: float = 0.4, said: str | None = None
) -> LoadedSession:
    """Turns of 2 s, 5 s apart; the second has a resume, and every seventh is cut off."""
    script = Script(source=source, duration=None).connect()
    for number, text in enumerate(texts):
        at = 1.0 + 5 * number
        script.turn(at, text, resumed=number == 1, eot=eot + number % 5 / 10)
        if number % 7 == 6:
            script.to(at + 4.5).monitor.apply(SpeechOnset(at + 2.9 + eot, at + 2.9 + eot))
            script.monitor.apply(SpeechEnd(at + 3.2 + eot, at + 3.2 + eot))
        script.to(at + 4.5).decided()
    script.monitor.apply(Finished(script.at + 1))
    snapshot = script.snapshot(script.at + 2)
    return LoadedSession(name, snapshot, aggregate_session(snapshot, said), "stt-monitor 1.2.3", "Testix 1")


def report(*sessions: LoadedSession, by: By = By.SESSION) -> Report:
    return compose(sessions, by)
