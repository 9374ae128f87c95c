import pytest
from tests.ui.scripted import Script

from stt_monitor.core.metrics.anchors import Anchor, anchors
from stt_monitor.core.metrics.turn_metrics import DEFINITIONS


def test_every_figure_lies_between_its_moments():
    script = Script().connect().turn(1, "one two").turn(6, "three four", resumed=True)
    finished = script.to(12).decided().snapshot().finished[1]
    assert anchors(finished, "eot_latency") == (Anchor("speech end", 8.0, reference=True), Anchor("turn.end", 8.4))
    for definition in DEFINITIONS[:-1]:
        pair = anchors(finished, definition.name)
        assert pair is not None
        begin, end = pair
        assert end.at - begin.at == pytest.approx(getattr(finished.figures, definition.name))
        assert end.what in definition.meaning or definition.name == "first_text"
    assert anchors(finished, "update_gap_max") is None


def test_a_figure_that_is_none_has_no_moments():
    script = Script().connect().event(1, "turn.start").event(2, "turn.end", "words")
    finished = script.to(5).snapshot().finished[0]
    assert [anchors(finished, definition.name) for definition in DEFINITIONS] == [None] * len(DEFINITIONS)
