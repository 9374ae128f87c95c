"""`stt-monitor doctor`: check your setup and suggest fixes."""

from collections.abc import Sequence

from stt_monitor.cli.options.arguments import Parser
from stt_monitor.cli.options.service_options import (
    add_address,
    add_service_choice,
    choose_connection,
    chosen_service,
    keys_of,
    without_key,
)
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.text.sanitize import printable
from stt_monitor.system.streams import write_lines


def doctor(arguments: Sequence[str]) -> int:
    """Print the result of each check; return an exit code."""
    options = doctor_parser().parse_args(arguments)
    spoken = chosen_service(options)
    keys = keys_of(spoken)
    needs_key = bool(options.service) and not (keys.own or options.url or options.local)
    from stt_monitor.audio.devices.stderr_guard import redirect_stderr
    from stt_monitor.server.child import LocalServerProcess
    from stt_monitor.session.check.findings import Grade
    from stt_monitor.session.check.health_check import examine  # loads numpy and websockets
    from stt_monitor.session.service_setup import service_address

    service = None
    if not needs_key:
        service = service_address(choose_connection(options, spoken, [spoken], keys.own), keys, spoken)
    grades = set()
    # PortAudio and ALSA write to file descriptor 2.
    with redirect_stderr(), LocalServerProcess() as server:
        for finding in examine(
            server.start, service, spoken, keys, without_key=without_key(spoken) if needs_key else ""
        ):
            write_lines([f"{finding.grade.value} {finding.subject:<22}{printable(finding.sentence)}"])
            grades.add(finding.grade)
    return ServiceUnavailableError.exit_code if Grade.BAD in grades else 0


def doctor_parser() -> Parser:
    """Return the parser of `stt-monitor doctor`."""
    parser = Parser(prog="stt-monitor doctor", description="Check your setup and suggest fixes.")
    add_service_choice(parser)
    add_address(
        parser,
        url="service to check (default: the vendor's when a key is set)",
        local="check the local server alone, even when a key is set",
    )
    return parser
