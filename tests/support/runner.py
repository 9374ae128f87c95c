"""What GitHub's runner takes for a command in a line of output, by the rules of its source (`ActionCommand`)."""

from typing import Final, NamedTuple

COMMANDS: Final = {
    "error", "warning", "notice", "add-mask", "stop-commands", "group", "endgroup", "debug", "set-output", "set-env",
    "save-state", "add-path", "add-matcher", "remove-matcher", "echo",
}  # fmt: skip


class Command(NamedTuple):
    """A command as the runner reads it."""

    name: str
    properties: dict[str, str]
    data: str


def workflow_command(line: str) -> Command | None:
    """Return the command in a line; None where the runner finds none."""
    return _present_form(line) or _former_form(line)


def _present_form(line: str) -> Command | None:
    line = line.lstrip()
    info, end, data = line.removeprefix("::").partition("::")
    name, _, properties = info.partition(" ")
    if not line.startswith("::") or not end or name not in COMMANDS:
        return None
    pairs = (each.partition("=") for each in properties.strip().split(",") if each)
    return Command(name, {key: _unescaped(value, "%3A:", "%2C,") for key, _, value in pairs}, _unescaped(data))


def _former_form(line: str) -> Command | None:
    _, begin, rest = line.partition("##[")
    info, end, data = rest.partition("]")
    name = info.partition(" ")[0]
    return Command(name, {}, data) if begin and end and name in COMMANDS else None


def _unescaped(text: str, *more: str) -> str:
    for each in ("%0D\r", "%0A\n", *more, "%25%"):
        text = text.replace(each[:3], each[3:])
    return text
