"""What a session may ask of it (services.md 3, 6)."""

from typing import Final

from stt_monitor.core.settings.requested import Settings
from stt_monitor.services.assemblyai.families import LATER_MODEL, MODE, MODEL, MULTILINGUAL_MODEL, RETIRED, family_of
from stt_monitor.services.lists import KEYTERMS, LANGUAGE_HINTS, code_problem

MOST_KEYTERMS: Final = 100
MOST_KEYTERM_CHARACTERS: Final = 50
"""Of each."""
MOST_LANGUAGES: Final = 10

LISTS: Final = (KEYTERMS, LANGUAGE_HINTS)


def problem(settings: Settings, with_defaults: bool) -> str:  # noqa: FBT001  the only flag there is
    """Say in one sentence why the service would refuse these settings, or ignore one; empty if neither.

    `with_defaults` as for `Schema.problem`.
    """
    model = settings.model or MODEL
    if model in RETIRED:
        return f"{model} is retired: give --model {RETIRED[model]}, or {LATER_MODEL}"
    return (
        _keyterm_problem(settings.keyterms)
        or _language_problem(model, settings.language_hints)
        or family_of(model, settings.turn.get(MODE)).schema.problem(settings.turn, with_defaults=with_defaults)
    )


def _keyterm_problem(terms: tuple[str, ...]) -> str:
    if len(terms) > MOST_KEYTERMS:
        return f"{len(terms)} key terms are too many: give {MOST_KEYTERMS} at most"
    if not all(term.strip() for term in terms):
        return "a key term is empty: leave it out"
    if long := next((term for term in terms if len(term) > MOST_KEYTERM_CHARACTERS), ""):
        return f"a key term has {len(long)} characters: give {MOST_KEYTERM_CHARACTERS} at most"
    return ""


def _language_problem(model: str, hints: tuple[str, ...]) -> str:
    if odd := code_problem(hints):
        return odd
    if hints and model == MODEL:
        return f"{MODEL} takes no language hints: give --model {MULTILINGUAL_MODEL}"
    if len(hints) > MOST_LANGUAGES:
        return f"{len(hints)} language hints are too many: give {MOST_LANGUAGES} at most"
    return ""
