"""SubRip (SRT) and WebVTT (https://www.w3.org/TR/webvtt1/)."""

import html
import re
from typing import Final

from stt_monitor.audio.references.label import Label

_TIME: Final = r"(?:([0-9]{1,6}):)?([0-9]{1,2}):([0-9]{1,2})[,.]([0-9]{1,3})"
_TIMES: Final = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_MARKUP: Final = re.compile(r"</?[A-Za-z0-9][^<>]{0,200}>|</?[bciusv]>|\{\\[^{}]{0,200}\}")
"""Tags, timestamps within a cue, and styling commands of some players."""
_INVISIBLE: Final = "\u2060"
"""Our own exports use it to keep players from reading words as markup."""


def is_subtitles(lines: list[str]) -> bool:
    """Return whether there is a cue."""
    return _is_vtt(lines) or any(map(_TIMES.fullmatch, lines))


def read_subtitles(lines: list[str]) -> list[Label]:
    """Read the cues, without numbers, names, notes and markup."""
    is_vtt = _is_vtt(lines)
    cues: list[tuple[re.Match[str], list[str]]] = []
    in_cue = False
    for line in lines:
        if times := _TIMES.fullmatch(line):
            if cues:
                _drop_number_of_next(cues[-1][1], len(cues) + 1)
            cues.append((times, []))
            in_cue = True
        elif is_vtt and not line.strip():
            in_cue = False
        elif in_cue:
            cues[-1][1].append(line)
    return [
        Label(_words("\n".join(text), escaped=is_vtt), _seconds(times.groups()[:4]), _seconds(times.groups()[4:]))
        for times, text in cues
    ]


def _is_vtt(lines: list[str]) -> bool:
    return bool(lines) and lines[0].startswith("WEBVTT")


def _drop_number_of_next(text: list[str], number: int) -> None:
    """Drop the number of the next cue: what is behind an empty line, or is what it must be."""
    last = text[-1].strip() if len(text) > 1 else ""
    if last.isdecimal() and (not text[-2].strip() or int(last) == number):
        text.pop()


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(f"{seconds}.{fraction}")


def _words(text: str, *, escaped: bool) -> str:
    plain = _MARKUP.sub("", text).replace(_INVISIBLE, "")
    return html.unescape(plain) if escaped else plain
