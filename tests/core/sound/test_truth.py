"""True turns: what a session knows of turns and pauses is what the labels say, however the audio came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.references.label import Label
from stt_monitor.audio.references.labelled_turns import spans_of
from stt_monitor.audio.references.labels import LabelledSpeech
from stt_monitor.audio.vad.segmentation import EdgeKind
from stt_monitor.core.journal import Sent, SpeechEnd, SpeechOnset
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.sound.truth import Pause, TrueTurn, true_turns
from stt_monitor.services.cartesia import DIALECT

RATE = 1000
SESSION = SessionRecord(
    "", "a.wav", "", "ink-2", "pcm_s16le", RATE, 100, Settings(), "labels", labelled_turns=True
)  # fmt: skip
Turns = list[list[int]]
"""Of each turn the edges of its speech, milliseconds of the recording: onset, end, onset, end ..."""
Piece = tuple[int, int | None]
"""So many samples, and where in the recording they begin; None: from nowhere."""


def heard(turns: Turns, pieces: list[Piece]) -> list[TrueTurn]:
    """The true turns of a session that sent these pieces; what was spoken at second n is at position n."""
    labels = [
        Label("so", edges[0] / RATE, edges[-1] / RATE, tuple((a / RATE, b / RATE) for a, b in pairs(edges[1:-1])))
        for edges in turns
    ]
    finder = LabelledSpeech(AudioFormat(Encoding.PCM_S16LE, RATE), spans_of(labels))
    monitor = Monitor(SESSION, DIALECT)
    sent = 0

    def note(samples: int, recorded_at: int | None) -> None:
        nonlocal sent
        at = sent / RATE
        sent += samples
        monitor.apply(Sent(SentChunk(at, samples / RATE, at, sent / RATE), -20.0))
        for edge in finder.feed(bytes(2 * samples), recorded_at):
            found = SpeechOnset if edge.kind is EdgeKind.ONSET else SpeechEnd
            monitor.apply(found(sent / RATE, edge.position, edge.continues))

    for piece in pieces:
        note(*piece)
    for edge in finder.finish():
        monitor.apply(SpeechEnd(sent / RATE, edge.position))
    return true_turns(monitor.snapshot(sent / RATE, running=True).speech)


def pairs(edges: list[int]) -> list[tuple[int, int]]:
    return list(zip(edges[::2], edges[1::2], strict=True))


def spoken(turns: Turns, begin: int, end: int, moved: int) -> list[list[int]]:
    """The turns that a stretch of the recording holds, their edges moved."""
    clipped = [
        [edge for since, until in pairs(edges) if max(since, begin) < min(until, end)
         for edge in (max(since, begin) + moved, min(until, end) + moved)]
        for edges in turns
    ]  # fmt: skip
    return [edges for edges in clipped if edges]


def edges_of(turn: TrueTurn) -> list[int]:
    assert turn.end is not None
    assert (turn.onset, turn.end) == pytest.approx((turn.onset_position, turn.end_position))
    times = [turn.onset, *(edge for pause in turn.pauses for edge in (pause.start, pause.end)), turn.end]
    return [round(at * RATE) for at in times]


@st.composite
def labelled(draw: st.DrawFn) -> Turns:
    """Turns of some speech and pauses, apart from each other."""
    steps = draw(st.lists(st.lists(st.integers(1, 400), min_size=2, max_size=6), max_size=4))
    turns, at = [], 0
    for own in steps:
        edges = []
        for step in own[: len(own) // 2 * 2]:
            at += step
            edges.append(at)
        turns.append(edges)
    return turns


@given(turns=labelled(), chunk=st.integers(1, 900))
def test_turns_heard_are_the_labelled_turns_whatever_the_chunk(turns: Turns, chunk: int):
    length = turns[-1][-1] + 1 if turns else 1
    found = heard(turns, [(min(chunk, length - at), at) for at in range(0, length, chunk)])
    assert [edges_of(each) for each in found] == turns


@given(
    turns=labelled(),
    pieces=st.lists(st.tuples(st.integers(1, 700), st.none() | st.integers(0, 2500) | st.just(-1)), max_size=10),
)
def test_turns_that_were_broken_off_end_there_and_the_rest_is_another(turns: Turns, pieces: list[Piece]):
    """A piece from -1 goes on where the recording is."""
    placed: list[Piece] = []
    runs: list[tuple[int, int, int]] = []  # begin and end in the recording, and how far from there it was sent
    sent, here, broken = 0, 0, True
    for samples, wanted in pieces:
        begin = here if wanted == -1 else wanted
        placed.append((samples, begin))
        if begin is not None and begin == here and not broken:
            runs[-1] = (runs[-1][0], begin + samples, runs[-1][2])
        elif begin is not None:
            runs.append((begin, begin + samples, sent - begin))
        broken, here = begin is None, here if begin is None else begin + samples
        sent += samples
    wanted_turns = [edges for run in runs for edges in spoken(turns, *run)]
    assert [edges_of(each) for each in heard(turns, placed)] == wanted_turns


def test_a_pause_of_the_file_is_none_of_the_speaker():
    turns = [[100, 300, 700, 900]]
    assert [edges_of(each) for each in heard(turns, [(1000, 0)])] == [[100, 300, 700, 900]]
    in_speech: list[Piece] = [(200, 0), (1000, None), (800, 200)]
    assert [edges_of(each) for each in heard(turns, in_speech)] == [[100, 200], [1200, 1300, 1700, 1900]]
    in_pause: list[Piece] = [(400, 0), (1000, None), (600, 400)]
    assert [edges_of(each) for each in heard(turns, in_pause)] == [[100, 300], [1700, 1900]]


def test_without_labels_each_span_is_a_turn():
    found = true_turns([Span(1.0, 0.5, 2.0, 1.5), Span(2.5, 2.0)])
    assert found == [TrueTurn(1.0, 2.0, (), 0.5, 1.5), TrueTurn(2.5, None, (), 2.0)]


def test_a_turn_has_its_pauses():
    (turn,) = true_turns([Span(1.0, 0.5, 2.0, 1.5), Span(2.75, 2.25, 3.0, 2.5, continues=True)])
    assert turn == TrueTurn(1.0, 3.0, (Pause(2.0, 2.75),), 0.5, 2.5)
    assert turn.pauses[0].length == pytest.approx(0.75)
