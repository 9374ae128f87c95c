"""The turn's states and what is wrong are told apart in every theme, in the sixteen colours of a terminal too."""

import pytest
from tests.ui.screen import monitor
from tests.ui.scripted import ScriptedController
from textual.content import Content

from stt_monitor.ui.styles import ANSI_STYLES, STYLES
from stt_monitor.ui.toolkit.line_renderer import LineRenderer
from stt_monitor.ui.widgets.header import Header

APART = ("idle", "speaking", "eager", "resumed", "cut", "bad", "faint")


@pytest.mark.parametrize("ansi", [True, False])
async def test_states_look_different_in_every_theme(controller: ScriptedController, *, ansi: bool):
    async with monitor(controller) as pilot:
        brush = LineRenderer(pilot.app.query_one(Header))
        themes = [name for name, theme in pilot.app.available_themes.items() if theme.ansi is ansi]
        assert themes
        for theme in themes:
            pilot.app.theme = theme
            await pilot.pause()
            brush.forget()
            drawn = {name: str(brush.draw(Content.styled("x", f".{name}"), 1)._segments[0].style) for name in APART}
            assert len(set(drawn.values())) == len(APART), (theme, drawn)


def test_looks_of_ansi_themes_are_looks():
    assert set(ANSI_STYLES) <= set(STYLES)
