"""Functions that are loaded when they are first called: a declaration of a service costs the program's start little."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any


def later(place: str) -> Callable[..., Any]:
    """Return a function that stands for another, and loads it when it is first called.

    Args:
        place: `folder.module:function`, from this package.
    """
    module, _, name = place.partition(":")

    @cache
    def load() -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(import_module(f"{__package__}.{module}"), name)
        return function

    def call(*arguments: object) -> object:
        return load()(*arguments)

    return call
