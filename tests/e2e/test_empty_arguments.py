"""An empty argument is refused by every command, for usually it is an unset variable."""

import pytest

from stt_monitor.cli.commands import COMMANDS, DEFAULT, Command


@pytest.mark.parametrize("command", [DEFAULT, *COMMANDS.values()], ids=lambda command: command.name or "monitor")
def test_an_empty_argument_is_none(command: Command, capsys: pytest.CaptureFixture[str]):
    parser = command.parser()
    actions = [action for action in parser.arguments if action.nargs != 0]
    needed = [str(next(iter(a.choices or "x"))) for a in actions if not a.option_strings and a.nargs not in ("?", "*")]
    for option in (action.option_strings[-1] for action in actions if action.option_strings):
        with pytest.raises(SystemExit) as ended:
            parser.parse_args([*needed, f"{option}="])
        assert (ended.value.code, option in capsys.readouterr().err) == (2, True), option
