"""Turn settings that are changed while the real local server listens to real speech."""

from tests.e2e.test_end_to_end import needs_recogniser
from tests.support.running import Running
from tests.support.sessions import maker

from stt_monitor.core.commands import Start, Tune
from stt_monitor.core.settings import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.state_machine import Turn
from stt_monitor.core.turn_probability import LikelihoodPoint
from stt_monitor.server.child import LocalServerProcess
from stt_monitor.session.sources import sample_path

HASTY = TurnSettings(start_threshold=0.8, eager_end_threshold=0.7, end_threshold=0.5)
PATIENT = TurnSettings(start_threshold=0.8, eager_end_threshold=0.3, end_threshold=0.05)

pytestmark = needs_recogniser


def curve(snapshot: Snapshot, turn: Turn) -> list[LikelihoodPoint]:
    assert turn.ended_at is not None
    return [point for point in snapshot.likelihood if turn.started_at <= point.at < turn.ended_at]


async def test_a_change_of_the_thresholds_moves_the_end_of_the_turn():
    with LocalServerProcess() as server:
        made = maker(None, sample_path(), settings=Settings(turn=HASTY), start_server=server.start_async)
        async with Running(made) as run:
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
