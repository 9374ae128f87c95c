from collections.abc import Iterator
from typing import Any

import pytest
from tests.ui.scripted import ScriptedController
from textual.css.stylesheet import Stylesheet


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
