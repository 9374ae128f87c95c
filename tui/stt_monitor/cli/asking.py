"""Ask on the terminal before something that cannot be undone."""

import sys

from stt_monitor.core.errors import InputError
from stt_monitor.core.text.sanitize import printable


def ask(question: str, *, unasked: str, refused: str) -> None:
    """Ask a question whose answer is yes or no, on standard error.

    Args:
        question: a sentence with its question mark.
        unasked: the error where there is nobody to ask.
        refused: the error where the answer is no.

    Raises:
        InputError: there is nobody to ask, or the answer is no.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(unasked)
    sys.stderr.write(f"{printable(question)} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InputError(refused)
