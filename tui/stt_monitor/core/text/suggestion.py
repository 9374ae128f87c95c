"""Suggests the name that was meant."""

from collections.abc import Iterable


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """Return `; did you mean NAME?` for the name that is closest to a text; empty when none is close."""
    from difflib import get_close_matches  # only needed after a mistake

    by_form = {name.lower().replace("-", "_"): name for name in names}
    near = get_close_matches(text.lower().replace("-", "_"), by_form, 1)
    return f"; did you mean {by_form[near[0]]}?" if near else ""
