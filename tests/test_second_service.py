"""A second service in the registry: it can be chosen, with options of its own."""

import sys
from collections.abc import Iterator
from types import ModuleType

import msgspec
import pytest
from tests.session.test_another_service import PARROT

from stt_monitor.cli.arguments import chosen_service, monitor_parser, settings_of
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import LocalService, UrlService
from stt_monitor.services import registry
from stt_monitor.session.factory import service_address


@pytest.fixture
def _second(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Register an invented service that the local server does not speak."""
    module = ModuleType("stt_monitor.services.parrot")
    module.__dict__["SERVICE"] = msgspec.structs.replace(PARROT, has_server_side=False)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, module.__name__, module)
        patch.setattr(registry, "NAMES", (*registry.NAMES, "parrot"))
        registry.server_sides.cache_clear()
        yield
    registry.service.cache_clear()
    registry.server_sides.cache_clear()


@pytest.mark.usefixtures("_second")
def test_it_is_chosen_and_its_settings_are_options():
    arguments = ["--service", "parrot", "--patience", "3"]
    options = monitor_parser(chosen_service(arguments)).parse_args(arguments)
    settings = settings_of(options)
    assert (settings.model, settings.turn) == ("polly", {"patience": 3})
    assert chosen_service(["x.wav"]).name == registry.NAMES[0]
    assert "--patience" not in monitor_parser().format_help()
    assert "CRACKER" in monitor_parser(chosen_service(arguments)).format_help()


@pytest.mark.usefixtures("_second")
def test_the_local_server_is_not_asked_to_speak_what_it_does_not():
    parrot = registry.service("parrot")
    with pytest.raises(InputError, match="the local server does not speak Parrot: set CRACKER, or give --url"):
        service_address(LocalService(), None, parrot)
    assert service_address(UrlService("ws://127.0.0.1:1"), None, parrot) is not None
    assert parrot.title not in {side.title for side in registry.server_sides()}


def test_where_there_is_one_service_there_is_nothing_to_choose(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "NAMES", registry.NAMES[:1])
    assert "--service" not in monitor_parser().format_help()
