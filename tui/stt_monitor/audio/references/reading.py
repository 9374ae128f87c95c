"""Reads a reference file of any format."""

import re
from enum import Enum
from pathlib import Path, PurePath
from typing import Final

import msgspec

from stt_monitor.audio.references.label import FormatError, Label, LabelledRecording
from stt_monitor.audio.references.label_track import is_label_track, read_label_track
from stt_monitor.audio.references.plain_text import refuse_other_formats
from stt_monitor.audio.references.subtitles import is_subtitles, read_subtitles
from stt_monitor.audio.references.textgrid import is_textgrid, read_textgrid
from stt_monitor.core.errors import InputError

_LINE_END: Final = re.compile("\r\n|\r|\n")
"""Only these end a line: U+2028, U+0085 and others are part of a text."""
_MOST: Final = 64 << 20
"""Bytes: weeks of speech."""
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
"""Byte order marks. Praat and Windows write UTF-16."""


class Purpose(Enum):
    """What to read from a file; values are the words for it in messages."""

    TIMES = "labels"
    WORDS = "words"


_FORMATS: Final = {
    Purpose.TIMES: "give an Audacity label track (start, tab, end, tab, text), SRT, VTT, TextGrid, or a JSON manifest",
    Purpose.WORDS: "give plain text, an Audacity label track with texts, SRT, VTT, TextGrid, or a JSON manifest",
}


class _Turn(msgspec.Struct):
    start: float | None = None
    end: float | None = None
    text: str | None = None
    pauses: list[tuple[float, float]] = []
    speaker: str = ""


class _Recording(msgspec.Struct):
    file: str
    turns: list[_Turn]


def read_labelled(path: Path, purpose: Purpose) -> list[LabelledRecording]:
    """Read the labels of one or more recordings.

    Args:
        path: a label track, SRT, VTT, a TextGrid, JSON (a list of `{file, turns: [{start, end, text, pauses: [[from,
            to]], speaker}]}`, or one such object), or plain text.
        purpose: what to read; plain text has no times.

    Returns:
        One for each recording of a manifest; exactly one, without a file name, for other formats.

    Raises:
        InputError: it cannot be read, is damaged, or lacks times or words.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)  # a device may never end
        if len(data) > _MOST:
            raise InputError(f"{path}: more than {_MOST >> 20} MB are no {purpose.value}; {_FORMATS[purpose]}")
        text = _decoded(data)
    except IsADirectoryError as error:
        raise InputError(f"{path}: this is a directory; give a file with the {purpose.value}") from error
    except OSError as error:
        raise InputError(f"{path}: the {purpose.value} cannot be read ({error.strerror}); check the path") from error
    except ValueError as error:
        raise InputError(
            f"{path}: the {purpose.value} are neither UTF-8 nor UTF-16 text; {_FORMATS[purpose]}"
        ) from error
    try:
        return _parsed(text, purpose, is_json=path.suffix.lower() == ".json")
    except FormatError as error:
        raise InputError(f"{path}: {error}; {_FORMATS[purpose]}") from error


def labels_for(path: Path, found: list[LabelledRecording], recording: str, purpose: Purpose) -> tuple[Label, ...]:
    """Return the caller's labels of `recording`, its path or its name, among those found in `path`.

    Raises:
        InputError: none for that recording, or several.
    """
    each = entry_for(path, found, recording, purpose)
    spoken = tuple(label for label in each.labels if not label.is_point)
    labels = tuple(label for label in spoken if label.start is None or not label.is_agents)
    if spoken and not labels:
        raise InputError(f"{path}: has {purpose.value} of the agent alone; add the caller's")
    if not any(map(_has_words, labels)) if purpose is Purpose.WORDS else not labels:
        raise InputError(f"{path}: has no {purpose.value}; {_FORMATS[purpose]}")
    return labels


def entry_for(path: Path, found: list[LabelledRecording], recording: str, purpose: Purpose) -> LabelledRecording:
    """Return the entry of a recording: of its name; of several, the one of its folders too.

    Raises:
        InputError: as `labels_for`.
    """
    parts = PurePath(recording).parts
    named = [each for each in found if each.file is None or PurePath(each.file).name == parts[-1]]
    if len(named) > 1:
        matching = [each for each in named if (own := _parts(each)) == parts[-len(own) :]]
        longest = max((len(_parts(each)) for each in matching), default=0)
        named = [each for each in matching if len(_parts(each)) == longest] or named
    if len(named) > 1:
        raise InputError(
            f"{path}: has {purpose.value} for several recordings called {parts[-1]}: give each its own folder and name "
            'as "file", such as "calls/a.wav"'
        )
    if named:
        return named[0]
    names = ", ".join(str(each.file) for each in found) or "none"
    raise InputError(f"{path}: no {purpose.value} for {parts[-1]}; it has some for {names}")


def _parts(each: LabelledRecording) -> tuple[str, ...]:
    return PurePath(each.file or "").parts


def _has_words(label: Label) -> bool:
    return any(char.isalnum() for char in label.text)


def _decoded(data: bytes) -> str:
    """Decode a text file.

    Raises:
        ValueError: it is no text, or in another encoding.
    """
    encoding = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and data[:2].count(0) == 1:  # UTF-16 without a mark: one byte of every Latin letter is 0
        encoding = "utf-16-be" if data[0] == 0 else "utf-16-le"
    text = data.decode(encoding)
    if "\0" in text:
        raise ValueError("binary data")
    return text


def _parsed(text: str, purpose: Purpose, *, is_json: bool) -> list[LabelledRecording]:
    if is_json or text.lstrip()[:1] in ("[", "{"):
        try:
            return _from_json(text, purpose)
        except (msgspec.DecodeError, RecursionError) as error:
            # A transcript may begin with a remark in brackets; valid JSON of another shape is no transcript.
            is_json = is_json or purpose is Purpose.TIMES or isinstance(error, msgspec.ValidationError)
            if is_json:
                raise FormatError(f"the {purpose.value} are not valid JSON of the expected form ({error})") from error
    lines = _LINE_END.split(text)
    if is_textgrid(text):
        labels = read_textgrid(text, for_times=purpose is Purpose.TIMES)
    elif is_subtitles(lines):
        labels = read_subtitles(lines)
    elif is_label_track(lines) or purpose is Purpose.TIMES:
        labels = read_label_track(lines)
    else:
        refuse_other_formats(lines)
        labels = [Label(text)]
    return [LabelledRecording(tuple(labels))]


def _from_json(text: str, purpose: Purpose) -> list[LabelledRecording]:
    found = msgspec.json.decode(text, type=list[_Recording] | _Recording)
    recordings = found if isinstance(found, list) else [found]
    return [LabelledRecording(tuple(_of_turn(turn, purpose) for turn in each.turns), each.file) for each in recordings]


def _of_turn(turn: _Turn, purpose: Purpose) -> Label:
    if purpose is Purpose.WORDS and turn.text is None:
        raise msgspec.ValidationError("a turn has no `text`")
    if purpose is Purpose.TIMES and (turn.start is None or turn.end is None):
        raise msgspec.ValidationError("a turn has no `start` and `end`")
    return Label(turn.text or "", turn.start, turn.end, tuple(turn.pauses), turn.speaker)
