"""What a service says of positions, and of text after the end: the figures that come of it."""

from typing import Any

import pytest
from tests.support.neutral import dialect, monitor, play, say, speak, turns

from stt_monitor.core.dialect import TextAfterEnd
from stt_monitor.core.journal import ConnectionLost, Finished
from stt_monitor.core.monitoring.monitor import Monitor

POSITIONS = dialect(tells_onset=True, tells_speech_end=True)
WORDS = [{"text": "book", "start": 1.05, "end": 1.3}, {"text": "it", "start": 1.4, "end": 1.9}, {"text": "."}]


def figures(turn: Any) -> tuple[float | None, float | None]:  # noqa: ANN401  see `turns`
    return turn.service_onset_error_ms, turn.service_end_error_ms


def finish(heard: Monitor) -> list[Any]:
    return turns(heard.apply(Finished(99, 0)))


def speaking(*speech: tuple[float, float], after: TextAfterEnd = TextAfterEnd.NEVER) -> Monitor:
    """Return a session whose audio of nine seconds has speech there."""
    declared = dialect(tells_onset=True, tells_speech_end=True, text_after_end=after, overlap=True)
    heard = monitor(declared, reference="labels")
    play(heard, 0, 9)
    for onset, end in speech:
        speak(heard, onset, end)
    return heard


def test_the_positions_of_a_service_are_compared_with_those_of_speech():
    heard = speaking((1.0, 2.0), (4.0, 5.0))
    say(heard, 1.3, "start", speech_start=1.1, at=1.3)
    say(heard, 2.4, "end", "Book it.", speech_end=1.75, at=2.4)
    say(heard, 4.3, "start", at=4.3)
    say(heard, 5.3, "end", "No.", at=5.3)
    first, second = finish(heard)
    assert figures(first) == (100.0, -250.0)
    assert figures(second) == (None, None)  # the position of an event is not that of speech


def test_words_have_positions_too_unless_the_service_says_more():
    heard = speaking((1.0, 2.0))
    say(heard, 1.3, "start")
    say(heard, 1.5, "update", "Book", words=WORDS[:1])
    say(heard, 2.4, "end", "Book it.", words=WORDS)
    (turn,) = heard.snapshot(3, running=True).finished
    assert [word.text for word in turn.turn.words] == ["book", "it", "."]
    assert figures(finish(heard)[0]) == (50.0, -100.0)


def test_positions_count_from_the_first_audio_of_their_connection():
    heard = monitor(POSITIONS, reference="labels")
    play(heard, 0, 3)
    say(heard, 0.5, "start", speech_start=0.4)
    heard.apply(ConnectionLost(3.0))
    say(heard, 3.1, "voice", on=True, at=0.0)
    play(heard, 3, 9, at=5)  # two seconds without a connection, in which no audio was sent
    speak(heard, 4.0, 5.0, at=6.0)
    say(heard, 6.3, "start", speech_start=1.2, at=1.3)
    words = [{"text": "book", "start": 1.2, "end": 1.5}, {"text": "it", "end": 1.9}]
    say(heard, 7.4, "end", "Book it.", words=words, confidence=0.8, at=2.4)
    lost, turn = finish(heard)
    assert lost.end_reason == "dangling"
    assert (turn.speech_start_s, turn.speech_end_s) == (4.0, 5.0)
    assert figures(turn) == (200.0, -100.0)
    (_, finished) = heard.snapshot(99, running=False).finished
    assert [(each.name, each.confidence) for each in finished.turn.said] == [("turn.start", None), ("turn.end", 0.8)]
    assert [each.position for each in finished.turn.said] == pytest.approx([4.3, 5.4])
    assert [word.end for word in finished.turn.words] == pytest.approx([4.5, 4.9])


def test_a_position_before_any_audio_of_the_connection_is_none():
    heard = monitor(POSITIONS, reference="labels")
    play(heard, 0, 3)
    heard.apply(ConnectionLost(3.0))
    say(heard, 3.5, "start", speech_start=1.2, at=1.3, words=WORDS)
    turn = heard.snapshot(4, running=True).open_turn
    assert turn is not None
    assert (turn.heard_from, turn.heard_until, turn.said) == (None, None, ())


def test_a_position_in_audio_that_was_never_sent_is_none():
    heard = speaking((1.0, 2.0), (4.0, 5.0))
    say(heard, 1.3, "start", speech_start=1e300, at=1.3)
    say(heard, 2.4, "end", "Book it.", words=[*WORDS[:1], {"text": "it", "start": 1.4, "end": 1e300}], at=1e300)
    say(heard, 4.3, "start", speech_start=4.1)
    say(heard, 5.3, "end", "No.", speech_end=9.5)  # within what a service may round up
    first, second = finish(heard)
    assert figures(first) == (None, None)
    assert figures(second) == (100.0, 4500.0)
    turn = heard.snapshot(99, running=False).finished[0].turn
    assert ([word.text for word in turn.words], turn.words_end) == (["book", "it"], None)
    assert [(each.name, each.position) for each in turn.said] == [("turn.start", 1.3)]


def test_nobody_lags_behind_audio_that_was_never_sent():
    heard = speaking((1.0, 2.0))
    say(heard, 1.3, "start")
    say(heard, 1.5, "likelihood", lag=1e300)
    say(heard, 2.3, "end", "Book it.")
    assert heard.snapshot(3, running=True).health.server_lag_max is None
    assert not finish(heard)[0].slow
    say(heard, 99, "likelihood", lag=0.4)
    assert heard.snapshot(99, running=True).health.server_lag_max == 0.4


@pytest.mark.parametrize("after", TextAfterEnd)
def test_the_last_word_comes_with_the_end_or_after_it(after: TextAfterEnd):
    heard = speaking((1.0, 2.0), (4.0, 5.0), after=after)
    say(heard, 1.3, "start")
    say(heard, 2.4, "end", "Book it.")
    say(heard, 4.3, "start")
    say(heard, 5.3, "end", "" if after is TextAfterEnd.ALWAYS else "no")
    kind = "final" if after is TextAfterEnd.ALWAYS else "formatted"
    say(heard, 5.6, kind, "No.")
    first, second = finish(heard)
    assert first.eot_latency_ms == first.final_text_latency_ms == 400.0
    assert second.eot_latency_ms == 300.0
    late = after is TextAfterEnd.ALWAYS
    assert second.final_text_latency_ms == (600.0 if late else 300.0)
    assert second.formatted_latency_ms == (600.0 if after is TextAfterEnd.COPY else None)
    assert first.formatted_latency_ms is None


def test_a_turn_without_a_word_has_no_last_one():
    heard = speaking((1.0, 2.0))
    say(heard, 1.3, "start")
    say(heard, 2.4, "end", "")
    (turn,) = finish(heard)
    assert (turn.eot_latency_ms, turn.final_text_latency_ms) == (400.0, None)


def test_a_copy_is_not_what_an_early_reply_was_about():
    heard = speaking((1.0, 2.0), after=TextAfterEnd.COPY)
    say(heard, 1.3, "start")
    say(heard, 2.3, "eager", "twenty dollars")
    say(heard, 2.4, "end", "twenty dollars")
    say(heard, 2.6, "formatted", "$20.")
    (turn,) = finish(heard)
    assert (turn.transcript, turn.eager_text_match) == ("$20.", "exact")
