"""Sessions of the same file know that, and their turns are paired, however the file was played."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.server.stand_in import LoudnessDetector
from tests.support.running import Running
from tests.support.sessions import heard, side_by_side
from tests.support.sound import READING

from stt_monitor.core.commands import Mute, Start, Stop
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.pairs.sessions import pair_sessions
from stt_monitor.core.pairs.structure import Changes
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.server.server import LocalServer

EOT = METRICS["eot_latency"]


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    talk, rate = soundfile.read(READING, dtype="int16")
    soundfile.write(tmp_path / "call.wav", np.stack([talk, np.roll(talk, 800)], 1), rate)
    return tmp_path / "call.wav"


def has_played(place: float, snapshot: Snapshot) -> bool:
    return snapshot.audio.played >= place


async def played(
    server: LocalServer, path: Path, *, pauses: Sequence[float] = (), stop: float | None = None, channel: str = "left"
) -> Snapshot:
    """Play a file, pausing it for two seconds at some places, and stopping it at one."""
    async with Running(side_by_side({"cartesia": server.base_url}, heard(path, channel))) as running:
        running.runner.send(Start())
        for place in pauses:
            await running.until(partial(has_played, place))
            running.runner.send(Mute(on=True))
            await running.until(lambda snapshot: snapshot.audio.position - snapshot.audio.played > 2)
            running.runner.send(Mute(on=False))
        if stop is not None:
            await running.until(partial(has_played, stop))
            running.runner.send(Stop())
        await running.outcome()
    session = next(line for line in map(json.loads, map(to_json, running.records)) if line["kind"] == "session")
    assert session["audio_id"] == running.snapshots[-1].session.audio_id
    return running.snapshots[-1]


@pytest.mark.slow
async def test_a_pause_or_a_stop_half_way_leaves_the_pairs_of_what_was_heard(stereo: Path):
    async with LocalServer(LoudnessDetector) as server:
        whole = await played(server, stereo)
        paused = await played(server, stereo, pauses=[2.5, 8.3])
        half = await played(server, stereo, stop=10.0)
        other = await played(server, stereo, channel="right")
    found = pair_sessions(whole, paused)
    assert found is not None
    assert found.changes == Changes()
    assert [pair.turns for pair in found.of(EOT).pairs] == [(2, 3), (3, 4)]  # the pause cut the first one in two
    assert [pair.difference for pair in found.of(EOT).pairs] == pytest.approx([0] * 2, abs=0.11)  # a frame or so
    as_far = pair_sessions(whole, half)
    assert as_far is not None
    assert [pair.turns for pair in as_far.of(EOT).pairs] == [(2, 2)]
    assert as_far.of(EOT).only_before == 0
    assert as_far.changes == Changes()
    assert pair_sessions(whole, other) is None
