"""How many examples a property test tries that has a number of its own: fewer in a quick run."""

from typing import Any

from hypothesis import settings

USUAL: int = settings.get_profile("usual").max_examples


def tried(number: int, **others: Any) -> settings:  # noqa: ANN401  settings of any type
    """Return settings with this number in a usual run; in a quick one with the same part of it that others have.

    Args:
        number: of examples, as the README's command tries them.
        others: settings as they are.
    """
    part = min(1.0, settings().max_examples / USUAL)
    return settings(max_examples=max(1, round(number * part)), deadline=None, **others)
