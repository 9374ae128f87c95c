"""The README is short, and what left it is on a page; its moving picture moves by itself."""

import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

from packaging.requirements import Requirement

from stt_monitor.cli.commands import COMMANDS
from stt_monitor.cli.options.arguments import monitor_parser

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS_PAGE = (ROOT / "tui" / "docs" / "commands.md").read_text(encoding="utf-8")
MOST_LINES = 120
MOST_BYTES = 400_000
SVG = "{http://www.w3.org/2000/svg}"


def test_the_readme_is_read_in_minutes_and_begins_with_a_picture_that_moves():
    assert len(README.splitlines()) <= MOST_LINES
    first = re.search(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert first is not None
    path = ROOT / first[1]
    assert path.stat().st_size < MOST_BYTES
    picture = ET.fromstring(path.read_text(encoding="utf-8"))
    assert not list(picture.iter(f"{SVG}script")), "code hosts show no picture with a script"
    moves = list(picture.iter(f"{SVG}animate"))
    assert len(moves) > 100
    assert {one.get("repeatCount") for one in moves} == {"indefinite"}
    assert "href" not in {name for one in picture.iter() for name in one.attrib}, "nothing is loaded"


def test_the_page_of_commands_has_every_command_and_every_option():
    listed = COMMANDS_PAGE.partition("## 2.")[0]
    assert [name for name in COMMANDS if " " not in name and f"| `{name}" not in listed] == []
    options = {option for action in monitor_parser()._actions for option in action.option_strings}
    long = {option for option in options if option.startswith("--")} - {"--help", "--version"}
    assert (
        sorted(option for option in long if f"`{option}" not in COMMANDS_PAGE and f" {option}" not in COMMANDS_PAGE)
        == []
    )


def test_where_the_recogniser_is_refused_everything_else_is_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {Requirement(line).name for line in project["dependencies"]} - {"moonshine-voice"}
    page = (ROOT / "tui" / "docs" / "server.md").read_text(encoding="utf-8")
    line = re.search(r"--no-deps \. && pip install ((?:[\w-]+|[\\\s])+?)\n\n", page)
    assert line is not None
    assert set(line[1].replace("\\", " ").split()) == needed
