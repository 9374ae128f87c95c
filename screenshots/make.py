"""Make the pictures of the README: the installed program, on real speech, on a real terminal.

    python screenshots/make.py [--only NAME...] [--labels FILE] [AUDIO...]

AUDIO are recordings to hear instead of the bundled sample, FILE their labels. The program saves the pictures itself, by
its key `p`. A headless Chromium (Debian's package `chromium`) turns them into PNG; without one they stay SVG.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import chdir
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.terminal import Terminal  # noqa: E402 - it is found only after the line above

HERE: Final = ROOT / "screenshots"
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-quic",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-device-scale-factor=1",
)  # fmt: skip
SAVED: Final = "Screenshot saved"
PATIENCE_S: Final = 30.0
KEY_S: Final = 0.2
"""From one key to the next: nobody types faster than a screen turns to its search line."""


UP, DOWN = "\x1b[A", "\x1b[B"


class Scene(NamedTuple):
    """A picture: what is on the screen when it is taken, and which keys come before it."""

    name: str
    wait_for: str
    keys: tuple[str, ...] = ()
    after: str = ""
    """What must be on the screen before the keys."""


class Take(NamedTuple):
    """One run of the program."""

    size: tuple[int, int]
    scenes: tuple[Scene, ...]
    options: tuple[str, ...] = ()
    """What the program is asked for beside the recording."""
    command: tuple[str, ...] = ()


SAMPLE: Final = ROOT / "tui" / "stt_monitor" / "audio" / "data" / "sample.wav"
SWEEP: Final = ("--set", "end_threshold=0.05,0.1,0.2,0.3,0.35,0.4,0.45,0.5", "--budget", "5%")
LABELLED: Final = ("sweep", str(SAMPLE), "--labels", str(SAMPLE.with_suffix(".json")))
THREE: Final = ("--service", "cartesia", "--service", "flux", "--service", "voxtral")

TAKES: Final = (
    Take((120, 35), (Scene("ended", "■ stopped"), Scene("help", "Escape closes", ("?",)))),
    Take(
        (120, 35),
        (
            Scene("chosen", "Enter details", (UP,), after="■ stopped"),
            Scene("search", "found", ("/", *"the", "\r")),
            Scene("details", "y copies its text", ("\r",)),
        ),
    ),
    Take((120, 35), (Scene("resumed", "↺ resumed"),)),
    Take((120, 35), (Scene("eager-end", "◐ guess"),)),
    Take((80, 24), (Scene("small", "◐ guess"),)),
    Take((160, 50), (Scene("large", "■ turn 1 ended"),)),
    Take((160, 50), (Scene("side-by-side", "■ stopped"),), THREE),
    Take((120, 35), (Scene("tune", "■ stopped", ("t", *(DOWN, DOWN), *"0.2", "\r"), after="■ turn 1 ended"),)),
    Take((120, 35), (Scene("sweep", "■ done", (DOWN, DOWN), after="■ done"),), SWEEP, LABELLED),
    Take((120, 35), (Scene("wire", "newest", ("w", *(UP,) * 5), after="■ stopped"),)),
)
REPORT: Final = (1040, 1560)
"""Width and height of the picture of a report, in CSS pixels."""


def main() -> None:
    """Make all pictures, or some."""
    parser = argparse.ArgumentParser()
    parser.add_argument("audio", nargs="*", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--only", action="append", choices=[scene.name for take in TAKES for scene in take.scenes])
    options = parser.parse_args()
    for take in TAKES:
        if options.only and not any(scene.name in options.only for scene in take.scenes):
            continue
        with tempfile.TemporaryDirectory() as folder:
            shoot(take, Path(folder), options)
            if take is TAKES[0]:
                report(Path(folder))


def shoot(take: Take, folder: Path, options: argparse.Namespace) -> None:
    """Run the program once, and take its pictures. It keeps its session in `folder`."""
    columns, rows = take.size
    heard = [str(path.resolve()) for path in options.audio]
    labels = ["--labels", str(options.labels.resolve())] if options.labels is not None else []
    what = [*take.command[:1], *heard] if heard else take.command
    command = ["stt-monitor", *what, "--local", "--record", str(folder), *take.options, *labels]
    with chdir(folder), Terminal(command, columns, rows) as terminal:  # where it runs, it saves pictures
        for scene in take.scenes:
            terminal.until(scene.after)
            for key in scene.keys:
                terminal.press(key)
                time.sleep(KEY_S)
            terminal.until(scene.wait_for)
            terminal.press("p")
            told(keep(saved_in(folder, terminal), scene.name), f"{columns}x{rows}, {scene.wait_for!r}")
            terminal.until(lambda text: SAVED not in text and ".svg" not in text)
        terminal.press("\x11")
        terminal.until_gone()


def report(folder: Path) -> None:
    """Take a picture of the report on the session in `folder`."""
    page = folder / "report.html"
    session = next(path.parent for path in folder.glob("*/manifest.json"))
    subprocess.run(["stt-monitor", "report", str(session), "-o", str(page)], check=True)
    if chromium := browser():
        told(photograph(chromium, page, HERE / "report.png", *REPORT), "a report")


def told(picture: Path, what: str) -> None:
    """Say which picture was made."""
    sys.stdout.write(f"{picture.relative_to(ROOT)}: {what}\n")


def saved_in(folder: Path, terminal: Terminal) -> Path:
    """Wait for the picture."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        terminal.until(SAVED)
        if found := list(folder.glob("*.svg")):
            return found[0]
    raise TimeoutError("the program saved no picture")


def browser() -> str | None:
    """Return a Chromium, if there is one."""
    return next((path for path in map(shutil.which, CHROMIUM) if path), None)


def keep(svg: Path, name: str) -> Path:
    """Keep a picture, as PNG where that is possible."""
    chromium = browser()
    if chromium is None:
        return Path(shutil.move(svg, HERE / f"{name}.svg"))
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8"))
    assert size is not None, "an SVG without a size"
    width, height = (round(float(number)) for number in size.groups())
    photograph(chromium, svg, HERE / f"{name}.png", width, height)
    svg.unlink()
    return HERE / f"{name}.png"


def photograph(chromium: str, page: Path, target: Path, width: int, height: int) -> Path:
    """Draw a page in so many CSS pixels; returns where the PNG is."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium, *CHROMIUM_OPTIONS, f"--user-data-dir={profile}", f"--window-size={width},{height}",
                "--default-background-color=00000000", f"--screenshot={target}", page.as_uri(),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
    return target


if __name__ == "__main__":
    main()
