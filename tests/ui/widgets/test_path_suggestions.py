from pathlib import Path

import pytest

from stt_monitor.ui.widgets.path_suggestions import find_recordings


def test_a_path_may_be_quoted_dragged_or_under_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "My talk.wav").touch()
    for typed in (
        f"'{tmp_path}/My t",
        f'"{tmp_path}/My talk.wav"',
        f"file://{tmp_path}/My%20t",
        "~/My",
        rf"{tmp_path}/My\ t",
    ):
        found, more = find_recordings(typed)
        assert ([one.name for one in found], more) == (["My talk.wav"], 0), typed
    assert find_recordings("~nobody-of-this-name/") == ([], 0)
