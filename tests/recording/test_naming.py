"""What is said of names that cannot be given."""

import shutil
from pathlib import Path

import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.recording.finding import DEMO_FOLDER
from stt_monitor.recording.naming import check_free, checked_name


def test_deleting_is_advised_only_where_it_would_be_done(tmp_path: Path) -> None:
    shutil.copytree(DEMO_FOLDER, tmp_path / "session")
    (tmp_path / "notes").mkdir()
    with pytest.raises(InputError, match=f"recordings rm {tmp_path}/session$"):
        check_free("session", tmp_path)
    with pytest.raises(InputError, match=r"notes exists already: give another name$"):
        check_free("notes", tmp_path)


def test_names_may_be_of_any_script() -> None:
    for name in ("हिन्दी", "ไทย", "עברית", "日本語", "e\u0301te"):
        assert checked_name(name)
    for name in ("a b", "😀", "-a", "\u0301", "a/b", "a\u202eb", "a\x1b", ""):
        with pytest.raises(InputError, match="cannot be a name"):
            checked_name(name)


def test_the_length_of_a_name_counts_in_bytes() -> None:
    assert checked_name("é" * 60)
    with pytest.raises(InputError, match="120 bytes at most"):
        checked_name("é" * 61)
