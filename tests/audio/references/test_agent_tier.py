"""What the agent says is none of the caller's labels."""

import json
from pathlib import Path

import pytest

from stt_monitor.audio.references.label import FormatError, Label
from stt_monitor.audio.references.labelled_turns import LabelledSpan
from stt_monitor.audio.references.labels import read_labels
from stt_monitor.audio.references.textgrid import read_textgrid
from stt_monitor.audio.references.transcripts import read_references
from stt_monitor.core.errors import InputError


def grid(*names: str) -> str:
    tiers = " ".join(f'"IntervalTier" "{name}" 0 9 1 {at} {at + 1} "x"' for at, name in enumerate(names))
    return f'"ooTextFile" "TextGrid" 0 9 <exists> {len(names)} {tiers}'


@pytest.mark.parametrize("for_times", [True, False])
def test_the_agents_tier_is_not_asked_about_nor_taken_for_the_callers(for_times: bool):
    assert read_textgrid(grid("Agent", "Mary"), for_times=for_times) == [Label("x", 1.0, 2.0)]
    with pytest.raises(FormatError, match="only interval tier is the agent's"):
        read_textgrid(grid("agent"), for_times=for_times)


MANIFEST = json.dumps(
    {
        "file": "call.wav",
        "turns": [
            {"start": 0, "end": 1, "text": "How can I help?", "speaker": "Agent"},
            {"start": 2, "end": 3, "text": "My agent: where is it?", "speaker": "caller"},
        ],
    }
)
TRACK = "0\t1\tagent: How can I help?\n2\t3\tMy agent: where is it?\n"
SRT = """\
1
00:00:00,000 --> 00:00:01,000
AGENT: How can I help?

2
00:00:02,000 --> 00:00:03,000
My agent: where is it?
"""


@pytest.mark.parametrize(("name", "content"), [("a.json", MANIFEST), ("a.txt", TRACK), ("a.srt", SRT)])
def test_labels_and_words_of_the_agent_are_left_out(tmp_path: Path, name: str, content: str):
    path = tmp_path / name
    path.write_text(content)
    assert read_labels(path, "call.wav") == [[LabelledSpan(2.0, 3.0)]]
    assert [text.strip() for text in read_references([path], ["call.wav"])] == ["My agent: where is it?"]


def test_labels_of_the_agent_alone_are_refused(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("0\t1\tagent: hello\n")
    with pytest.raises(InputError, match="has labels of the agent alone; add the caller's"):
        read_labels(path, "call.wav")
