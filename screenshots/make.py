"""Make the pictures of the README and of tui/docs: the installed program, on real speech, on a real terminal.

    python screenshots/make.py [--only NAME...]

The program saves the pictures itself, by its key `p`, and records itself for the moving one. A headless Chromium
(Debian's package `chromium`) turns them into PNG.
"""

import argparse
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from screenshots.animation import animate  # noqa: E402 - it is found only after the line above
from tests.support.terminal import Terminal  # noqa: E402

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
ORIGIN, FRAME, CELL = (9.0, 41.0), (18.0, 50.0), (12.2, 24.4)
"""Of Textual's pictures, in their own units: where the first character is, what the window around all takes, and the
size of a character."""


class Scene(NamedTuple):
    """A picture: what is on the screen when it is taken, and which keys come before it."""

    name: str
    wait_for: str
    keys: tuple[str, ...] = ()
    after: str = ""
    """What must be on the screen before the keys."""
    size: tuple[int, int] | None = None
    """Another size of the terminal than before."""
    columns: slice = slice(None)
    rows: slice = slice(None)
    """What is kept of the picture."""


class Take(NamedTuple):
    """One run of the program, or of several."""

    scenes: tuple[Scene, ...]
    size: tuple[int, int] = (120, 35)
    command: tuple[str, ...] = ()
    theme: str = "textual-dark"


SAMPLE: Final = ROOT / "tui" / "stt_monitor" / "audio" / "data" / "sample.wav"
SWEEP: Final = (
    "sweep", str(SAMPLE), "--labels", str(SAMPLE.with_suffix(".json")), "--local",
    "--set", "end_threshold=0.1,0.2,0.3,0.4,0.45,0.5", "--budget", "5%", "-j", "3",
)  # fmt: skip
THREE: Final = ("--local", "--service", "cartesia", "--service", "flux", "--service", "voxtral")
WIDE: Final = (160, 45)

ALONE: Final = Take(
    (
        Scene("live", "◐ guess", after="Thursday", rows=slice(0, 20)),
        Scene("stopped", "x Worst", after="■ stopped"),
        Scene("wire", "newest", ("w", *(UP,) * 5)),
        Scene(
            "tune",
            "would have been",
            ("\x1b", "t", DOWN, DOWN, *"0.45", UP),
            size=(120, 42),
            columns=slice(60, 120),
            rows=slice(14, 40),
        ),
        Scene("why", "Metrics · ?", ("\x1b", "x"), size=WIDE, columns=slice(49, 160), rows=slice(15, 43)),
    ),
    command=("--local",),
)
BESIDE: Final = Take((Scene("side-by-side", "■ stopped"),), WIDE, THREE, "textual-light")
SWEPT: Final = Take((Scene("sweep", "f end 0.5          8", (DOWN, DOWN), after="■ done"),), command=SWEEP)
TAPPED: Final = Take((Scene("calls", "over"),), (120, 14))
OTHERS: Final = ("demo", "report")
REPORT: Final = (1040, 968)
"""Width and height of the picture of a report, in CSS pixels."""
DEMO: Final = (3.0, 20.5, 5)
"""The moving picture: from when to when, seconds of the bundled session, and how many pictures a second."""
AGENTS: Final = ("cartesia", "flux", "cartesia", "voxtral")
"""Whose services the calls are for that the tap is shown with; the first one hangs up."""
BETWEEN_S: Final = 7.0
"""From one call to the next, and from the last to the picture."""


def main() -> None:
    """Make all pictures, or some."""
    takes = (ALONE, BESIDE, SWEPT, TAPPED)
    parser = argparse.ArgumentParser()
    names = [scene.name for take in takes for scene in take.scenes] + list(OTHERS)
    parser.add_argument("--only", action="append", choices=names)
    wanted = set(parser.parse_args().only or names)
    if "demo" in wanted:
        demo()
    for take in takes:
        with tempfile.TemporaryDirectory() as folder:
            if wanted & {scene.name for scene in take.scenes} or (take is ALONE and "report" in wanted):
                (agents if take is TAPPED else shoot)(take, Path(folder), wanted)
            if take is ALONE and "report" in wanted:
                report(Path(folder))


def demo() -> None:
    """Record the bundled session on the screen, and make a moving picture of it."""
    begin, end, pictures_a_second = DEMO
    with tempfile.TemporaryDirectory() as folder:
        cast = Path(folder) / "demo.cast"
        subprocess.run(["stt-monitor", "demo", "--cast", str(cast)], check=True, capture_output=True)
        (HERE / "demo.svg").write_text(animate(cast, begin, end, pictures_a_second), encoding="utf-8")
    told(HERE / "demo.svg", f"the demo, {end - begin:g} s")


def shoot(take: Take, folder: Path, wanted: Collection[str]) -> None:
    """Run the program once, and take its pictures. It keeps its session in `folder`."""
    with run(take, folder, ("stt-monitor", *take.command, "--record", str(folder))) as terminal:
        for scene in take.scenes:
            photograph_scene(scene, folder, terminal, wanted)
        terminal.press("\x11")
        terminal.until_gone()


@contextmanager
def run(take: Take, folder: Path, command: Sequence[str]) -> Iterator[Terminal]:
    """Run a program in `folder`, where it saves its pictures, with a theme."""
    settings = folder / "config" / "stt-monitor"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text(f'[screen]\ntheme = "{take.theme}"\n', encoding="utf-8")
    config, state = str(folder / "config"), str(folder / "state")
    with chdir(folder), Terminal(command, *take.size, XDG_CONFIG_HOME=config, XDG_STATE_HOME=state) as terminal:
        yield terminal


def photograph_scene(scene: Scene, folder: Path, terminal: Terminal, wanted: Collection[str]) -> None:
    """Press the keys of a scene, and take its picture if it is wanted."""
    terminal.until(scene.after)
    if scene.size is not None:
        terminal.resize(*scene.size)
    for key in scene.keys:
        terminal.press(key)
        time.sleep(KEY_S)
    if scene.name not in wanted:
        return
    terminal.until(scene.wait_for)
    terminal.press("p")
    told(keep(saved_in(folder, terminal), scene), f"{scene.wait_for!r}")
    terminal.until(lambda text: SAVED not in text and ".svg" not in text)


def agents(take: Take, folder: Path, wanted: Collection[str]) -> None:
    """Tap the calls of some agents to a local server, and take a picture of the list."""
    with ExitStack() as programs:
        server = programs.enter_context(started("serve", "--port", "0"))
        assert server.stdout is not None
        to = re.search(r"http://\S+:\d+", server.stdout.readline())
        assert to is not None, "the local server tells no address"
        tap = ("stt-monitor", "tap", "--to", to[0], "--listen", "127.0.0.1:0", "--record", str(folder))
        terminal = programs.enter_context(run(take, folder, tap))
        base = re.search(r"http://127\.0\.0\.1:\d+", terminal.until("http://127"))
        assert base is not None
        calls = []
        for service in AGENTS:
            options = ("--service", service, "--url", base[0], "--no-record", "--json")
            calls.append(programs.enter_context(started(str(SAMPLE), *options)))
            watch(terminal, BETWEEN_S)
        calls[0].send_signal(signal.SIGINT)
        watch(terminal, BETWEEN_S)
        photograph_scene(take.scenes[0], folder, terminal, wanted)
        terminal.press("\x11")
        terminal.until_gone()


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program without a screen, until it is no longer needed."""
    with subprocess.Popen(
        ["stt-monitor", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as program:
        try:
            yield program
        finally:
            program.terminate()


def watch(terminal: Terminal, seconds: float) -> None:
    """Read what a terminal gets for a while."""
    until = time.monotonic() + seconds
    terminal.until(lambda _: time.monotonic() > until)


def report(folder: Path) -> None:
    """Take a picture of the report on the session in `folder`."""
    page = folder / "report.html"
    session = next(path.parent for path in folder.glob("*/manifest.json"))
    subprocess.run(["stt-monitor", "report", str(session), "-o", str(page)], check=True)
    told(photograph(browser(), page, HERE / "report.png", *REPORT), "a report")


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


def browser() -> str:
    """Return a Chromium."""
    found = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    assert found is not None, "install chromium"
    return found


def keep(svg: Path, scene: Scene) -> Path:
    """Keep what a scene is about of a picture, as PNG."""
    drawing = svg.read_text(encoding="utf-8")
    whole = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
    assert whole is not None, "an SVG without a size"
    width, height = map(float, whole.groups())
    if (scene.columns, scene.rows) != (slice(None), slice(None)):
        left, width = part(scene.columns, 0, width)
        top, height = part(scene.rows, 1, height)
        svg.write_text(drawing.replace(whole[0], f'viewBox="{left} {top} {width} {height}"'), encoding="utf-8")
    target = photograph(browser(), svg, HERE / f"{scene.name}.png", round(width), round(height))
    svg.unlink()
    return target


def part(kept: slice, axis: int, whole: float) -> tuple[float, float]:
    """Return where some columns (axis 0) or rows (1) of a picture begin, and how much room they take."""
    first, last, _ = kept.indices(round((whole - FRAME[axis]) / CELL[axis]))
    return ORIGIN[axis] + first * CELL[axis], (last - first) * CELL[axis]


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
