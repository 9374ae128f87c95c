"""A saved session can be read with all of its likelihood, however long it is: live, the last minutes are enough."""

from pathlib import Path

import pytest
from tests.support.kept import keep_journal
from tests.support.long_session import TURN_CHUNKS
from tests.support.traced import POINTS, traced

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.session import what_if
from stt_monitor.core.what_if.wording import in_words
from stt_monitor.recording.replay import fold
from stt_monitor.services.registry import schema_of

TURNS = 130
"""Over six minutes."""


@pytest.mark.slow
def test_all_turns_of_a_long_session_are_judged(tmp_path: Path):
    recording = keep_journal(tmp_path / "long", traced(TURNS))
    newest, whole = fold(recording).snapshot, fold(recording, whole_likelihood=True).snapshot
    assert len(newest.likelihood) == 10_000 < len(whole.likelihood) == TURNS * TURN_CHUNKS * POINTS
    assert whole.likelihood[-10_000:] == newest.likelihood
    sooner = TurnSettings(end_threshold=0.45)
    of_newest, of_whole = (what_if(Evidence.of(each, schema_of(each.session)), sooner) for each in (newest, whole))
    assert len(of_whole.known) == TURNS
    assert len(of_newest.known) in (114, 115)  # as many as 10 000 points tell of
    assert not of_newest.unknown
    assert in_words(of_newest).endswith(f"({len(of_newest.known)} turns)")
