"""Rows of eot-bench: user turns with their silences, as JSONL beside audio files (https://github.com/livekit/eot-bench)."""

from collections.abc import Iterator
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Final

import msgspec

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.references.label import FormatError, Label
from stt_monitor.audio.references.labelled_turns import LabelledSpan, spans_of
from stt_monitor.core.errors import InputError

METADATA: Final = "metadata.jsonl"
"""The usual name of the file with the rows."""
_ENDING: Final = ".jsonl"

SHORTEST_S: Final = 0.1
"""Shorter silences inside a turn count as speech: the benchmark leaves them out."""
_BEGINNING_S: Final = 0.05
"""A silence that begins this early is the one before the turn."""
_ROUNDING_S: Final = 1e-6
_TOLERANCE_S: Final = 0.5
"""How far after the end of the audio its last silence may begin: lengths are rounded, and trimmed."""

_EXPECTED: Final = 'a row is {"audio": "a.wav", "silence_spans": [{"start": 1.2, "end": 1.5}, ...], "language": "en"}'


class BenchRow(msgspec.Struct, frozen=True):
    """A user turn. Times are seconds of its audio."""

    name: str
    """Its `id`, else the name of its audio file."""
    audio: Path
    language: str
    """As the row has it: `en`."""
    turn: Label
    """The labelled turn, with its pauses, and its words where the row has some."""

    @property
    def spans(self) -> list[LabelledSpan]:
        """Its reference speech."""
        return spans_of([self.turn])


class _Span(msgspec.Struct):
    start: float
    end: float


class _Spans(msgspec.Struct):
    """Columns instead of rows: so the datasets library writes lists of objects."""

    start: list[float]
    end: list[float]


class _Audio(msgspec.Struct):
    path: str | None = None


class _Word(msgspec.Struct):
    word: str | None = None
    text: str | None = None


class _Row(msgspec.Struct):
    language: str
    silence_spans: list[_Span] | _Spans
    audio: str | _Audio | None = None
    file_name: str | None = None
    id: str | int | None = None
    words: list[str | _Word] | None = None


def is_bench(path: Path) -> bool:
    """Return whether a path leads to rows: a JSONL file, or a folder with one."""
    try:
        if path.is_dir():
            return any(path.glob(f"*{_ENDING}"))
        return path.suffix.lower() == _ENDING and path.is_file()
    except OSError:  # its name is too long, or nobody may look
        return False


def read_bench(path: Path) -> list[BenchRow]:
    """Read all rows.

    Args:
        path: a folder with `metadata.jsonl`, or with one other JSONL file; or that file. Rows name audio from there.

    Raises:
        InputError: there is no such file, or several; or a row is damaged, has no turn, or its audio cannot be read.
    """
    rows = list(_rows(_rows_file(path)))
    if not rows:
        raise InputError(f"{path}: has no rows; {_EXPECTED}")
    return rows


def _rows_file(path: Path) -> Path:
    if not path.is_dir():
        return path
    if (usual := path / METADATA).is_file():
        return usual
    found = sorted(path.glob(f"*{_ENDING}"))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(each.name for each in found)
        raise InputError(f"{path}: unclear which of {names} has the rows: give that file, or name it {METADATA}")
    raise InputError(f"{path}: has no {METADATA} with rows of eot-bench; write one line for each audio file")


def _rows(path: Path) -> Iterator[BenchRow]:
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise InputError(f"{path}: the rows cannot be read ({error.strerror}); check the path") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _row(msgspec.json.decode(line, type=_Row), path.parent)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise InputError(f"{path}: line {number} is no row of eot-bench ({error}); {_EXPECTED}") from error
            except (FormatError, InputError) as error:
                raise InputError(f"{path}: line {number}: {error}") from error


def _row(row: _Row, folder: Path) -> BenchRow:
    begins, silences = _silences(row.silence_spans)
    *inside, last = silences
    pauses = tuple((each.start, each.end) for each in inside if each.end - each.start >= SHORTEST_S - _ROUNDING_S)
    audio = _audio_path(row, folder)
    length = _length(audio)
    if last.start > length + _TOLERANCE_S:
        raise FormatError(
            f"its last silence begins at {last.start:g} s, but {audio.name} is only {length:.2f} s long; "
            "give the audio that belongs to the row"
        )
    turn = Label(_text(row), begins, last.start, pauses)
    return BenchRow(audio.stem if row.id is None else str(row.id), audio, row.language, turn)


def _silences(spans: list[_Span] | _Spans) -> tuple[float, list[_Span]]:
    """Return where the turn begins, and its silences: pauses in it, and the one after it."""
    if isinstance(spans, _Spans):
        if len(spans.start) != len(spans.end):
            raise FormatError("silence_spans has not as many starts as ends; give both for each")
        spans = [_Span(*each) for each in zip(spans.start, spans.end, strict=True)]
    for each in spans:
        if not 0 <= each.start < each.end < inf:
            raise FormatError(f"a silence from {each.start:g} s to {each.end:g} s has no valid duration; fix it")
    for one, other in pairwise(spans):
        if other.start < one.end:
            raise FormatError(
                f"the silence from {other.start:g} s begins before the one from {one.start:g} s has ended; "
                "list them in order, the end of the turn last"
            )
    begins = 0.0
    if spans and spans[0].start <= _BEGINNING_S:
        begins, spans = spans[0].end, spans[1:]
    if not spans or begins >= spans[-1].start:
        raise FormatError("silence_spans has no silence after the turn: its last one is where the turn ends; add it")
    return begins, spans


def _audio_path(row: _Row, folder: Path) -> Path:
    named = row.audio.path if isinstance(row.audio, _Audio) else row.audio
    named = named or row.file_name
    if not named:
        raise FormatError('it names no audio file; give "audio", the path of a WAV or FLAC file')
    path = folder / named
    if not path.is_file() and (beside := folder / path.name).is_file():  # a path of the machine that wrote the row
        return beside
    return path


def _length(audio: Path) -> float:
    """Return the length of an audio file, seconds; infinite where its header does not tell.

    Raises:
        InputError: it cannot be read.
    """
    opened = open_audio_file(audio)
    try:
        return opened.format.seconds(opened.samples) if opened.samples else inf
    finally:
        opened.close()


def _text(row: _Row) -> str:
    words = (word if isinstance(word, str) else word.word or word.text or "" for word in row.words or ())
    return " ".join(filter(None, (word.strip() for word in words)))
