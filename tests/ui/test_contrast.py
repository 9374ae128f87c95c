"""All text can be read: 4.5 : 1 at least, measured on the screen as it is drawn, in both default themes."""

import pytest
from tests.ui.lanes import troubled
from tests.ui.screen import monitor, show
from tests.ui.scripted import ScriptedController
from tests.ui.snapshots import THEMES
from tests.ui.test_snapshots import guessed
from textual.color import Color
from textual.pilot import Pilot
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES

from stt_monitor.ui.contrast import LEAST, contrast, readable_colours

OVERLAYS = ("question_mark", "c", "w", "t", "i", "o", "e", "enter")


def drawn(pilot: Pilot[int]) -> list[Strip]:
    """Return what is in force on the screen: beneath an overlay's box all is dimmed on purpose."""
    screen = pilot.app.screen
    strips = screen._compositor.render_strips()
    regions = [box.region for box in screen.query(".box, #help, #details")]
    if len(pilot.app.screen_stack) == 1 or not regions:
        return strips
    return [strip.crop(region.x, region.right) for region in regions for strip in strips[region.y : region.bottom]]


def too_faint(pilot: Pilot[int]) -> list[str]:
    """Return the words of the screen that are hard to read, with their contrast."""
    found: dict[str, None] = {}
    for strip in drawn(pilot):
        for text, style, _ in strip:
            if style is None or style.color is None or style.bgcolor is None or not any(map(str.isalnum, text)):
                continue
            fore, back = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            if style.dim:
                fore = back.blend(fore, 0.5)
            if contrast(fore, back) < LEAST:
                found[f"{text.strip()} {contrast(fore, back):.1f}"] = None
    return list(found)


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
async def test_every_word_can_be_read_in_every_state_and_overlay(controller: ScriptedController, theme: str):
    async with monitor(controller, (120, 35)) as pilot:
        pilot.app.theme = theme
        for snapshot in (guessed().snapshot(), troubled().snapshot()):
            await show(pilot, controller, snapshot)
            await pilot.pause()
            assert too_faint(pilot) == []
            await pilot.press("up", "f")
            assert too_faint(pilot) == []
        await pilot.press("b")
        for key in OVERLAYS:
            await pilot.press(key)
            await pilot.pause()
            assert too_faint(pilot) == [], key
            while len(pilot.app.screen_stack) > 1:
                pilot.app.pop_screen()


def test_contrast_is_that_of_wcag():
    black, white, grey = Color.parse("#000000"), Color.parse("#ffffff"), Color.parse("#767676")
    assert contrast(black, white) == contrast(white, black) == pytest.approx(21)
    assert contrast(grey, white) == pytest.approx(4.54, abs=0.01)


def test_colours_of_every_theme_can_be_read_as_well_as_its_text_can():
    for theme in BUILTIN_THEMES.values():
        variables = theme.to_color_system().generate() | theme.variables
        if theme.ansi:
            continue
        text = Color.parse(variables["foreground"])
        for back in (Color.parse(variables[name]) for name in ("background", "surface", "panel")):
            for name in ("dim-text", "label-text"):
                colour = Color.parse(readable_colours(variables)[name])
                assert contrast(colour, back) >= min(LEAST, contrast(text, back)) - 0.01, (theme.name, name)
