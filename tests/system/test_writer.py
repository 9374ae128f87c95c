"""Files that the user names are written whole, and nothing is overwritten that is no text."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from stt_monitor.core.errors import InputError
from stt_monitor.system.writer import check_writable


@pytest.mark.parametrize("name", ["talk.wav", "talk.flac", "talk.ogg", "talk.mp3"])
def test_a_recording_is_not_overwritten_by_a_slip(name: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / name, np.sin(np.arange(8000) / 9) / 2, 8000)
    (tmp_path / "report.html").symlink_to(name)
    before = (tmp_path / name).read_bytes()
    for path in (tmp_path / name, tmp_path / "report.html"):
        with pytest.raises(InputError, match="no text file: it is not overwritten; give another"):
            check_writable(path)
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize("before", [None, "", "<html>an older report: é</html>"])
def test_text_is(before: str | None, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    if before is not None:
        path.write_text(before, "utf-8")
    check_writable(path)
    assert (path.read_text("utf-8") if path.exists() else None) == before
