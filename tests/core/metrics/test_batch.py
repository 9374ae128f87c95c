from functools import reduce

import msgspec
import pytest
from tests.core.monitoring.test_monitor import Story

from stt_monitor.core.journal import Finished
from stt_monitor.core.metrics.batch import Batch
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.metrics.units import summary_in_data
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.services.cartesia.codec import Connected


def last_of(name: str, ends: list[float]) -> Snapshot:
    """A session whose turns, three seconds apart, end so long after speech."""
    story = Story()
    story.monitor.session = msgspec.structs.replace(story.monitor.session, source=name)
    story.event(0.5, Connected())
    for number, end in enumerate(ends):
        story.speech(3.0 * number, 3.0 * number + 1)  # spoken a second later
        story.turn(3.0 * number + 1.2, 3.0 * number + 2 + end)
    story.monitor.apply(Finished(30.0))
    return story.monitor.snapshot(30.0, running=False)


FILES = {"a.wav": [0.3, 0.4, 0.5], "b.wav": [0.9], "c.wav": [0.2, 0.8]}


def played(files: dict[str, list[float]]) -> Batch:
    batch = Batch(len(files))
    for name, ends in files.items():
        batch.add(last_of(name, ends))
    return batch


def test_figures_are_pooled_over_the_turns_and_first_turns_are_apart():
    all_files = played(FILES).with_results(last_of("", []), playing=3, going_on=False).all_files
    assert all_files is not None
    assert all_files.turns == all_files.counts.turns == 6
    assert all_files.counts.eager_ends_confirmed == 6
    eot, first = all_files.summaries["eot_latency"], all_files.first_turns["eot_latency"]
    assert (eot.n, first.n) == (3, 3)
    assert eot.max == pytest.approx(0.8)
    assert eot.p50 == pytest.approx(0.5)  # of 0.4, 0.5 and 0.8: no mean of the files' medians
    assert first.p50 == pytest.approx(0.3)
    assert first.max == pytest.approx(0.9)


def test_each_file_keeps_its_own_figures():
    files = played(FILES).with_results(last_of("", []), playing=3, going_on=False).files
    assert [(file.name, file.turns, file.summaries["eot_latency"].n) for file in files] == [
        ("a.wav", 3, 2),
        ("b.wav", 1, 0),
        ("c.wav", 2, 1),
    ]
    assert files[1].first_turn is not None
    assert files[1].first_turn.metrics.eot_latency == pytest.approx(0.9)


def test_the_total_says_what_the_turns_say():
    snapshots = [last_of(name, ends) for name, ends in FILES.items()]
    total = played(FILES).total(91.5)
    turns = [finished for snapshot in snapshots for finished in snapshot.finished]
    for metric in TURN_METRICS:
        for first, summary in (
            (False, getattr(total, metric.column)),
            (True, total.first_turns[metric.column]),
        ):
            values = [getattr(t.metrics, metric.key) for t in turns if t.turn.first_of_connection is first]
            assert summary == summary_in_data(summarise([value for value in values if value is not None]), metric.unit)
    assert total.t == 91.5
    assert [(file.source, file.turns) for file in total.files] == [("a.wav", 3), ("b.wav", 1), ("c.wav", 2)]
    assert total.counts.turns == reduce(lambda number, snapshot: number + snapshot.counts.turns, snapshots, 0)


def test_a_run_goes_on_between_two_files():
    batch = Batch(2)
    over = last_of("a.wav", [0.3])
    assert not over.running
    between = batch.with_results(over, playing=1, going_on=True)
    assert (between.running, between.playing, between.files, between.all_files) == (True, (1, 2), (), None)
    batch.add(over)
    last = batch.with_results(over, playing=2, going_on=False)
    assert (last.running, last.playing, len(last.files)) == (False, (2, 2), 1)


def test_what_went_wrong_with_a_file_is_kept():
    batch = Batch(3)
    batch.add(msgspec.structs.replace(last_of("a.wav", [0.3]), error="the service is gone"))
    total = batch.total(1.0)
    assert (total.files[0].error, total.files_asked) == ("the service is gone", 3)
