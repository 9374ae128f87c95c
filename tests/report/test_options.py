"""Options of `report` that not every format takes."""

from pathlib import Path

import pytest
from tests.report.test_other_forms import cells
from tests.support.kept import keep

from stt_monitor.cli.main import main


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--redact", "--with-audio", "--format", "html"), "--redact leaves the audio out"),
        (("--sort", "eot", "--format", "csv"), "--sort: csv has the turns in order"),
        (("--title", "x", "--format", "csv"), "--title: a table has no title"),
    ],
)
def test_what_a_report_cannot_do_is_told_before_it_reads_anything(
    options: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    page = tmp_path / "a.out"
    assert main(["report", "demo", "-o", str(page), *options]) == 2
    assert said in capsys.readouterr().err
    assert not page.exists()


def test_an_empty_title_is_bad_usage(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        main(["report", "demo", "--title", " \t"])
    assert "an empty title" in capsys.readouterr().err


def test_a_title_an_order_and_no_words(tmp_path: Path):
    folder, page = keep(tmp_path / "telling", texts=("Hello.", "There.", "You.")), tmp_path / "a.md"
    assert main(["report", folder, "-o", str(page), "--redact", "--title", "Week 48", "--sort", "eot"]) == 0
    text = page.read_text("utf-8")
    assert text.startswith("# Week 48\n")
    assert "telling" not in text
    assert "Hello" not in text
    assert len([row for row in cells(text) if row[0] in ("1", "2", "3")]) == 3
