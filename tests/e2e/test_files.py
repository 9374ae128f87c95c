"""Files that the user has named: whole or as before."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.system.writer import write_text


def test_a_file_is_replaced_in_one_step_and_keeps_its_mode(tmp_path: Path):
    file = tmp_path / "out.txt"
    write_text(file, ["before"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~_umask()
    file.chmod(0o640)

    def pieces() -> Iterator[str]:
        yield "af"
        assert file.read_text() == "before"
        yield "ter \ud800"

    write_text(file, pieces())
    assert file.read_text() == "after ?"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("before", ["before", None])
def test_what_fails_midway_leaves_everything_as_it_was(tmp_path: Path, before: str | None):
    file = tmp_path / "out.txt"
    if before is not None:
        file.write_text(before)

    def pieces() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_text(file, pieces())
    assert [path.read_text() for path in tmp_path.iterdir()] == ([] if before is None else [before])


def test_links_pipes_and_other_names_of_a_file_stay_what_they_are(tmp_path: Path):
    real, link, other, fifo = (tmp_path / name for name in ("real", "link", "other", "fifo"))
    real.write_text("before")
    link.symlink_to(real)
    write_text(link, ["after"])
    assert (link.is_symlink(), real.read_text()) == (True, "after")
    other.hardlink_to(real)
    write_text(other, ["later"])
    assert real.read_text() == "later"
    os.mkfifo(fifo)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_text()))
    reader.start()
    write_text(fifo, ["through"])
    reader.join()
    assert (got, fifo.is_fifo()) == (["through"], True)


def test_a_full_disk_is_a_sentence():
    with pytest.raises(InputError, match=r"/dev/full: cannot write this file \(No space left"):
        write_text(Path("/dev/full"), ["x"])


def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path):
    write_text(tmp_path / ("x" * 255), ["x"])
    assert (tmp_path / ("x" * 255)).read_text() == "x"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
