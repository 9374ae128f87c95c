"""Why a key does nothing now: said in a short notice, for a key without effect looks broken."""

from collections.abc import Iterable
from typing import Final

from textual.binding import Binding, BindingType

_RECORDED: Final = "this is a recorded session: {} cannot be changed any more"

REASONS: Final = {
    "retry_now": "no connection is waited for",
    "quiet": "nothing is running: press s to start",
    "step": "only recorded sessions go by event: press o to open one",
    "speed": "only recorded sessions have a speed: press o to open one",
    "seek": "only recorded sessions go back and forth: press o to open one",
    "seek_turn": "only recorded sessions go by turn: press o to open one",
    "tune": _RECORDED.format("what was asked of the service"),
    "source": _RECORDED.format("what was heard"),
    "service": _RECORDED.format("the service"),
    "hold": "no timeline is shown: press v, or make the window larger",
    "zoom": "no timeline is shown: press v, or make the window larger",
    "dismiss_error": "no error is shown",
    "match": "nothing is searched for: press / first",
}
"""By action; those of which more is known than that they do not apply say it themselves."""


def refused_actions(bindings: Iterable[BindingType], key: str) -> list[str]:
    """Return the names of the actions that a key stands for."""
    of_key = (one for one in bindings if isinstance(one, Binding) and key in one.key.split(","))
    return [one.action.partition("(")[0] for one in of_key]
