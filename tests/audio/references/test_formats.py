"""One reader for each format: what is a time for `--labels` is no word for `--reference`."""

import codecs
from pathlib import Path

import pysubs2
import pytest
from praatio.textgrid import IntervalTier, PointTier, Textgrid

from stt_monitor.audio.references.labels import read_labels
from stt_monitor.audio.references.transcripts import read_references
from stt_monitor.core.errors import InputError


def times(path: Path) -> list[tuple[float, float]]:
    return [(span.onset, span.end) for span in read_labels(path, "a.wav")[0]]


def words(path: Path) -> str:
    return " ".join(read_references([path], ["a.wav"])[0].split())


@pytest.mark.parametrize("start", ["0", "0.0", "-0.000000", "1e-05", "0.", ".5", "0,5", "5E-1", " 0.5 "])
def test_every_time_of_a_label_track_is_one_for_labels_and_reference(tmp_path: Path, start: str):
    (tmp_path / "a.txt").write_text(f"{start}\t0.9\thello there\n")
    assert times(tmp_path / "a.txt") == [(float(start.replace(",", ".")), 0.9)]
    assert words(tmp_path / "a.txt") == "hello there"


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_odd_separators_end_no_line(tmp_path: Path, separator: str):
    (tmp_path / "a.txt").write_text(f"0\t1\tone{separator}two\r\n2\t3\tthree\r4\t5\tfour", newline="")
    assert times(tmp_path / "a.txt") == [(0, 1), (2, 3), (4, 5)]
    assert words(tmp_path / "a.txt") == "one two three four"


def test_a_label_that_marks_a_moment_is_neither_speech_nor_words(tmp_path: Path):
    (tmp_path / "a.txt").write_text("0\t1\thello\n2\t2\tdoor slams\n3\t4\tyou\n")
    assert times(tmp_path / "a.txt") == [(0, 1), (3, 4)]
    assert words(tmp_path / "a.txt") == "hello you"
    (tmp_path / "a.txt").write_text("2\t2\tdoor slams\n")
    for read in (times, words):
        with pytest.raises(InputError, match=r"has no (labels|words)"):
            read(tmp_path / "a.txt")


def test_a_line_that_is_no_label_is_told_by_both(tmp_path: Path):
    (tmp_path / "a.txt").write_text("0\t1\thello\n2\tthree\tyou\n")
    for read in (times, words):
        with pytest.raises(InputError, match="line 2 is no label"):
            read(tmp_path / "a.txt")


@pytest.mark.parametrize(
    "data", [b"\0\1\2\xff", b"\xff\xfe\0\0", b"ab\0\0\0c", b"...\n-- !", b"\xef\xbb\xbf", b"RIFF\x24\0\0\0WAVE"]
)
def test_what_has_no_words_is_no_transcript(tmp_path: Path, data: bytes):
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(InputError, match=r"has no words|neither UTF-8 nor UTF-16 text"):
        words(tmp_path / "a.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_files_of_windows_are_read(tmp_path: Path, encoding: str):
    mark = {"utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    (tmp_path / "a.txt").write_bytes(mark + "0\t1\thällo\r\n".encode(encoding))
    assert times(tmp_path / "a.txt") == [(0, 1)]
    assert words(tmp_path / "a.txt") == "hällo"
    (tmp_path / "a.txt").write_bytes(mark + "hällo\r\nyou".encode(encoding))
    assert words(tmp_path / "a.txt") == "hällo you"


@pytest.mark.parametrize("data", [b"1\t2\t\xe9", b"\xff\xfe1", b"\xff\xfe\0\0\xff\xff\xff\xff"])
def test_other_encodings_are_refused(tmp_path: Path, data: bytes):
    (tmp_path / "a.txt").write_bytes(data)
    for read in (times, words):
        with pytest.raises(InputError, match="UTF-16 text"):
            read(tmp_path / "a.txt")


@pytest.mark.parametrize("suffix", ["srt", "vtt"])
def test_subtitles_are_read_as_others_write_them(tmp_path: Path, suffix: str):
    subtitles = pysubs2.SSAFile()
    subtitles += [
        pysubs2.SSAEvent(1000, 2500, "<i>Hello</i> there,\\N42 people"),
        pysubs2.SSAEvent(3_600_000, 3_601_000, "2"),
    ]
    subtitles.save(str(tmp_path / f"a.{suffix}"))
    assert times(tmp_path / f"a.{suffix}") == [(1, 2.5), (3600, 3601)]
    assert words(tmp_path / f"a.{suffix}") == "Hello there, 42 people 2"


def test_hours_beyond_all_measure_are_no_times(tmp_path: Path):
    (tmp_path / "a.srt").write_text(f"1\n00:00:01,000 --> {'9' * 400}:00:02,000\none\n")
    with pytest.raises(InputError, match="line 1 is no label"):
        times(tmp_path / "a.srt")


def test_what_stands_between_cues_is_no_word(tmp_path: Path):
    (tmp_path / "a.vtt").write_text(
        "WEBVTT - a title\nKind: captions\n\nNOTE not said\n\nSTYLE\n::cue { color: red }\n\nfirst\n"
        "00:01.000 --> 00:02.000 align:start\n<v Bob>Fish &amp; <00:01.500><c.loud>chips\n\nnot said\n"
    )
    assert words(tmp_path / "a.vtt") == "Fish & chips"
    (tmp_path / "a.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}one\n\nmore\n\n2\n00:00:03,000 --> 00:00:04,000\n7\n"
    )
    assert words(tmp_path / "a.srt") == "one more 7"


@pytest.mark.parametrize("form", ["long_textgrid", "short_textgrid"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_textgrid_is_read_in_both_forms(tmp_path: Path, form: str, encoding: str):
    grid = Textgrid()
    grid.addTier(PointTier("clicks", [(0.5, "not said")], 0, 9))
    grid.addTier(IntervalTier("phones", [(1, 1.5, "HH"), (1.5, 2, "AY")], 0, 9))
    grid.addTier(IntervalTier("Words", [(1, 2, 'say "hi"'), (3, 4, "5")], 0, 9))
    grid.save(str(tmp_path / "a.TextGrid"), form, includeBlankSpaces=True)
    text = (tmp_path / "a.TextGrid").read_text("utf-8")
    (tmp_path / "a.TextGrid").write_text(text, encoding)
    assert times(tmp_path / "a.TextGrid") == [(1, 2), (3, 4)]
    assert words(tmp_path / "a.TextGrid") == 'say "hi" 5'
    (tmp_path / "b.TextGrid").write_text(text.replace("Words", "bla"))
    with pytest.raises(InputError, match="which of its tiers"):
        words(tmp_path / "b.TextGrid")
    for length in range(60, len(text) - 20, 7):
        (tmp_path / "b.TextGrid").write_text(text[:length])
        with pytest.raises(InputError, match=r"truncated|damaged|no interval tier"):
            words(tmp_path / "b.TextGrid")


def test_a_manifest_of_paths_is_about_their_files(tmp_path: Path):
    (tmp_path / "m.json").write_text('[{"file": "talks/a.wav", "turns": [{"start": 1, "end": 2, "text": "Hello."}]}]')
    assert times(tmp_path / "m.json") == [(1, 2)]
    assert words(tmp_path / "m.json") == "Hello."
