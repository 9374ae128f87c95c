import os

from tests.support.json_page import PAGE, page


def test_the_page_about_json_lines_says_what_the_types_say():
    """After a wanted change of records: UPDATE_SNAPSHOTS=1 pytest tests/docs/test_json_page.py, and see the diff."""
    if os.environ.get("UPDATE_SNAPSHOTS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
