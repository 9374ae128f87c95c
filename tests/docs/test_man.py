"""The manual, which the wheel has beside the program."""

import os

from tests.tools.make_man import FOLDER, pages


def test_the_manual_says_what_the_parsers_say():
    """After a change of options: UPDATE_SNAPSHOTS=1 pytest tests/docs/test_man.py, and see the diff."""
    made = dict(pages())
    if os.environ.get("UPDATE_SNAPSHOTS"):
        for path in FOLDER.glob("*.1"):
            path.unlink()
        for name, page in made.items():
            (FOLDER / name).write_text(page, encoding="utf-8")
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.1")}
    assert {name: page.split() for name, page in kept.items()} == {name: page.split() for name, page in made.items()}
    assert "\\-\\-end\\-threshold" in kept["stt-monitor.1"]
