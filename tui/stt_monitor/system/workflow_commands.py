"""GitHub Actions carries out commands that it finds in the output of a step: `::error …`, and `##[error]…` anywhere.

So transcripts and messages of a service, which anybody may have said, are disarmed there.
"""

import os
import re
from typing import Final

_AT_THE_BEGINNING: Final = r"\W*"
_FORMER: Final = "##["
"""Begins a command of the older form, wherever in a line it stands."""
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def in_actions() -> bool:
    """Return whether a step of GitHub Actions runs this program."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def command(name: str, title: str, message: str) -> str:
    """Return a command that shows a message, of one line or several, at the run: `error` or `warning`."""
    return f"::{name} title={_replaced(title, _PROPERTY)}::{_replaced(message, _DATA)}"


def disarmed(line: str) -> str:
    """Return a line with a space in whatever would be a command."""
    line = line.replace(_FORMER, "## [")
    if "::" not in line:
        return line
    found = re.match(_AT_THE_BEGINNING, line)
    start = found[0] if found else ""
    return re.sub(":(?=:)", ": ", start) + line[len(start) :]


def disarmed_json(line: str) -> str:
    """Return a line of JSON without commands; its value stays the same."""
    return line.replace(_FORMER, r"\u0023#[")


def _replaced(text: str, characters: dict[str, str]) -> str:
    return "".join(characters.get(each, each) for each in text)
