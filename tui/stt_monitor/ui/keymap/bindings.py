"""Turns the keymap, and the keymaps of overlays, into Textual bindings, help lines and palette commands."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Final

from textual import actions
from textual.binding import ActiveBinding, Binding, BindingType
from textual.keys import format_key

from stt_monitor.core.commands import Command
from stt_monitor.ui.keymap.keys import Key, KeyContext, KeyGroup, Where
from stt_monitor.ui.keymap.table import KEYMAP

KEYS: Final = tuple(key for line in KEYMAP for key in (*line.keys, *line.hidden))
_AT_ANY_SIZE: Final = ("quit", "interrupt", "suspend_process")
"""Actions that work in a window that is too small to show anything."""
_DISPLAYED: Final = {
    "escape": "Escape", "enter": "Enter", "space": "Space", "tab": "Tab", "pageup": "PgUp", "pagedown": "PgDn",
    "end": "End", "backspace": "Backspace",
}  # fmt: skip

_BRIEF: Final = {"Escape": "Esc"}
"""Shorter names in the footer."""


class _OfKey(Binding.Group):
    """Carries the key of a binding: Textual keeps only the fields that it knows."""

    key: Key

    def __init__(self, key: Key) -> None:
        super().__init__()
        object.__setattr__(self, "key", key)  # a dataclass of its own costs the first paint half a millisecond


def bindings(where: Where) -> list[BindingType]:
    """Return a widget's bindings."""
    return [_binding(key, action_of(key)) for key in KEYS if key.where is where and key.keys]


def own_bindings(lines: Sequence[KeyGroup]) -> list[BindingType]:
    """Return the bindings of a widget's own keymap."""
    return [_binding(key, action_of(key)) for line in lines for key in (*line.keys, *line.hidden)]


def overlay_bindings() -> list[BindingType]:
    """Return bindings for the app's keys that work in overlays too."""
    return [_binding(key, f"app.{action_of(key)}") for key in KEYS if key.everywhere and key.keys]


def footer_keys(active: Mapping[str, ActiveBinding]) -> Iterable[tuple[str, str, Key]]:
    """Yield each key that the footer may show, with the name that presses it and the name that is shown.

    Of several names of a key it is the first that works: in a text input `?` is typed, and F1 opens the help.
    """
    seen = set[str]()
    for name, (_, binding, *_) in active.items():
        key = binding.group.key if isinstance(binding.group, _OfKey) else None
        if key is not None and key.footer is not None and binding.action not in seen:
            seen.add(binding.action)
            yield name, _BRIEF.get(shown := _displayed(name), shown), key


def action_of(key: Key) -> str:
    """Return the Textual action of a key, as its widget knows it."""
    return f"send({key.title!r})" if isinstance(key.does, Command) else key.does


def command_of(title: str) -> Command:
    """Return the command that the key of this title sends."""
    (command,) = (key.does for key in KEYS if key.title == title and isinstance(key.does, Command))
    return command


def is_leaving(name: str) -> bool:
    """Return whether a key quits the program."""
    return any(name in key.keys.split(",") for key in KEYS if key.does in ("quit", "interrupt"))


@cache
def _by_action() -> dict[tuple[Where, str, tuple[object, ...]], Key]:
    found: dict[tuple[Where, str, tuple[object, ...]], Key] = {}
    for key in KEYS:
        _, name, parameters = actions.parse(action_of(key) or "nothing")
        found.setdefault((key.where, name, parameters), key)
    return found


def applies(where: Where, action: str, parameters: tuple[object, ...], now: KeyContext) -> bool | None:
    """Return whether an action applies now; None if it belongs to no key."""
    key = _by_action().get((where, action, parameters))
    return None if key is None else key.when(now) and (not now.too_small or key.does in _AT_ANY_SIZE)


def offered(now: KeyContext, *, over_overlay: bool) -> Iterable[tuple[Key, str]]:
    """Yield the commands of the palette that apply now, each with its action as the app knows it.

    Args:
        now: decides which keys apply.
        over_overlay: an overlay is open, so that keys of the main screen do not work.
    """
    for key in KEYS:
        if key.meaning and key.when(now):
            if key.where in (Where.APP, Where.SWEEP, Where.CALLS):
                yield key, action_of(key)
            elif not over_overlay:
                yield key, f"screen.{action_of(key)}"


def refusal(name: str, now: KeyContext) -> str:
    """Return why a key does not apply now; empty if it does, or needs no reason."""
    if now.too_small:
        return ""
    for key in KEYS:
        if name in key.keys.split(",") and key.refusal and (key.where.needs_focus or not key.when(now)):
            return key.refusal if isinstance(key.refusal, str) else key.refusal(now)
    return ""


def displayed(key: Key) -> list[str]:
    """Return the names of a key as the screen shows them."""
    return [_displayed(name) for name in key.keys.split(",") if name]


def keys_and_meanings(lines: Sequence[KeyGroup] = KEYMAP) -> list[tuple[str, str]]:
    """Return keys and meaning of each line of the help."""
    return [(line.shown or " ".join(_names(line)), line.meaning) for line in lines]


def meanings_of(*titles: str) -> list[tuple[str, str]]:
    """Return the lines of the help with the keys of these titles, in this order."""
    return keys_and_meanings([line for title in titles for line in KEYMAP if title in (key.title for key in line.keys)])


def _names(line: KeyGroup) -> Iterable[str]:
    return dict.fromkeys(chain.from_iterable(map(displayed, line.keys)))


def _displayed(name: str) -> str:
    if name.startswith("ctrl+"):
        return f"Ctrl+{name[5:].upper()}"
    if name[0] == "f" and name[1:].isdigit():
        return name.upper()
    return _DISPLAYED.get(name) or format_key(name)


def _binding(key: Key, action: str) -> Binding:
    name = displayed(key)[0]
    return Binding(
        key.keys,
        action,
        key.title,
        show=key.footer is not None,
        key_display=_BRIEF.get(name, name),
        priority=key.first,
        group=_OfKey(key),
    )
