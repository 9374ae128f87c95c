import os

from tests.support.metrics_page import PAGE, with_tables


def test_the_page_about_metrics_says_what_the_registries_say():
    """After a wanted change of metrics: UPDATE_SNAPSHOTS=1 pytest tests/docs/test_metrics_page.py, and see the diff."""
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_SNAPSHOTS"):
        text = with_tables(text)
        PAGE.write_text(text, encoding="utf-8")
    assert text == with_tables(text)
    assert "| `eot_latency` |" in text
