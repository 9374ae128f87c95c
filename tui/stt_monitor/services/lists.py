"""Lists of words that more than one service takes."""

from collections.abc import Iterable
from typing import Final

from stt_monitor.services.base import ListOption

KEYTERMS: Final = ListOption("keyterms", "--keyterm", "TERM", "word or phrase to expect; repeatable")

LANGUAGE_HINTS: Final = ListOption(
    "language_hints",
    "--language-hint",
    "CODE",
    "language to expect, such as en; repeatable where the service takes several",
)


def code_problem(hints: Iterable[str]) -> str:
    """Say in one sentence which language hint is no code; empty when all are."""
    odd = next((hint for hint in hints if not (hint.isascii() and hint.replace("-", "").isalnum())), None)
    return "" if odd is None else f"{odd!r} is no language: give a code such as en, one for each --language-hint"
