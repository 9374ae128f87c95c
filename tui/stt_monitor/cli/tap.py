"""`stt-monitor tap`: forward the calls of a running agent, and say what becomes of them."""

from collections.abc import Sequence
from typing import Final

from stt_monitor.cli.listening import LOOPBACK, add_allowed_hosts, host_and_port
from stt_monitor.cli.options.arguments import Parser
from stt_monitor.services import registry
from stt_monitor.system.hosts import is_loopback
from stt_monitor.system.streams import diagnose
from stt_monitor.tap.settings import DEFAULT_PORT, TapSettings

_OPEN: Final = "others can reach this address, and keys travel to it unencrypted"
"""Warning for when other machines can reach the tap."""


def tap(arguments: Sequence[str]) -> int:
    """Forward calls until a signal ends it; returns an exit code.

    Raises:
        UserError: the address cannot be listened on, or `--to` is no URL.
    """
    options = _parser().parse_args(arguments)
    host, port = options.listen
    settings = TapSettings(host, port, options.to, options.service, tuple(options.allow_host))
    from stt_monitor.headless.tap import run_tap  # not for --help

    if not is_loopback(host):
        diagnose(_OPEN)
    return run_tap(settings, json=options.json)


def _parser() -> Parser:
    parser = Parser(
        prog="stt-monitor tap",
        description="Forward the calls of a running agent to its service, unchanged, and say what becomes of them.",
        epilog="Point the base URL of the agent's SDK at the address that is printed; its key goes to the service.",
    )
    parser.add_argument(
        "--listen",
        type=host_and_port,
        default=(LOOPBACK, DEFAULT_PORT),
        metavar="HOST:PORT",
        help=f"address to listen on (default: {LOOPBACK}:{DEFAULT_PORT}, this machine only); port 0 picks a free one",
    )
    parser.add_argument(
        "--to", default="", metavar="URL", help="base URL to forward to (default: the vendor's, by path or --service)"
    )
    parser.add_argument(
        "--service",
        choices=registry.NAMES,
        default="",
        metavar="NAME",
        help=f"service of all requests: {', '.join(registry.NAMES)} (default: told by the path)",
    )
    add_allowed_hosts(parser, "agents")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="plain text (the default)")
    form.add_argument("--json", action="store_true", help="JSON lines")
    return parser
