"""Subtitles: SubRip (SRT), and WebVTT (https://www.w3.org/TR/webvtt1/)."""

import re
from collections.abc import Iterator
from typing import Final

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.export.cues import cues, timestamp

_COMMANDS: Final = re.compile(r"<(?=[A-Za-z/])|\{(?=\\)|--(?=>)|[0-9]:(?=[0-9]+:[0-9]+[,.:][0-9])")
_JOINER: Final = "\u2060"
"""Invisible and part of no word. SRT has no escapes: this keeps players from obeying what looks like a tag (`<b>`,
`{\\an8}`), an arrow or a time."""

_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def srt(snapshot: Snapshot) -> Iterator[str]:
    """Yield SubRip subtitles, a cue for each turn with words."""
    for number, cue in enumerate(cues(snapshot.finished), 1):
        yield f"{number}\n{timestamp(cue.start, ',')} --> {timestamp(cue.end, ',')}\n"
        yield f"{_COMMANDS.sub(lambda match: match[0] + _JOINER, cue.text)}\n\n"


def vtt(snapshot: Snapshot) -> Iterator[str]:
    """Yield WebVTT subtitles, a cue for each turn with words."""
    yield "WEBVTT\n\n"
    for number, cue in enumerate(cues(snapshot.finished), 1):
        yield f"{number}\n{timestamp(cue.start, '.')} --> {timestamp(cue.end, '.')}\n"
        yield f"{cue.text.translate(_ENTITIES)}\n\n"
