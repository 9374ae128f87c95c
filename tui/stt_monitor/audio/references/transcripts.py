"""What was really said in a recording (`--reference`), to count word errors against."""

from collections.abc import Sequence
from pathlib import Path

from stt_monitor.audio.references.label import Labelled
from stt_monitor.audio.references.reading import Purpose, about, read_labelled
from stt_monitor.core.errors import InputError


def read_references(paths: Sequence[Path], recordings: Sequence[str]) -> list[str]:
    """Read what is said in each of `recordings` (file names, in order).

    Args:
        paths: one file for each recording, in order; or one JSON manifest for all of them.
        recordings: which entries of a manifest are wanted.

    Raises:
        InputError: a file cannot be read, is in no form known, or lacks a recording; or there are too few or many.
    """
    found = [read_labelled(path, Purpose.WORDS) for path in paths]
    if len(paths) == 1 and any(each.file is not None for each in found[0]):
        return [_said(paths[0], found[0], recording) for recording in recordings]
    if len(paths) != len(recordings):
        raise InputError(
            f"--reference: there are {len(recordings)} recordings and {len(paths)} references; give one for each, in "
            "the same order, or one JSON manifest for all"
        )
    return [_said(*each) for each in zip(paths, found, recordings, strict=True)]


def _said(path: Path, found: list[Labelled], recording: str) -> str:
    return " ".join(label.text for label in about(path, found, recording, Purpose.WORDS))
