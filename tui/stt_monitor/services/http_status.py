"""What HTTP's statuses mean, whether they answer a request or stand in a message of a service."""

from typing import Final

NOT_ALLOWED: Final = frozenset({401, 402, 403})
"""About key and credits."""


def is_busy(status: int) -> bool:
    """Tell whether a service asks for patience; what is no fault of the request may pass, as integrations have it."""
    return status == 429 or status >= 500  # noqa: PLR2004  HTTP's classes of status
