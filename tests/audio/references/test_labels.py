import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.references.labelled_turns import LabelledSpan
from stt_monitor.audio.references.labels import LabelledSpeech, read_labels
from stt_monitor.audio.vad.reference import EdgeKind, SpeechEdge, SpeechFinder
from stt_monitor.core.errors import InputError

AUDACITY = "1.000000\t2.690000\tfirst turn\n\\\t100.0\t4000.0\n5,09\t9,53\n\n"
MANIFEST = """[
    {"file": "other.wav", "turns": []},
    {"file": "a.wav", "duration": 9.0, "turns": [
        {"start": 1, "end": 7.3, "text": "you", "pauses": [[3.21, 4.01], [5.98, 6.58]]},
        {"start": 8, "end": 8.5, "text": "are"}
    ]}
]"""


def spans(tmp_path: Path, text: str) -> list[tuple[float, float]]:
    path = tmp_path / "labels"
    path.write_text(text, encoding="utf-8")
    return [(span.onset, span.end) for span in read_labels(path, "a.wav")[0]]


def test_an_audacity_track_is_read_with_spectral_lines_and_decimal_commas(tmp_path: Path) -> None:
    assert spans(tmp_path, AUDACITY) == [(1.0, 2.69), (5.09, 9.53)]
    assert spans(tmp_path, "\ufeff0\t1\tx") == [(0.0, 1.0)]


def test_pauses_split_the_turns_of_a_manifest(tmp_path: Path) -> None:
    assert spans(tmp_path, MANIFEST) == [(1.0, 3.21), (4.01, 5.98), (6.58, 7.3), (8.0, 8.5)]


def told_turns(tmp_path: Path, text: str) -> list[list[tuple[float, float]]]:
    """The spans of speech of each turn."""
    path = tmp_path / "labels"
    path.write_text(text, encoding="utf-8")
    turns: list[list[tuple[float, float]]] = []
    for span in read_labels(path, "a.wav")[0]:
        if not span.continues:
            turns.append([])
        turns[-1].append((span.onset, span.end))
    return turns


def test_the_spans_of_a_turn_continue_each_other(tmp_path: Path) -> None:
    assert told_turns(tmp_path, MANIFEST) == [[(1.0, 3.21), (4.01, 5.98), (6.58, 7.3)], [(8.0, 8.5)]]


@pytest.mark.parametrize(
    "track",
    [
        "1\t7.3\tyou are entering\n3.21\t4.01\tpause\n5.98\t6.58\t[Pause]\n9\t9.5\tno\n",  # laid over the turn
        "1\t3.21\tyou\n3.21\t4.01\t(pause)\n4.01\t5.98\tare\n5.98\t6.58\tPAUSE\n6.58\t7.3\tentering\n9\t9.5\n",
        "5.98\t6.58\t<pause>\n3.21\t4\tpause\n4\t4.01\tpause\n9\t9.5\n1\t7.3\n",  # in any order, in two parts
    ],
)
def test_labels_named_pause_are_pauses_of_the_turn_that_they_lie_in(tmp_path: Path, track: str) -> None:
    assert told_turns(tmp_path, track) == [[(1.0, 3.21), (4.01, 5.98), (6.58, 7.3)], [(9.0, 9.5)]]


def test_who_speaks_in_the_pause_of_another_makes_one_turn_with_him(tmp_path: Path) -> None:
    text = """{"file": "a.wav", "turns": [
        {"start": 0, "end": 10, "pauses": [[4, 6], [7, 8]]}, {"start": 5, "end": 7.5}
    ]}"""
    assert told_turns(tmp_path, text) == [[(0.0, 4.0), (5.0, 7.5), (8.0, 10.0)]]


def test_one_recording_alone_is_read_too(tmp_path: Path) -> None:
    assert spans(tmp_path, '{"file": "a.wav", "turns": [{"start": 1, "end": 2}]}') == [(1.0, 2.0)]


def test_labels_are_sorted_and_joined_where_they_touch(tmp_path: Path) -> None:
    assert spans(tmp_path, "5\t6\n1\t3\n3\t4\n1.5\t2\n") == [(1.0, 4.0), (5.0, 6.0)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no labels"),
        ("hello\n", "line 1 is no label"),
        ("1\t2\nx\ty\n", "line 2 is no label"),
        ("2\t1\n", "has no valid duration"),
        ("-1\t1\n", "has no valid duration"),
        ("1\tinf\n", "has no valid duration"),
        ("nan\t1\n", "has no valid duration"),
        ("{", "expected form"),
        ('{"file": "a.wav"}', "expected form"),
        ("[]", "no labels for a.wav"),
        ('[{"file": "b.wav", "turns": []}]', "no labels for a.wav; it has some for b.wav"),
        ('{"file": "a.wav", "turns": []}', "has no labels"),
        ("1\t2\tso\n3\t4\tpause\n", "a pause from 3 s to 4 s is not inside a turn; label each turn from"),
        ("1\t2\tso\n2\t4\tpause\n", "a pause from 2 s to 4 s is not inside a turn"),
        ("1\t2\tpause\n", "a pause from 1 s to 2 s is not inside a turn"),
        ('{"file": "a.wav", "turns": [{"start": 1, "end": 2, "pauses": [[1.5, 2.5]]}]}', "1.5 s to 2.5 s is not in"),
        ('{"file": "a.wav", "turns": [{"start": 1, "end": 2, "pauses": [[1.8, 1.5]]}]}', "1.8 s to 1.5 s is not in"),
    ],
)
def test_what_is_no_label_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as caught:
        spans(tmp_path, text)
    assert str(tmp_path / "labels") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_label_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path / "missing.txt", "a.wav")
    (tmp_path / "latin.txt").write_bytes(b"1\t2\t\xe9\n")
    with pytest.raises(InputError, match="neither UTF-8 nor UTF-16"):
        read_labels(tmp_path / "latin.txt", "a.wav")


@settings(deadline=None)
@given(step=st.integers(1, 900))
def test_labelled_edges_are_told_when_the_audio_has_passed_them(step: int) -> None:
    spans = [LabelledSpan(0.0, 0.5), LabelledSpan(0.75, 1.0), LabelledSpan(1.9, 2.5)]
    finder: SpeechFinder = LabelledSpeech(AudioFormat(Encoding.PCM_S16LE, 1000), spans)
    edges, decided = [], 0.0
    for start in range(0, 2000, step):
        for edge in finder.feed(bytes(2 * min(step, 2000 - start)), start):
            assert decided <= edge.position < finder.decided_until
            edges.append(edge)
        assert finder.speaking == (edges[-1].kind is EdgeKind.ONSET)
        decided = finder.decided_until
    edges += finder.finish()
    assert [edge.position for edge in edges] == [0.0, 0.5, 0.75, 1.0, 1.9, 2.0]
    assert edges[0] == SpeechEdge(EdgeKind.ONSET, 0.0)
    assert not finder.speaking
    assert finder.finish() == []


Piece = tuple[int, int | None]
"""So many samples, and where in the recording they begin."""


def told(pieces: list[Piece], *spans: tuple[float, float]) -> list[tuple[str, float]]:
    finder = LabelledSpeech(AudioFormat(Encoding.PCM_S16LE, 1000), [LabelledSpan(*span) for span in spans])
    edges = [edge for samples, recorded_at in pieces for edge in finder.feed(bytes(2 * samples), recorded_at)]
    return [(edge.kind.name, round(edge.position, 6)) for edge in [*edges, *finder.finish()]]


def test_labels_wait_while_the_recording_is_paused():
    paused = [(300, 0), (500, None), (700, 300)]
    assert told(paused, (0.4, 0.6)) == [("ONSET", 0.9), ("END", 1.1)]
    assert told(paused, (0.1, 0.6)) == [("ONSET", 0.1), ("END", 0.3), ("ONSET", 0.8), ("END", 1.1)]


def test_labels_go_back_with_the_recording():
    again: list[Piece] = [(1000, 0), (800, 200)]
    assert told(again, (0.1, 0.15), (0.3, 0.5)) == [
        ("ONSET", 0.1), ("END", 0.15), ("ONSET", 0.3), ("END", 0.5), ("ONSET", 1.1), ("END", 1.3),
    ]  # fmt: skip
    assert told(again, (0.1, 0.9)) == [("ONSET", 0.1), ("END", 0.9), ("ONSET", 1.0), ("END", 1.7)]
    assert told(again, (0.1, 2.0)) == [("ONSET", 0.1), ("END", 1.0), ("ONSET", 1.0), ("END", 1.8)]


@given(pieces=st.lists(st.tuples(st.integers(1, 500), st.none() | st.integers(0, 2000)), max_size=12))
def test_as_much_speech_is_told_as_the_pieces_hold(pieces: list[Piece]):
    spans = ((0.2, 0.5), (0.75, 1.0), (1.9, 2.3))
    edges = told(pieces, *spans)
    assert [kind for kind, _ in edges] == ["ONSET", "END"] * (len(edges) // 2)
    at = [position for _, position in edges]
    assert at == sorted(at)
    spoken = sum(end - onset for onset, end in zip(at[::2], at[1::2], strict=True))
    held = sum(
        max(0.0, min(end, (begin + samples) / 1000) - max(onset, begin / 1000))
        for samples, begin in pieces
        if begin is not None
        for onset, end in spans
    )
    assert spoken == pytest.approx(held)


def manifest(path: Path, *files: str) -> Path:
    """Write a manifest of these recordings; the turn of each begins at its place in it."""
    entries = [{"file": file, "turns": [{"start": place, "end": place + 0.5}]} for place, file in enumerate(files)]
    path.write_text(json.dumps(entries))
    return path


@pytest.mark.parametrize(
    ("files", "recordings", "places"),
    [
        (["a.wav", "b.wav"], ["/calls/b.wav", "/calls/a.wav"], [1, 0]),
        (["old/x.wav", "new/x.wav"], ["/calls/new/x.wav", "/calls/old/x.wav"], [1, 0]),
        (["x.wav", "new/x.wav"], ["/calls/new/x.wav", "/calls/old/x.wav"], [1, 0]),
        (["elsewhere/x.wav"], ["/calls/x.wav"], [0]),
        (["a.wav"], ["/calls/a.wav", "/calls/a.wav"], [0, 0]),
    ],
)
def test_entries_of_a_manifest_are_told_apart_by_folders_where_names_are_the_same(
    tmp_path: Path, files: list[str], recordings: list[str], places: list[int]
):
    found = read_labels(manifest(tmp_path / "m.json", *files), *recordings)
    assert [spans[0].onset for spans in found] == places


@pytest.mark.parametrize(
    ("files", "recordings", "said"),
    [
        (
            ["x.wav"],
            ["/new/x.wav", "/old/x.wav"],
            "those of /new/x.wav and of /old/x.wav: give each its own",
        ),
        (["x.wav", "x.wav"], ["/new/x.wav"], "has labels for several recordings called x.wav"),
        (["old/x.wav", "new/x.wav"], ["x.wav"], "has labels for several recordings called x.wav"),
        (["old/x.wav", "new/x.wav"], ["/other/x.wav"], "has labels for several recordings called x.wav"),
    ],
)
def test_labels_that_may_be_of_another_recording_are_refused(
    tmp_path: Path, files: list[str], recordings: list[str], said: str
):
    with pytest.raises(InputError, match=said):
        read_labels(manifest(tmp_path / "m.json", *files), *recordings)
