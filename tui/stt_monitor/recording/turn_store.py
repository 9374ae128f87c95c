"""Finished turns on disk, for consumers that read all of them: memory holds a few, however long the session."""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO, Final, NamedTuple, overload
from weakref import finalize

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.settings.requested import decode_hook

BLOCK: Final = 64
"""Turns per write and per read. A shorter session never touches the disk."""


class _Span(NamedTuple):
    """Where a block lies in the file, in bytes."""

    start: int
    size: int


class TurnStore(Sequence[FinishedTurn]):
    """Sequence of finished turns in an unnamed temporary file, which goes with this object.

    Methods raise InputError when the disk fails.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._spans: list[_Span] = []
        self._newest: list[FinishedTurn] = []
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[FinishedTurn], dec_hook=decode_hook)

    def append(self, finished: FinishedTurn) -> None:
        """Add a turn."""
        self._newest.append(finished)
        if len(self._newest) == BLOCK:
            self._write(self._encoder.encode(self._newest))
            self._newest = []

    def __len__(self) -> int:
        return BLOCK * len(self._spans) + len(self._newest)

    def __iter__(self) -> Iterator[FinishedTurn]:
        return chain(chain.from_iterable(map(self._read, self._spans)), self._newest)

    @overload
    def __getitem__(self, index: int) -> FinishedTurn: ...
    @overload
    def __getitem__(self, index: slice) -> list[FinishedTurn]: ...
    def __getitem__(self, index: int | slice) -> FinishedTurn | list[FinishedTurn]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        block, place = divmod(range(len(self))[index], BLOCK)
        return self._newest[place] if block == len(self._spans) else self._read(self._spans[block])[place]

    def _write(self, data: bytes) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  see the next line
                finalize(self, self._file.close)
            start = sum(self._spans[-1]) if self._spans else 0
            self._file.seek(start)
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise _disk_failed(error) from error
        self._spans.append(_Span(start, len(data)))

    def _read(self, span: _Span) -> list[FinishedTurn]:
        assert self._file is not None, "a block with a span was written"
        try:
            self._file.seek(span.start)
            return self._decoder.decode(self._file.read(span.size))
        except OSError as error:
            raise _disk_failed(error) from error


def _disk_failed(error: OSError) -> InputError:
    return InputError(
        f"{tempfile.gettempdir()}: cannot store the turns of a long session there ({error.strerror}); "
        "free some space, or set TMPDIR to another directory"
    )
