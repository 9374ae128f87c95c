"""Whatever protocol the local server speaks, the same audio gives the same turns: new services and models join in."""

from collections.abc import Iterable
from statistics import median
from typing import Any

import pytest
from tests.e2e.test_end_to_end import needs_recogniser, word_error_rate
from tests.server.speech import words
from tests.support.sound import READING
from tests.support.virtual_time import current_clock
from tests.support.watched import Watched

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.settings.requested import Schema, Settings, TurnSettings
from stt_monitor.server.serve import _load_detector
from stt_monitor.server.server import LocalServer
from stt_monitor.services import registry
from stt_monitor.services.base import Service
from stt_monitor.session.sources import detected_speech

CHUNK_MS = 100

LIKELIHOODS = {"speaking": 0.8, "eager_end": 0.5, "idle": 0.3}
"""By the state that a turn is in below or above them."""
END_TIMEOUT_MS = 5000


def equal_settings(schema: Schema) -> TurnSettings:
    """Ask for these in a service's own terms, and for the least of whatever else it has."""
    found = {
        each.name: each.likelihood(LIKELIHOODS[each.leads_to]) if each.leads_to else each.low
        for each in schema.settings
    }
    return TurnSettings({name: round(value, 6) for name, value in found.items()} | {schema.end_timeout: END_TIMEOUT_MS})


def delays(turns: Iterable[dict[str, Any]]) -> list[float]:
    return [turn["eot_latency_ms"] for turn in turns if turn["eot_latency_ms"] is not None]


@needs_recogniser
@pytest.mark.slow
async def test_the_same_audio_gives_the_same_turns_over_every_protocol():
    detector = _load_detector()

    async def heard(service: Service, model: str) -> Watched:
        reference = detected_speech(AudioFormat(Encoding.PCM_S16LE, 16_000))
        settings = Settings(model, turn=equal_settings(service.schema_of(model)))
        assert service.problem(settings, True) == ""
        async with LocalServer(detector, clock=current_clock()) as server:
            watched = Watched(
                READING, server.base_url, settings, reference=reference, service=service, chunk_ms=CHUNK_MS
            )
            assert (await watched.run()).exit_code == 0
        assert watched.summary.counts.violations == 0
        assert word_error_rate(watched.summary.transcript) <= 0.15
        return watched

    spoken = [service for service in registry.services() if service.has_server_side]
    usual, *others = [await heard(service, model) for service in spoken for model in service.schemas]
    one = usual.lines("turn")
    assert len(one) > 1
    assert len(delays(one)) > 1
    for watched in others:
        other = watched.lines("turn")
        assert [words(turn["transcript"]) for turn in other] == [words(turn["transcript"]) for turn in one]
        assert median(delays(other)) == pytest.approx(median(delays(one)), abs=CHUNK_MS)
        assert delays(other) == pytest.approx(delays(one), abs=CHUNK_MS)
