"""The desktop that the program runs on, if there is one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"
_PATIENCE_S: Final = 10.0


def has_desktop() -> bool:
    """Return whether the user at the terminal would see a browser opened here."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_page(page: Path) -> bool:
    """Open a page in the user's browser; return whether one took it. Blocks for seconds at most.

    In a process of its own without a terminal: some browsers print, and some are drawn in the terminal itself.
    """
    if not has_desktop():
        return False
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter, a constant, and a URL that we made
            [sys.executable, "-c", _OPEN, page.absolute().as_uri()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
