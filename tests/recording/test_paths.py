"""Where sessions are saved: what cannot be written to is said before anything begins."""

from pathlib import Path

import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.recording.paths import prepare_directory


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "stt-monitor"


def test_the_default_directory_is_made_by_the_first_session_alone(data: Path) -> None:
    assert prepare_directory(None) == data / "recordings"
    assert not data.exists()


def test_a_default_directory_that_cannot_be_is_refused(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.write_text("a file where the folder should be")
    with pytest.raises(InputError, match=rf"recordings \({data} is a file\): give --record DIR or --no-record$"):
        prepare_directory(None)
    with pytest.raises(InputError, match=r"give --record DIR$"):
        prepare_directory(None, otherwise="--record DIR")
    data.unlink()
    data.mkdir()
    (data / "recordings").symlink_to("nowhere")
    with pytest.raises(InputError, match="is a link that leads nowhere"):
        prepare_directory(None)
    monkeypatch.setenv("XDG_DATA_HOME", str(data / ("x" * 300)))
    with pytest.raises(InputError, match="File name too long"):
        prepare_directory(None)
