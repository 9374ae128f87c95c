"""`stt-monitor devices`: list microphones, or show the level of one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stt_monitor.cli.options.arguments import Parser
from stt_monitor.core.errors import InputError
from stt_monitor.core.text.sanitize import printable
from stt_monitor.core.text.wording import plural
from stt_monitor.system.streams import diagnose, write_lines

if TYPE_CHECKING:
    from stt_monitor.audio.devices.inputs import InputDevice


def devices(arguments: Sequence[str]) -> int:
    """List the microphones, or show the level of one; return an exit code."""
    options = devices_parser().parse_args(arguments)
    if options.test:
        return _test(options.device)
    if options.device is not None:
        raise InputError("--device chooses the microphone to test: give --test too")
    from stt_monitor.audio.devices.inputs import probe_input_devices

    found = probe_input_devices()
    if not found:
        diagnose("no microphone found; connect one")
    write_lines(map(_line, found))
    return 0


def devices_parser() -> Parser:
    """Return the parser of `stt-monitor devices`."""
    parser = Parser(prog="stt-monitor devices", description="List microphones; * marks the default.")
    parser.add_argument("--test", action="store_true", help="show the live level of a microphone instead")
    parser.add_argument("--device", metavar="NAME|N", help="microphone to test: number, name, or part of a name")
    return parser


def _line(device: "InputDevice") -> str:
    mark = "*" if device.default else " "
    what = f"{plural(device.channels, 'channel')}, {device.rate} Hz, {device.api}"
    return f"{mark} {device.number:>3}  {printable(device.name)}  ({printable(what)})"


def _test(wanted: str | None) -> int:
    from stt_monitor.audio.devices.microphone import open_microphone  # loads numpy and PortAudio
    from stt_monitor.audio.devices.stderr_guard import redirect_stderr
    from stt_monitor.headless.level_meter import show_level

    with redirect_stderr():
        show_level(open_microphone(wanted))
    return 0
