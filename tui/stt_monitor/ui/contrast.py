"""Colours of text that can be read on every background of a theme: WCAG's contrast of 4.5 : 1."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, repeat
from typing import Final

from textual.color import Color, ColorParseError

LEAST: Final = 4.5
"""Least contrast of text, by WCAG 2 (AA)."""
_BACKGROUNDS: Final = ("background", "surface", "panel")
_SHADES: Final = {"dim-text": 0.45, "label-text": 0.7}
"""Text that stands back: the least share of the foreground in it."""
_COLOURS: Final = {
    "readable-primary": "primary", "readable-headline": "text-primary", "readable-success": "text-success",
    "readable-warning": "text-warning", "readable-error": "text-error", "readable-accent": "text-accent",
    "readable-secondary": "text-secondary",
}  # fmt: skip
_OF_FOOTER: Final = {"readable-key": "footer-key-foreground", "readable-key-label": "footer-description-foreground"}
"""The footer has a background of its own."""
_STEP: Final = 0.04
_STEPS: Final = 25


def readable_colours(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a theme's colours of text as further variables: moved away from its backgrounds as far as they need.

    Where a theme has backgrounds that no shade of a colour can be read on, it stays as it is: hues tell states apart.
    The terminal's own sixteen colours are what they are.
    """
    try:
        backgrounds = [Color.parse(variables[name]) for name in _BACKGROUNDS]
        foreground = Color.parse(variables["foreground"])
        base = backgrounds[0]
        shades = {
            name: _readable(base.blend(foreground, least), foreground, backgrounds) or foreground
            for name, least in _SHADES.items()
        }
        colours = {
            name: _readable(Color.parse(variables[of]), _strongest(behind), behind) or Color.parse(variables[of])
            for named, behind in ((_COLOURS, backgrounds), (_OF_FOOTER, [Color.parse(variables["footer-background"])]))
            for name, of in named.items()
        }
    except ColorParseError:
        unchanged = {name: variables[of] for name, of in (_COLOURS | _OF_FOOTER).items()}
        return dict.fromkeys(_SHADES, variables["foreground"]) | unchanged
    return {name: colour.hex for name, colour in (shades | colours).items()}


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two opaque colours, 1 to 21 (WCAG 2)."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _readable(colour: Color, towards: Color, backgrounds: Sequence[Color]) -> Color | None:
    """Return the first step from a colour towards another one that can be read; None if none can."""
    steps: Iterable[float] = accumulate(repeat(_STEP, _STEPS), initial=0.0)
    return next(
        (
            tried
            for share in steps
            if all(contrast(tried := colour.blend(towards, share, alpha=1.0), each) >= LEAST for each in backgrounds)
        ),
        None,
    )


def _strongest(backgrounds: Sequence[Color]) -> Color:
    """Return black or white, whichever can be read better."""
    white, black = Color(255, 255, 255), Color(0, 0, 0)
    return max((white, black), key=lambda one: min(contrast(one, each) for each in backgrounds))


def _luminance(colour: Color) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for share in (part / 255 for part in colour.rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
