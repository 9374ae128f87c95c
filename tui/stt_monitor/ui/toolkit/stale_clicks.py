"""Clicks on lists whose lines change between the picture and the click."""

from textual.events import Click
from textual.widgets import OptionList


def skip_stale(options: OptionList, click: Click) -> None:
    """Keep Textual from looking for the line of a click that is there no more: it would raise."""
    line = click.style.meta.get("option")
    if line is not None and line >= options.option_count:
        click.prevent_default()
