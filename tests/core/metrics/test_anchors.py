import pytest
from tests.ui.scripted import Script

from stt_monitor.core.metrics.anchors import Anchor, anchors
from stt_monitor.core.metrics.definitions import HEADLINE, METRICS, TURN_METRICS
from stt_monitor.core.metrics.metric import Moment


def test_every_figure_lies_between_its_moments():
    script = Script().connect().turn(1, "one two").turn(6, "three four", resumed=True)
    finished = script.to(12).decided().snapshot().finished[1]
    assert anchors(finished, HEADLINE) == (Anchor(Moment.SPEECH_END, 8.0), Anchor(Moment.TURN_END, 8.4))
    for metric in finished.marks.worth_showing(TURN_METRICS):
        pair = anchors(finished, metric)
        assert (pair is None) == (metric.anchors is None)
        if pair is None:
            continue
        begin, end = pair
        assert end.at - begin.at == pytest.approx(getattr(finished.metrics, metric.key))
        assert end.moment.value.split()[-1] in metric.meaning
    assert anchors(finished, METRICS["update_gap_max"]) is None


def test_a_figure_that_is_none_has_no_moments():
    script = Script().connect().event(1, "turn.start").event(2, "turn.end", "words")
    finished = script.to(5).snapshot().finished[0]
    assert [anchors(finished, metric) for metric in TURN_METRICS] == [None] * len(TURN_METRICS)
