from pathlib import Path

import pytest

from stt_monitor.system.error_log import log_error


def fail() -> None:
    try:
        int("sk_car_" + "hush")
    except ValueError as error:
        raise RuntimeError("sk_car_" + "hush") from error


def test_what_went_wrong_is_written_down_without_what_it_was_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(RuntimeError) as caught:
        fail()
    path = log_error(ExceptionGroup("sk_car_hush", [caught.value]))
    assert path is not None
    written = path.read_text()
    assert "sk_car_hush" not in written
    for told in ("builtins.ValueError", "builtins.RuntimeError", "builtins.ExceptionGroup", "in fail", "Then:"):
        assert told in written
