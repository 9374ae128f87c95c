"""Baselines in files, small enough to commit: `--write-baseline`, and `--baseline` of such a file."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from stt_monitor.core.assertions.baseline import FORM, Baseline, BaselineSession
from stt_monitor.core.errors import InputError
from stt_monitor.core.sound.heard import Heard
from stt_monitor.recording.manifest import decoded
from stt_monitor.system.writer import write_text

_DIGITS = 4
"""Decimals of seconds: a tenth of a millisecond, as in data."""


def read_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        InputError: it cannot be read, is none, or made by a newer program.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the baseline cannot be read ({error.strerror})") from error
    try:
        baseline = decoded(raw, Baseline, FORM, path)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no baseline ({error}): write one with --write-baseline") from error
    if not baseline.sessions or not all(_is_sound(each.heard) for each in baseline.sessions):
        raise InputError(f"{path}: a damaged baseline: write it again with --write-baseline")
    return baseline


def write_baseline(path: Path, sessions: Iterable[BaselineSession]) -> None:
    """Write a baseline: a line for each session, so that a change is seen in a diff.

    Raises:
        InputError: it cannot be written.
    """
    write_text(path, _pieces(Baseline(tuple(sessions))))


def _pieces(baseline: Baseline) -> Iterator[str]:
    head, sessions = _encoded(msgspec.structs.replace(baseline, sessions=())), map(_encoded, baseline.sessions)
    yield head.replace('"sessions":[]', '"sessions":[\n' + ",\n".join(sessions) + "\n]") + "\n"


def _encoded(value: object) -> str:
    return msgspec.json.encode(_rounded(msgspec.to_builtins(value))).decode()


def _rounded(value: Any) -> Any:  # noqa: ANN401  any value of JSON
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple | set | frozenset) else value


def _is_sound(heard: Heard) -> bool:
    """Return whether all indexes lead to stretches of speech."""
    apart = heard.interruptions
    indexes = chain(heard.missed, apart.within, (each.last for each in heard.turns if each.last is not None))
    n = len(heard.speech)
    return all(0 <= index < n for index in indexes) and all(-1 <= each.first < n for each in heard.turns)
