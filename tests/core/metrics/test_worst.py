import msgspec
from tests.ui.scripted import Script

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.worst import cut_offs, worst_turns


def talk(*eots: float) -> tuple[FinishedTurn, ...]:
    script = Script(duration=None).connect()
    for number, eot in enumerate(eots):
        script.turn(1.0 + 5 * number, f"Turn {number + 1}.", eot=eot)
    return tuple(script.to(script.at + 5).decided().snapshot().finished)


def with_metrics(finished: FinishedTurn, **metrics: object) -> FinishedTurn:
    return msgspec.structs.replace(finished, metrics=msgspec.structs.replace(finished.metrics, **metrics))


def test_the_worst_turn_ended_latest_after_speech():
    assert worst_turns(talk(0.9, 0.4, 0.8, 0.4)) == (3, 2, 4), "the first of a connection is in no summary"
    assert worst_turns(talk(0.9)) == (1,), "but there is no other"
    assert worst_turns(()) == ()


def test_a_turn_that_says_nothing_of_the_service_is_not_the_worst():
    first, second, third = talk(0.4, 0.9, 0.5)
    assert worst_turns((first, with_metrics(second, slow=True), third)) == (3,)
    assert worst_turns((first, with_metrics(second, eot_latency=None), third)) == (3,)


def test_cut_offs_are_in_order_without_those_that_this_machine_made():
    first, second, third = (with_metrics(each, false_cutoff=True) for each in talk(0.4, 0.9, 0.5))
    assert cut_offs((first, with_metrics(second, slow=True), third)) == (1, 3)
    assert cut_offs(talk(0.4)) == ()
