"""What other settings would have done, against the local server itself: real recognition, under both settings."""

import wave
from functools import cache

import pytest
from tests.support.hearing import CHUNK_S, heard
from tests.support.sound import READING

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import EndReason
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.session import what_if
from stt_monitor.services.registry import schema_of

pytestmark = pytest.mark.slow  # real recognition


@cache
def session(end: float) -> Snapshot:
    with wave.open(str(READING)) as recording:
        samples = decode(recording.readframes(recording.getnframes()), Encoding.PCM_S16LE)
    return heard(samples, TurnSettings(end_threshold=end))


def test_ends_are_within_a_chunk_and_cut_offs_equal() -> None:
    before, after = session(0.1), session(0.45)
    found = what_if(Evidence.of(before, schema_of(before.session)), after.session.settings.turn)
    assert [one.before.turn.end_reason for one in found.turns] == [EndReason.ENDED] * 2
    assert [one.split for one in found.turns] == [True, False]
    for one in found.turns:
        assert one.after is not None, one.unknown
        started = one.before.turn.started_at
        real = next(each for each in after.finished if abs(each.turn.started_at - started) < CHUNK_S)
        assert one.after.turn.over_at == pytest.approx(real.turn.over_at, abs=CHUNK_S)
        assert one.cut is real.metrics.false_cutoff
        assert len(one.after.turn.eager_ends) == len(real.turn.eager_ends)
