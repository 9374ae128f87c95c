"""The turn's states and what is wrong are told apart in every theme, in the sixteen colours of a terminal too."""

import pytest
from tests.ui.screen import monitor
from tests.ui.scripted import ScriptedController
from textual.content import Content

from stt_monitor.ui.styles import ANSI_STYLES, STYLES
from stt_monitor.ui.toolkit.line_renderer import LineRenderer
from stt_monitor.ui.widgets.header import Header

OF_A_TURN = ("eager", "resumed", "cut")
APART = ("idle", "speaking", "eager", "resumed", "cut", "bad", "faint")


@pytest.mark.slow
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


async def test_in_sixteen_colours_an_eager_end_a_resume_and_a_cut_off_have_colours_of_their_own(
    controller: ScriptedController,
):
    async with monitor(controller) as pilot:
        brush = LineRenderer(pilot.app.query_one(Header))
        for theme in (name for name, theme in pilot.app.available_themes.items() if theme.ansi):
            pilot.app.theme = theme
            await pilot.pause()
            brush.forget()
            looks = [brush.draw(Content.styled("x", f".{name}"), 1)._segments[0].style for name in OF_A_TURN]
            assert len({look.color for look in looks if look is not None}) == len(OF_A_TURN)


def test_looks_of_ansi_themes_are_looks():
    assert set(ANSI_STYLES) <= set(STYLES)
