from collections.abc import Iterator
from functools import wraps
from typing import Any

import pytest
import textual.app
import textual.pilot
from tests.support.idle import until_idle
from tests.ui.scripted import ScriptedController
from textual._compositor import Compositor
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

_DRAW = Compositor.render_update


@pytest.fixture
def controller() -> ScriptedController:
    return ScriptedController()


@pytest.fixture(scope="session", autouse=True)
def _styles_are_parsed_once() -> Iterator[None]:
    """Each app would parse the styles of all its parts anew: a seventh of what mounting it costs."""
    parse = Stylesheet._parse_rules
    parsed: dict[object, Any] = {}

    def parse_once(sheet: Stylesheet, *args: Any, **more: Any) -> Any:  # noqa: ANN401  whatever it takes and returns
        key = (args, tuple(more.items()), frozenset(sheet._variables.items()))
        if key not in parsed:
            parsed[key] = parse(sheet, *args, **more)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _drawn_at_each_pause() -> Iterator[None]:
    """Draw what has changed once a pause: nobody sees what is drawn between.

    Whatever a pause leaves on the screen is drawn, whether the test looks at it or not: a widget that cannot be drawn
    is caught.
    """
    pause = Pilot.pause

    def only_whole(compositor: Compositor, full: bool = False, **more: Any) -> object:  # noqa: ANN401, FBT002
        return _DRAW(compositor, full, **more) if full else None  # a picture that is saved is whole

    @wraps(pause)
    async def pause_and_draw(pilot: Pilot[Any], delay: float | None = None) -> None:
        await pause(pilot, delay)
        app = pilot.app
        if app.is_running:
            _DRAW(app.screen._compositor, screen_stack=app._background_screens)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", only_whole)
        patch.setattr(Pilot, "pause", pause_and_draw)
        yield


@pytest.fixture(scope="session", autouse=True)
def _waits_for_the_loop() -> Iterator[None]:
    """A pause, and each key, ends as soon as all is done."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (textual.app, textual.pilot):
            patch.setattr(module, "wait_for_idle", until_idle)
        yield


@pytest.fixture
def drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw all that is drawn in life, for tests about that."""
    monkeypatch.setattr(Compositor, "render_update", _DRAW)
