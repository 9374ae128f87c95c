"""What a declaration of a service loads later: it is there, whichever service it is."""

import pytest

from stt_monitor.core.settings.requested import Settings
from stt_monitor.services import registry
from stt_monitor.services.base import Label, Refusal, Service
from stt_monitor.services.later import later


@pytest.mark.parametrize("service", registry.services(), ids=lambda service: service.name)
def test_all_that_a_service_loads_later_is_there(service: Service):
    assert isinstance(service.refusal_text(b"no"), str)
    assert isinstance(service.refusal("no"), Refusal)
    assert isinstance(service.failure(1008, "no"), Refusal | None)
    assert isinstance(service.label({"type": "?"}), Label)
    assert service.dialect(Settings()).decoder().read("{}").wire == {}


def test_it_is_loaded_when_it_is_called():
    missing = later("cartesia.labels:nothing")
    with pytest.raises(AttributeError):
        missing({})
