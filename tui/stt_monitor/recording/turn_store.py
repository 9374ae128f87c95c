"""The turns of a session on the disk, for those who look at all of them: memory has a few, however many there are."""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO, Final, NamedTuple, overload
from weakref import finalize

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.settings import decode_hook
from stt_monitor.core.snapshot import FinishedTurn

BLOCK: Final = 64
"""Turns that are written, and read again, at once. A session that has no more never touches the disk."""


class _Place(NamedTuple):
    """Where a block is in the file, in bytes."""

    start: int
    size: int


class TurnStore(Sequence[FinishedTurn]):
    """Turns that are over, in order: appended one by one, read again as often as wanted.

    They are in a temporary file without a name, which is gone with this object. Methods raise InputError when the disk
    does not take them.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._places: list[_Place] = []
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
        return BLOCK * len(self._places) + len(self._newest)

    def __iter__(self) -> Iterator[FinishedTurn]:
        return chain(chain.from_iterable(map(self._read, self._places)), self._newest)

    @overload
    def __getitem__(self, index: int) -> FinishedTurn: ...
    @overload
    def __getitem__(self, index: slice) -> list[FinishedTurn]: ...
    def __getitem__(self, index: int | slice) -> FinishedTurn | list[FinishedTurn]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        block, place = divmod(range(len(self))[index], BLOCK)
        return self._newest[place] if block == len(self._places) else self._read(self._places[block])[place]

    def _write(self, data: bytes) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  see the next line
                finalize(self, self._file.close)
            start = sum(self._places[-1]) if self._places else 0
            self._file.seek(start)
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise _refused(error) from error
        self._places.append(_Place(start, len(data)))

    def _read(self, place: _Place) -> list[FinishedTurn]:
        assert self._file is not None, "what has a place was written"
        try:
            self._file.seek(place.start)
            return self._decoder.decode(self._file.read(place.size))
        except OSError as error:
            raise _refused(error) from error


def _refused(error: OSError) -> InputError:
    return InputError(
        f"{tempfile.gettempdir()}: the turns of a long session cannot be put there for a while ({error.strerror}); "
        "make room, or name another directory with TMPDIR"
    )
