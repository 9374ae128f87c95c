"""Makes the pages of the manual from the parsers of all commands; tests/docs/test_man.py keeps them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from argparse_manpage.manpage import Manpage

from stt_monitor.cli.commands import COMMANDS, DEFAULT

FOLDER: Final = Path(__file__).parents[2] / "tui" / "docs" / "man"


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name of each page's file, and the page."""
    os.environ["COLUMNS"] = "100"  # argparse wraps its texts
    for command in (DEFAULT, *COMMANDS.values()):
        name = "-".join(("stt-monitor", *command.name.split()))
        parser = command.parser()
        _head, _, body = str(Manpage(parser)).replace(".SH COMMENTS", ".SH NOTES").partition(".SH SYNOPSIS\n")
        title = f'.TH {name.upper()} 1 "" stt\\-monitor "User Commands"\n.ad l\n'
        summary = f".SH NAME\n{name} \\- {(parser.description or '').partition('. ')[0].rstrip('.')}\n"
        yield f"{name}.1", f"{title}{summary}.SH SYNOPSIS\n{body}"
