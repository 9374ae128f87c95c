"""What was really said in a recording (`--reference`), to count word errors against."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError

_FORMS: Final = "give plain text, an Audacity label track with texts, or a JSON manifest of turns with texts"
_LABEL: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?\t[0-9]+(?:[.,][0-9]+)?(?:\t(.*))?")
_FREQUENCIES: Final = "\\"
"""Begins a line of a label track that belongs to the one above."""


class _Turn(msgspec.Struct):
    text: str


class _Recording(msgspec.Struct):
    file: str
    turns: list[_Turn]


def read_references(paths: Sequence[Path], recordings: Sequence[str]) -> list[str]:
    """Read what is said in each of `recordings` (file names, in order).

    Args:
        paths: one file for each recording, in order; or one JSON manifest for all of them.
        recordings: which entries of a manifest are wanted.

    Raises:
        InputError: a file cannot be read, is in no form known, or lacks a recording; or there are too few or many.
    """
    texts = [_read(path) for path in paths]
    if len(paths) == 1 and not isinstance(texts[0], str):
        return [_said(paths[0], texts[0], recording) for recording in recordings]
    if len(paths) != len(recordings):
        raise InputError(
            f"--reference: there are {len(recordings)} recordings and {len(paths)} references; give one for each, in "
            "the same order, or one JSON manifest for all"
        )
    return [
        text if isinstance(text, str) else _said(path, text, recording)
        for path, text, recording in zip(paths, texts, recordings, strict=True)
    ]


def _said(path: Path, manifest: list[_Recording], recording: str) -> str:
    for entry in manifest:
        if entry.file == recording:
            return _some(path, " ".join(turn.text for turn in entry.turns))
    names = ", ".join(entry.file for entry in manifest) or "none"
    raise InputError(f"{path}: there is no text for {recording}; it has texts for {names}")


def _read(path: Path) -> str | list[_Recording]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InputError(f"{path}: the reference cannot be read ({reason}); {_FORMS}") from error
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        if path.suffix == ".json":
            raise InputError(f"{path}: the reference is no JSON ({error}); {_FORMS}") from error
        return _some(path, _without_times(text))
    if not isinstance(found, list | dict):  # a text that is one number is JSON too
        return _some(path, text)
    try:
        entries = msgspec.convert(found, list[_Recording] | _Recording)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: the reference is not in the form expected ({error}); {_FORMS}") from error
    return entries if isinstance(entries, list) else [entries]


def _without_times(text: str) -> str:
    """Return the texts of a label track, or the text as it is when it is none."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(_FREQUENCIES)]
    labels = [_LABEL.fullmatch(line) for line in lines]
    return " ".join(label[1] or "" for label in labels if label) if all(labels) else text


def _some(path: Path, text: str) -> str:
    if not text.strip():
        raise InputError(f"{path}: no words are in this reference; {_FORMS}")
    return text
