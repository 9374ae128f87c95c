"""No output takes the place of what saved sessions and sweeps are made of."""

from pathlib import Path

import pytest
from tests.support.kept import keep, keep_beside

from stt_monitor.core.errors import InputError
from stt_monitor.headless.output_file import check_output_file


@pytest.mark.parametrize(
    ("file", "whose"),
    [
        ("alone/manifest.json", "saved session"),
        ("alone/events.jsonl", "saved session"),
        ("beside/group.json", "saved session"),
        ("beside/flux/manifest.json", "saved session"),
        ("tried/sweep.json", "sweep"),
        ("tried/cells.jsonl", "sweep"),
        ("link.json", "sweep"),
    ],
)
def test_what_is_ours_is_not_overwritten(tmp_path: Path, file: str, whose: str):
    keep(tmp_path / "alone")
    keep_beside(tmp_path / "beside")
    (tmp_path / "tried").mkdir()
    (tmp_path / "tried/sweep.json").write_text("{}")
    (tmp_path / "tried/cells.jsonl").write_text("{}\n")
    (tmp_path / "link.json").symlink_to(tmp_path / "tried/sweep.json")
    before = (tmp_path / file).read_bytes()
    with pytest.raises(InputError, match=f"{file}: is part of a {whose}: it is not overwritten; give another"):
        check_output_file(tmp_path / file)
    assert (tmp_path / file).read_bytes() == before


@pytest.mark.parametrize(
    "file", ["alone/report.json", "manifest.json", "sweep.json", "alone/group.json", "result/sweep.json"]
)
def test_other_files_are_the_users(tmp_path: Path, file: str):
    keep(tmp_path / "alone")
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "result").mkdir()
    (tmp_path / "result/sweep.json").write_text("{}")
    check_output_file(tmp_path / file)
