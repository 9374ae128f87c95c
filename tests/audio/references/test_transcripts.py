import json
from pathlib import Path

import pytest

from stt_monitor.audio.references.transcripts import read_references
from stt_monitor.core.errors import InputError


def file(directory: Path, name: str, text: str) -> Path:
    path = directory / name
    path.write_text(text, "utf-8")
    return path


def manifest(directory: Path) -> Path:
    turns = [{"start": 0.1, "end": 1, "text": "One."}, {"start": 2, "end": 3, "text": "Two.", "pauses": []}]
    entries = [{"file": "a.wav", "duration": 9, "turns": turns}, {"file": "b.wav", "turns": turns[:1]}]
    return file(directory, "manifest.json", json.dumps(entries))


def test_plain_text_is_taken_as_it_is(tmp_path: Path):
    texts = ["One two\nthree.\n", "[laughs] {hm} yes", "42"]
    paths = [file(tmp_path, f"{number}.txt", text) for number, text in enumerate(texts)]
    assert read_references(paths, ["a", "b", "c"]) == texts


def test_a_manifest_has_the_texts_of_many_recordings(tmp_path: Path):
    assert read_references([manifest(tmp_path)], ["b.wav", "a.wav"]) == ["One.", "One. Two."]
    single = file(tmp_path, "one.json", json.dumps({"file": "a.wav", "turns": [{"text": "Hello."}]}))
    assert read_references([single, manifest(tmp_path)], ["a.wav", "b.wav"]) == ["Hello.", "One."]


def test_a_label_track_has_texts(tmp_path: Path):
    track = file(tmp_path, "labels.txt", "0.5\t1.25\tOne two.\n\\\t0\t8000\n2,5\t3,25\n4\t5\tThree.\n")
    assert read_references([track], ["a.wav"])[0].split() == ["One", "two.", "Three."]


def test_words_stand_in_the_order_of_their_times(tmp_path: Path):
    track = file(tmp_path, "labels.txt", "4\t5\tThree.\n0.5\t1.25\tOne\n1\t3\ttwo.\n")
    assert read_references([track], ["a.wav"]) == ["One two. Three."]


def test_the_numbers_of_cues_are_no_words_without_empty_lines_too(tmp_path: Path):
    cues = "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\n7\n3\n"
    track = file(tmp_path, "a.srt", cues + "00:00:05,000 --> 00:00:06,000\nthree\n")
    assert read_references([track], ["a.wav"])[0].split() == ["One", "7", "three"]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
def test_what_never_ends_is_no_reference():
    with pytest.raises(InputError, match="/dev/zero: more than 64 MB are no words"):
        read_references([Path("/dev/zero")], ["a.wav"])


def test_a_label_that_marks_a_pause_is_no_word_but_the_word_alone_is(tmp_path: Path):
    track = file(tmp_path, "labels.txt", "0.5\t5\tOne two.\n1\t2\tpause\n6\t7\tpause\n")
    assert read_references([track], ["a.wav"]) == ["One two. pause"]


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("empty.txt", " \n", "no words"),
        ("track.txt", "1\t2\n", "no words"),
        ("broken.json", "[{", "truncated"),
        ("other.json", '[{"file": "a.wav", "turns": [{"start": 1}]}]', "text"),
        ("other.txt", '{"a": 1}', "not valid JSON"),
        ("others.json", '[{"file": "z.wav", "turns": []}]', "z.wav"),
    ],
)
def test_what_has_no_text_is_refused_with_its_name(tmp_path: Path, name: str, text: str, hint: str):
    with pytest.raises(InputError, match=name) as refusal:
        read_references([file(tmp_path, name, text)], ["a.wav"])
    assert hint in str(refusal.value)


def test_there_is_one_for_each_recording(tmp_path: Path):
    text = file(tmp_path, "text.txt", "words")
    with pytest.raises(InputError, match="2 recordings but 1 references"):
        read_references([text], ["a.wav", "b.wav"])
    with pytest.raises(InputError, match="1 recordings but 2 references"):
        read_references([manifest(tmp_path), text], ["a.wav"])


@pytest.mark.parametrize(("name", "text", "hint"), [
    ("a.rttm", "SPEAKER a 1 0.50 1.25 <NA> <NA> user <NA> <NA>\n", "RTTM"),
    ("a.txt", ";; made by hand\nSPEAKER a 1 0.50 1.25 <NA> <NA> user <NA> <NA>\n", "RTTM"),
    ("a.csv", "turn,turn_start_s,turn_end_s,transcript\n1,0.5,1.75,all circuits\n", "table"),
    ("a.txt", "start;end;text\n0,5;1,75;all circuits\n", "table"),
    ("a.tsv", "start\tend\ttext\n0.5\t1.75\tall circuits\n", "table"),
    ("a.lab", "1.0 2.0 all circuits\n2.0 3.0 are busy\n", "two times"),
    ("a.lab", "10000000 20000000 all\n", "two times"),
    ("a.srt", "1\n00:00:01 --> 00:00:02\nall circuits\n", "subtitles"),
    ("a.srt", "1\n00:00:01,0000 -> 00:00:02,0000\nall circuits\n", "subtitles"),
    ("a.sbv", "0:00:01.000,0:00:02.500\nall circuits\n", "subtitles"),
    ("a.ctm", "talk 1 1.00 0.30 all\ntalk 1 1.40 0.50 circuits\n", "CTM"),
    ("a.ctm", ";; by hand\ntalk A 1.00 0.30 all 0.98\n", "CTM"),
    ("a.stm", "talk 1 user 1.00 2.50 <o,f0> all circuits\n", "STM"),
    ("a.trn", "all circuits (talk-001)\n", "TRN"),
    ("a.txt", "00:01 all circuits\n01:03 are busy\n", "begins with a time"),
    ("a.ass", "[Script Info]\nDialogue: 0,0:00:01.00,0:00:02.50,,all circuits\n", "ASS"),
    ("a.rtf", "{\\rtf1 all circuits}", "RTF"),
    ("a.eaf", '<?xml version="1.0"?><p begin="1s">all circuits</p>', "XML"),
    ("a.mlf", '#!MLF!#\n"*/talk.lab"\n0 100 all\n', "MLF"),
])  # fmt: skip
def test_what_would_count_times_as_words_is_refused(tmp_path: Path, name: str, text: str, hint: str):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=rf"{name}: .*{hint}.*; give plain text"):
        read_references([tmp_path / name], ["a.wav"])


@pytest.mark.parametrize(
    "text",
    [
        "Yes, no, perhaps.\nAnd so on.",
        "1.5 million people",
        "20 30 or 40 people",
        "SPEAKER one said so",
        "a,b\nc",
        "3:30, 4:30 suits me\nyes",
        "10:30-11:30 is free",
        "10:30 suits me",
        "yes (he laughs)",
        "[laughs] yes",
    ],
)
def test_what_only_looks_like_a_table_is_text(tmp_path: Path, text: str):
    (tmp_path / "a.txt").write_text(text)
    assert read_references([tmp_path / "a.txt"], ["a.wav"]) == [text]
