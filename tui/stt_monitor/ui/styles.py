"""Styles that lines of content name with a dot, and size classes: shared by all screens."""

from collections.abc import Sequence
from typing import Final

from textual.geometry import Size

STYLES: Final = {
    "arrow": "$dim-text",
    "bad": "bold $readable-error",
    "chart": "$primary",
    "cut": "bold underline $readable-error",
    "eager": "bold $readable-warning",
    "faint": "$dim-text",
    "flash": "bold $readable-accent",
    "good": "$readable-success",
    "growing": "$foreground",
    "eager-text": "italic $label-text",
    "headline": "bold $readable-headline",
    "headline-name": "bold $readable-primary",
    "idle": "bold $foreground",
    "key": "bold $readable-key",
    "key-button": "$readable-key-label on $foreground 12%",
    "key-hovered": "on $block-hover-background",
    "key-label": "$readable-key-label",
    "label": "$label-text",
    "new": "bold $readable-success",
    "number": "$readable-headline",
    "progress": "$primary",
    "resumed": "bold underline $readable-warning",
    "slow": "bold underline $readable-warning",
    "speaking": "bold $readable-success",
    "title": "bold $readable-primary",
    "voice": "bold $readable-secondary",
    "warn": "bold $readable-warning",
}
"""Colours come from the theme, made readable (`contrast.py`). As component classes of a style sheet they would cost a
tenth of the first paint."""

ANSI_STYLES: Final = {
    "arrow": "dim",
    "cut": "bold underline ansi_red",
    "eager": "bold ansi_yellow",
    "faint": "dim",
    "flash": "bold reverse ansi_magenta",
    "eager-text": "italic dim",
    "resumed": "bold ansi_magenta",
    "slow": "bold underline ansi_yellow",
    "warn": "bold ansi_yellow",
}
"""For the terminal's own sixteen colours, which have no shades; themes use one red for several."""

Section = tuple[str, Sequence[tuple[str, str]]]
"""Section of the help: a title, and terms with their explanations."""

WIDTHS: Final = [(0, "-tiny"), (40, "-narrow"), (64, "-medium"), (110, "-wide"), (150, "-very-wide")]
"""Size classes by width: the fewest cells of each."""
HEIGHTS: Final = [(0, "-flat"), (12, "-low"), (20, "-short"), (30, "-tall"), (44, "-very-tall")]
"""Size classes by height: the fewest lines of each."""


def size_classes(size: Size) -> dict[str, bool]:
    """Return, for every size class, whether a screen of this size has it."""
    present = {
        max(reached for reached in classes if reached[0] <= cells)[1]
        for cells, classes in ((size.width, WIDTHS), (size.height, HEIGHTS))
    }
    return {name: name in present for _, name in (*WIDTHS, *HEIGHTS)}
