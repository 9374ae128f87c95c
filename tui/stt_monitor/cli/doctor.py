"""`stt-monitor doctor`: check your setup and suggest fixes."""

import os
from collections.abc import Sequence

from stt_monitor.cli.arguments import Parser, utf8_text
from stt_monitor.cli.monitor import choose_service
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.key import read_key
from stt_monitor.core.text.sanitize import printable
from stt_monitor.services import registry
from stt_monitor.system.streams import write_lines


def doctor(arguments: Sequence[str]) -> int:
    """Print the result of each check; return an exit code."""
    spoken = registry.service()
    key = read_key(os.environ, spoken.key_variable)
    parser = Parser(prog="stt-monitor doctor", description="Check your setup and suggest fixes.")
    parser.add_argument(
        "--url", type=utf8_text, metavar="URL", help="service to check (default: the vendor's when a key is set)"
    )
    options = parser.parse_args(arguments)
    from stt_monitor.audio.stderr_guard import redirect_stderr
    from stt_monitor.server.child import LocalServerProcess
    from stt_monitor.session.factory import service_address
    from stt_monitor.session.health_check import Grade, examine  # loads numpy and websockets

    service = service_address(choose_service(options.url, key), key, spoken)
    grades = set()
    # PortAudio and ALSA write to file descriptor 2.
    with redirect_stderr(), LocalServerProcess() as server:
        for finding in examine(server.start, service, key_is_set=key is not None):
            write_lines([f"{finding.grade.value} {finding.subject:<22}{printable(finding.sentence)}"])
            grades.add(finding.grade)
    return ServiceUnavailableError.exit_code if Grade.BAD in grades else 0
