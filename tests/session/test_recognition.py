"""The real recogniser hears recordings, in virtual time: what it hears and when is the same every time."""

import pytest
from tests.e2e.test_end_to_end import needs_recogniser, word_error_rate
from tests.support.running import Running
from tests.support.sessions import maker
from tests.support.sound import READING
from tests.support.virtual_time import current_clock
from tests.support.watched import Watched

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.commands import Start, Tune
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.core.turns.turn import Turn
from stt_monitor.server.serve import _load_detector
from stt_monitor.server.server import LocalServer
from stt_monitor.server.turn_detection.interface import MakeDetector
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import detected_speech

HASTY = TurnSettings(start_threshold=0.8, eager_end_threshold=0.7, end_threshold=0.5)
PATIENT = TurnSettings(start_threshold=0.8, eager_end_threshold=0.3, end_threshold=0.05)

pytestmark = [needs_recogniser, pytest.mark.slow]


@pytest.fixture(scope="session")
def detector() -> MakeDetector:
    return _load_detector()


async def heard(detector: MakeDetector) -> Watched:
    async with LocalServer(detector, clock=current_clock()) as server:
        watched = Watched(READING, server.base_url, reference=detected_speech(AudioFormat(Encoding.PCM_S16LE, 16_000)))
        assert await watched.run() == Outcome()
    return watched


async def test_the_same_is_heard_at_the_same_times_every_time(detector: MakeDetector):
    first, second = [await heard(detector) for _ in range(2)]
    assert word_error_rate(first.summary.transcript) <= 0.15
    assert first.lines("turn") == second.lines("turn")
    assert len(first.lines("turn")) == 2
    assert not any(turn["slow"] for turn in first.lines("turn"))
    told = [[(line["t"], line["event"]["type"]) for line in each.lines("event")] for each in (first, second)]
    assert told[0] == told[1]


def curve(snapshot: Snapshot, turn: Turn) -> list[LikelihoodPoint]:
    assert turn.ended_at is not None
    return [point for point in snapshot.likelihood if turn.started_at <= point.at < turn.ended_at]


async def test_a_change_of_the_thresholds_moves_the_end_of_the_turn(detector: MakeDetector):
    async with LocalServer(detector, clock=current_clock()) as server:

        async def start() -> str:
            return server.base_url

        async with Running(maker(None, READING, settings=Settings(turn=HASTY), start_server=start)) as run:
            assert run.runner.settings == HASTY
            run.runner.send(Start())
            await run.until(lambda snapshot: bool(snapshot.finished))  # at its hesitation
            run.runner.send(Tune(PATIENT))
            await run.outcome()
            assert run.runner.settings == PATIENT
    last = run.snapshots[-1]
    assert last.error == ""
    before, *_, after = (finished.turn for finished in last.finished)
    assert (before.settings, after.settings) == (HASTY, PATIENT)
    # Each turn ended where the likelihood fell below its own threshold, and no earlier and not much later.
    for turn, threshold in ((before, 0.5), (after, 0.05)):
        points = curve(last, turn)
        below = next(number for number, point in enumerate(points) if point.value < threshold)
        assert below > 10
        assert turn.ended_at is not None
        assert turn.ended_at - points[below].at < 1.5
    # The later one went on where the earlier one had ended.
    assert sum(0.05 <= point.value < 0.5 for point in curve(last, after)) > 10
    assert [group.settings for group in last.groups] == [HASTY, PATIENT]
    assert sum(group.turns for group in last.groups) == len(last.finished)
