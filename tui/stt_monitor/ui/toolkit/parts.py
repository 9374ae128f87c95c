"""Bases for classes that hold a part of what an app or a screen does."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    AppPart = App[int]
    ScreenPart = Screen[None]
else:
    # Textual looks for the style of a widget along its first base alone, and each subclass costs it a third of a
    # millisecond before the first paint: the whole class, whose last base is Textual's, is enough.
    AppPart = ScreenPart = object
