"""`stt-monitor sweep`: measure many settings over the same recordings, and recommend one."""

import argparse
import os
import re
import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stt_monitor.cli.asking import ask
from stt_monitor.cli.options.arguments import Parser, whole_number
from stt_monitor.cli.options.chosen_services import ChosenService
from stt_monitor.cli.options.service_options import add_address, add_model, add_service_choice
from stt_monitor.cli.output import check_output, command_parser, write_output
from stt_monitor.cli.screen.launch import can_show_screen, ensure_keyboard, run_sweep_screen
from stt_monitor.cli.sweep.judged_again import judged_again
from stt_monitor.cli.sweep.plan import DEFAULT_CHUNK_MS, chosen_service, make_plan, plan_to_go_on_with, take_sample
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import LocalService
from stt_monitor.core.sweep.result import SweepResult, Verdict
from stt_monitor.core.text.moments import duration
from stt_monitor.core.text.wording import listed, plural
from stt_monitor.recording.naming import MOST_BYTES
from stt_monitor.recording.paths import prepare_directory, user_path
from stt_monitor.system.streams import diagnose

if TYPE_CHECKING:
    from stt_monitor.core.sweep.grid import Cell
    from stt_monitor.headless.sweep import Told
    from stt_monitor.sweep.folder import SweepFolder
    from stt_monitor.sweep.plan import SweepPlan
    from stt_monitor.sweep.runner import Listener, SweepRunner

_DESCRIPTION: Final = "Measure many settings over the same recordings, and recommend one."
_EPILOG: Final = """\
A sweep runs a session for each combination of settings, recording, --degrade and repetition: in real time, -j at once.
All are saved in one folder; give that folder to resume a sweep that was stopped or killed.

examples:
  stt-monitor sweep calls/*.wav --set end_threshold=0.1..0.5/0.1 --budget 5%
  stt-monitor sweep call.wav --set end_threshold=0.2,0.3 --degrade phone --degrade phone+noise:10 -o report.html
  stt-monitor sweep FOLDER
  stt-monitor sweep --from last --set end_threshold=0.3..0.5/0.05
"""
DEFAULT_AT_ONCE: Final = 8
_MOST_AT_ONCE: Final = 500
_ENDINGS: Final = ("html", "md", "json", "csv")
_BUDGETS: Final = (0.01, 99)
"""Least and greatest budget, per cent."""
_CANNOT_TELL: Final = 4


def sweep(arguments: Sequence[str]) -> int:
    """Run a sweep, or what is left of one; return an exit code."""
    options = sweep_parser().parse_args(arguments)
    if options.output is not None:
        _format(options)
        check_output(options)
    if options.sessions:
        return _tell(judged_again(options), 0.0, options)
    if not options.audio:
        take_sample(options)
    from stt_monitor.sweep.folder import SweepFolder, is_sweep  # loads numpy
    from stt_monitor.sweep.results import result_of

    saved = plan_to_go_on_with(options)
    chosen = chosen_service(options, saved)
    if saved is not None:
        path, plan = user_path(options.audio[0]), None
    else:
        path, plan = _new_folder(options), make_plan(options, chosen)
        if not is_sweep(path):
            _ask(plan, plan.cells, chosen, options)  # before there is a folder
            options.yes = True
    with SweepFolder.open(path, plan) as folder:
        left = [cell for number, cell in enumerate(folder.cells) if not folder.counts(number)]
        seconds = 0.0
        on_screen = not (options.plain or options.json) and can_show_screen()
        if left:
            _ask(folder.plan, left, chosen, options)
            diagnose(f"sweep of {_size(folder.plan, left, options.at_once)}, saved in {path}")
        if left or on_screen:
            end, seconds = _run(folder, chosen, options, on_screen=on_screen)
            if end.sentence:
                diagnose(end.sentence)
            if end.sentence or end.stopped or end.exit_code:
                diagnose(f"to go on: stt-monitor sweep {shlex.quote(str(path))}")
                return end.exit_code
        return _tell(result_of(folder, options.budget), seconds, options)


def sweep_parser() -> Parser:
    """Return the parser of `stt-monitor sweep`."""
    parser = command_parser("sweep", _DESCRIPTION, _EPILOG)
    parser.add_argument(
        "audio",
        nargs="*",
        metavar="AUDIO",
        help="audio files; a folder with eot-bench rows; or the folder of a sweep, to resume it; default: the "
        "bundled sample, which is labelled",
    )
    parser.add_argument(
        "--from",
        dest="sessions",
        nargs="+",
        default=[],
        metavar="SESSION",
        help="run no session: recompute saved ones from their recorded likelihood; cannot tell later ends",
    )
    audio = parser.add_argument_group("audio")
    audio.add_argument("--labels", metavar="FILE", help="true turns and pauses: JSON, or as for a session")
    audio.add_argument("--channel", default="mix", metavar="mix|left|right|N", help="channel (default: mix)")
    audio.add_argument(
        "--chunk-ms", type=whole_number(10, 1000, "ms"), default=DEFAULT_CHUNK_MS, metavar="N", help="default: 100"
    )
    audio.add_argument(
        "--degrade",
        action="append",
        default=[],
        metavar="ARM",
        help="also run with degraded audio: phone, noise:DB, babble:DB, gain:DB, clip:DB, loss:PERCENT, jitter:MS; "
        "chained as phone+noise:10; repeatable, each beside the clean audio",
    )
    service = parser.add_argument_group("service")
    add_service_choice(service, several=False)
    add_address(service, url="base or full URL of the service", local="use the local server with its protocol")
    add_model(service, several=False)
    cells = parser.add_argument_group("cells")
    cells.add_argument(
        "--set",
        dest="axes",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help="values of a setting: FROM..TO/STEP or A,B,C; repeatable: all combinations",
    )
    cells.add_argument(
        "--repeat", type=whole_number(1, 1000, "times"), default=1, metavar="N", help="sessions per cell (default: 1)"
    )
    cells.add_argument(
        "-j",
        dest="at_once",
        type=whole_number(1, _MOST_AT_ONCE, "sessions"),
        default=DEFAULT_AT_ONCE,
        metavar="N",
        help="sessions at once (default: %(default)s); fewer if the service takes fewer",
    )
    cells.add_argument("--yes", action="store_true", help="don't ask before calling a vendor's service")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--budget", type=_share, metavar="PERCENT", help="recommend a setting that cuts off at most this share of turns"
    )
    output.add_argument("-o", "--output", metavar="FILE", help="also write the result: .html, .md, .json or .csv")
    output.add_argument("--record", metavar="DIR", help="save the sweep to DIR instead of the user data directory")
    output.add_argument("--name", metavar="NAME", help="name of that folder (default: the time)")
    form = output.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON lines: each cell, then the result")
    form.add_argument(
        "--plain", action="store_true", help="print the result as text, without a screen; the default when piped"
    )
    return parser


def _new_folder(options: argparse.Namespace) -> Path:
    """Return the path of the sweep's folder; one of this name may be there, to go on with."""
    from datetime import datetime

    directory = prepare_directory(options.record, otherwise="--record DIR")
    name = options.name or f"sweep_{datetime.now().astimezone():%Y-%m-%d_%H-%M-%S}"
    if name != Path(name).name or name in (".", ".."):
        raise InputError(f"--name {name}: give a name, and its directory with --record")
    if len(os.fsencode(name)) > MOST_BYTES:
        raise InputError(f"--name {name}: is too long for a folder: {MOST_BYTES} bytes at most")
    return directory / name


def _ask(plan: "SweepPlan", left: "Sequence[Cell]", chosen: ChosenService, options: argparse.Namespace) -> None:
    """Ask before a service is called that is not on this machine.

    Raises:
        InputError: there is nobody to ask, or the answer is no.
    """
    if options.yes or _is_on_this_machine(chosen):
        return
    what = _size(plan, left, options.at_once)
    ask(
        f"send {what} to {chosen.speaks.title}?",
        unasked=f"{chosen.speaks.title} will be sent {what}: give --yes",
        refused="not begun",
    )


def _size(plan: "SweepPlan", left: "Sequence[Cell]", at_once: int) -> str:
    """Say how much is to be run, and how long that takes."""
    recordings = plan.by_path
    seconds = [recordings[cell.recording].seconds for cell in left]
    takes = max(sum(seconds) / at_once, *seconds)
    cells, audio = plural(len(left), "cell"), duration(sum(seconds))
    return f"{cells}, {audio} of audio, about {duration(takes)} at {at_once} at once"


def _is_on_this_machine(chosen: ChosenService) -> bool:
    if isinstance(chosen.connection, LocalService):
        return True
    from stt_monitor.session.service_setup import service_address
    from stt_monitor.system.hosts import is_this_machine

    address = service_address(chosen.connection, chosen.keys, chosen.speaks)
    return address is not None and is_this_machine(address.host)


def _run(folder: "SweepFolder", chosen: ChosenService, options: argparse.Namespace, *, on_screen: bool) -> "Told":
    """Run the cells that are left."""
    from stt_monitor.headless.sweep import run_sweep
    from stt_monitor.server.child import LocalServerProcess
    from stt_monitor.session.service_setup import ServiceSetup
    from stt_monitor.sweep.preparing import loader
    from stt_monitor.sweep.runner import Listener, SweepRunner

    with LocalServerProcess() as server:
        setup = ServiceSetup(
            chosen.speaks, chosen.connection, chosen.settings, keys=chosen.keys, start_server=server.start_async
        )

        def make(listener: Listener) -> SweepRunner:
            return SweepRunner(folder, setup, loader(folder.plan), listener, at_once=options.at_once)

        return _on_screen(folder, make, options) if on_screen else run_sweep(folder, make, json=options.json)


def _on_screen(folder: "SweepFolder", make: "Callable[[Listener], SweepRunner]", options: argparse.Namespace) -> "Told":
    """Run the cells that are left on the screen, until the user quits."""
    from stt_monitor.headless.sweep import Told
    from stt_monitor.sweep.controller import SweepController
    from stt_monitor.sweep.runner import SweepEnd

    ensure_keyboard()
    began = time.monotonic()
    with closing(SweepController(folder, make, options.budget)) as controller:
        code = run_sweep_screen(controller)
    end = controller.end or SweepEnd(stopped=True)
    return Told(end._replace(exit_code=code) if code else end, time.monotonic() - began)


def _tell(result: SweepResult, seconds: float, options: argparse.Namespace) -> int:
    """Print the result, and write it to the file of `-o`; return an exit code."""
    from stt_monitor.headless.sweep import print_result

    print_result(result, seconds, json=options.json)
    if options.output is not None:
        from stt_monitor.report.sweep.formats import FORMATS  # loads templates

        write_output(FORMATS[_format(options)](result), options)
    recommended = result.parts[0].recommendation
    is_told = result.parts[0].turns and (recommended is None or recommended.verdict is not Verdict.CANNOT_TELL)
    return 0 if is_told else _CANNOT_TELL


def _format(options: argparse.Namespace) -> str:
    """Return the format of the file of `-o`.

    Raises:
        InputError: its ending is none of a format.
    """
    ending = user_path(options.output).suffix.removeprefix(".").lower()
    if ending not in _ENDINGS:
        raise InputError(f"-o {options.output}: end its name in {listed((f'.{each}' for each in _ENDINGS), 'or')}")
    return ending


def _share(text: str) -> float:
    """Read a share in percent. That none is cut off, no number of turns shows; that all may be, none needs."""
    least, most = _BUDGETS
    number = re.fullmatch(r"(\d+(?:\.\d+)?) *%", text.strip(), re.ASCII)
    if number is None or not least <= float(number[1]) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from {least}% to {most}%, such as 5%")
    return float(number[1]) / 100
