"""Rows of eot-bench, as people have them on disk: JSONL beside WAV or FLAC."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stt_monitor.audio.references.eot_bench import is_bench, read_bench
from stt_monitor.core.errors import InputError

SPANS = [
    {"start": 0.0, "end": 0.4},
    {"start": 1.2, "end": 1.5},
    {"start": 1.8, "end": 1.85},
    {"start": 2.6, "end": 3.4},
]


def audio(path: Path, seconds: float = 3.4) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(16_000 * seconds), "int16"), 16_000)
    return path


def folder(directory: Path, *rows: object, name: str = "metadata.jsonl") -> Path:
    (directory / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return directory


def row(**fields: object) -> dict[str, Any]:
    return {"audio": "a.wav", "silence_spans": SPANS, "language": "en"} | fields


def test_the_last_silence_ends_the_turn_and_those_before_it_are_pauses(tmp_path: Path):
    audio(tmp_path / "a.wav")
    words = [{"word": "book", "start": 0.4, "end": 0.8}, {"text": "a"}, "table"]
    (found,) = read_bench(folder(tmp_path, row(id="en-17", words=words, messages=[{"role": "user"}])))
    assert (found.name, found.audio, found.language) == ("en-17", tmp_path / "a.wav", "en")
    assert found.turn.text == "book a table"
    # Silence before the turn is none of it, and one of 50 ms no pause.
    assert (found.turn.start, found.turn.end, found.turn.pauses) == (0.4, 2.6, ((1.2, 1.5),))
    assert [(span.onset, span.end, span.continues) for span in found.spans] == [(0.4, 1.2, False), (1.5, 2.6, True)]


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("clips/b.flac", {"audio": "clips/b.flac"}),
        ("clips/b.flac", {"audio": {"path": "clips/b.flac", "bytes": None}}),
        ("clips/b.flac", {"audio": None, "file_name": "clips/b.flac"}),
        ("b.flac", {"audio": {"path": "/home/somebody/cache/b.flac", "sampling_rate": 16_000}}),
    ],
)
def test_audio_is_named_as_people_name_it(tmp_path: Path, where: str, fields: dict[str, object]):
    audio(tmp_path / where)
    (found,) = read_bench(folder(tmp_path, row(**fields)))
    assert (found.audio, found.name) == (tmp_path / where, "b")


def test_silences_may_be_columns(tmp_path: Path):
    audio(tmp_path / "a.wav")
    columns = {"start": [1.2, 2.6], "end": [1.5, 3.4]}
    (found,) = read_bench(folder(tmp_path, row(silence_spans=columns, id=3)))
    assert (found.name, found.turn.start, found.turn.end, found.turn.pauses) == ("3", 0.0, 2.6, ((1.2, 1.5),))


def test_one_file_of_rows_may_have_any_name(tmp_path: Path):
    audio(tmp_path / "a.wav")
    assert not is_bench(tmp_path)
    rows = folder(tmp_path, row(), row(), name="validation.jsonl")
    assert is_bench(rows)
    assert len(read_bench(rows)) == len(read_bench(tmp_path / "validation.jsonl")) == 2
    folder(tmp_path, row(), name="train.jsonl")
    with pytest.raises(InputError, match=r"unclear which of train.jsonl, validation.jsonl has the rows"):
        read_bench(tmp_path)
    folder(tmp_path, row())
    assert len(read_bench(tmp_path)) == 1, "the usual name decides"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"audio": "missing.wav"}, "missing.wav"),
        ({"audio": None}, 'it names no audio file; give "audio"'),
        ({"audio": {"bytes": "UklGRg=="}}, 'it names no audio file; give "audio"'),
        ({"audio": "broken.wav"}, "broken.wav"),
        ({"language": None}, "is no row of eot-bench"),
        ({"silence_spans": []}, "has no silence after the turn"),
        ({"silence_spans": [{"start": 0, "end": 3}]}, "has no silence after the turn"),
        ({"silence_spans": [{"start": 0, "end": 1}, {"start": 1, "end": 2}]}, "has no silence after the turn"),
        ({"silence_spans": [{"start": 2, "end": 1}]}, "from 2 s to 1 s has no valid duration"),
        (
            {"silence_spans": [{"start": 2, "end": 3}, {"start": 1, "end": 1.5}]},
            "from 1 s begins before the one",
        ),
        ({"silence_spans": [{"start": 7, "end": 8}]}, "begins at 7 s, but a.wav is only 3.40 s long"),
        ({"silence_spans": {"start": [1], "end": []}}, "not as many starts as ends"),
        ({"silence_spans": [[1, 2]]}, "is no row of eot-bench"),
        ({"silence_spans": None}, "is no row of eot-bench"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, fields: dict[str, object], complaint: str):
    audio(tmp_path / "a.wav")
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    with pytest.raises(InputError, match=complaint) as caught:
        read_bench(folder(tmp_path, row(), row(**fields)))
    assert str(caught.value).startswith(f"{tmp_path / 'metadata.jsonl'}: line 2")
    assert "\n" not in str(caught.value)


def test_files_without_rows_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"has no metadata.jsonl with rows of eot-bench"):
        read_bench(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_bench(tmp_path / "missing.jsonl")
    (tmp_path / "metadata.jsonl").write_bytes(b"\xef\xbb\xbf\n\r\n")
    with pytest.raises(InputError, match="has no rows"):
        read_bench(tmp_path)
    for damaged in (b"{", b'"audio"', b'{"language": "\xff"}', b"[" * 5000):
        (tmp_path / "metadata.jsonl").write_bytes(damaged)
        with pytest.raises(InputError, match="line 1 is no row of eot-bench"):
            read_bench(tmp_path)
