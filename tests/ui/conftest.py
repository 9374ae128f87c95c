import pytest
from tests.ui.scripted import ScriptedController


@pytest.fixture
def controller() -> ScriptedController:
    return ScriptedController()
