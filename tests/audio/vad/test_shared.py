"""One detector for several sessions: the same edges as with one each, as long as the audio is the same."""

from itertools import pairwise

import pytest
from tests.support.sound import READING

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.vad.reference import EdgeKind, SpeechDetector, SpeechEdge, SpeechFinder
from stt_monitor.audio.vad.shared import SharedSpeech


class Counting(SpeechDetector):
    """Counts the pieces that it was fed."""

    def __init__(self, audio_format: AudioFormat) -> None:
        super().__init__(audio_format)
        self.fed = 0

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        self.fed += 1
        return super().feed(data, recorded_at)


class Room:
    """A shared detector, and what it is told of the whole audio."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.audio = open_audio_file(READING)
        self.pieces = pieces
        self.detector = Counting(self.audio.format)
        self.over = False
        self.made: list[Counting] = []
        self.shared = SharedSpeech(
            self.audio.format, self.detector, self._make, lambda: len(self.pieces) if self.over else None
        )

    def _make(self) -> SpeechFinder:
        self.made.append(Counting(self.audio.format))
        return self.made[-1]


@pytest.fixture
def pieces() -> list[bytes]:
    audio = open_audio_file(READING)
    found = []
    while data := audio.read(1600):
        found.append(data)
    return found


def edges_of(finder: SpeechFinder, pieces: list[bytes]) -> list[SpeechEdge]:
    return [edge for piece in pieces for edge in finder.feed(piece)]


def alone(pieces: list[bytes]) -> list[SpeechEdge]:
    detector = SpeechDetector(open_audio_file(READING).format)
    return edges_of(detector, pieces) + detector.finish()


def assert_in_order(edges: list[SpeechEdge]) -> None:
    assert [edge.kind for edge in edges[::2]] == [EdgeKind.ONSET] * len(edges[::2])
    assert [edge.kind for edge in edges[1::2]] == [EdgeKind.END] * len(edges[1::2])
    assert all(before.position <= after.position for before, after in pairwise(edges))


@pytest.mark.slow
def test_each_gets_the_edges_of_one_detector_that_works_once(pieces: list[bytes]):
    room = Room(pieces)
    followed = [room.shared.follow() for _ in range(3)]
    found: list[list[SpeechEdge]] = [[], [], []]
    decided: list[list[float]] = [[], [], []]
    for piece in pieces:  # they take turns in being first
        followed = followed[1:] + followed[:1]
        found = found[1:] + found[:1]
        decided = decided[1:] + decided[:1]
        for one, edges, until in zip(followed, found, decided, strict=True):
            edges.extend(one.feed(piece))
            until.append(one.decided_until)
    room.over = True
    expected = alone(pieces)
    for one, edges in zip(followed, found, strict=True):
        assert edges + one.finish() == expected
    assert decided[0] == decided[1] == decided[2]
    assert room.detector.fed == len(pieces)
    assert room.made == []


@pytest.mark.slow
def test_one_that_is_behind_or_ends_early_changes_nothing_for_the_others(pieces: list[bytes]):
    room = Room(pieces)
    ahead, behind, leaving = (room.shared.follow() for _ in range(3))
    edges_of(leaving, pieces[:60])
    leaving.finish()
    first = edges_of(ahead, pieces)
    room.over = True
    assert first + ahead.finish() == edges_of(behind, pieces) + behind.finish() == alone(pieces)


@pytest.mark.parametrize("at", [3, 17, 40, 60, 88, 120])
def test_audio_that_is_sent_again_has_its_edges_again(pieces: list[bytes], at: int):
    room = Room(pieces)
    again = max(0, at - 30)
    other, differing = room.shared.follow(), room.shared.follow()
    expected = edges_of(other, pieces[:130])
    edges = edges_of(differing, [*pieces[:at], *pieces[again:130]])
    join, moved = at * 0.1, (at - again) * 0.1
    assert room.made == []
    assert_in_order(edges)
    settled = again * 0.1 + 0.01
    assert _after(edges, settled + moved) == pytest.approx([each + moved for each in _after(expected, settled)])
    assert [edge for edge in edges if edge.position < join - 0.5] == [
        edge for edge in expected if edge.position < join - 0.5
    ]


@pytest.mark.slow
def test_one_that_falls_too_far_behind_goes_on_alone(pieces: list[bytes]):
    long = [bytes(bytearray(piece)) for piece in pieces * 7]  # no piece is another
    room = Room(long)
    ahead, behind = room.shared.follow(), room.shared.follow()
    edges_of(ahead, long)
    edges = edges_of(behind, long) + behind.finish()
    assert_in_order(edges)
    assert room.made
    assert len(room.shared._results) < len(long)


def test_audio_that_was_dropped_is_no_speech_of_the_one_that_missed_it(pieces: list[bytes]):
    room = Room(pieces)
    whole, gappy = room.shared.follow(), room.shared.follow()
    edges_of(whole, pieces)
    edges = edges_of(gappy, pieces[:30] + pieces[90:]) + gappy.finish()
    assert_in_order(edges)
    length = (len(pieces) - 60) * 0.1
    assert all(0 <= edge.position <= length for edge in edges)
    assert not gappy.speaking
    assert room.made == []


def _after(edges: list[SpeechEdge], position: float) -> list[float]:
    return [edge.position for edge in edges if edge.position > position]
