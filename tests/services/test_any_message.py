"""Whatever a field of a message holds, of any service: it is read, and has a label."""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, Final

import pytest
from tests.services.assemblyai.examples import LATER, STREAMING
from tests.services.flux.examples import EXAMPLES as OF_FLUX
from tests.services.voxtral.examples import EXAMPLES as OF_VOXTRAL

from stt_monitor.core.settings.requested import Settings
from stt_monitor.services import registry
from stt_monitor.services.base import Label

OF_CARTESIA: Final[list[dict[str, Any]]] = [
    {"type": "connected", "request_id": "r"},
    {"type": "turn.start", "request_id": "r", "turn_id": "1"},
    {"type": "turn.update", "transcript": "Book a", "languages": [{"language": "en", "confidence": 0.9}]},
    {"type": "turn.end", "transcript": "Book a table."},
    {"type": "error", "title": "t", "message": "m", "status_code": 400, "error_code": "c"},
]
EXAMPLES: Final = {
    "cartesia": OF_CARTESIA,
    "flux": OF_FLUX,
    "voxtral": OF_VOXTRAL,
    "assemblyai": [*STREAMING, *LATER, {"type": "Error", "error_code": 3006, "error": "m"}],
}
ODD: Final[tuple[object, ...]] = (
    None,
    True,
    -1,
    1e308,
    2**63,
    10**400,
    "",
    "a\ud83d",
    "\x00\x1b[31m",
    [],
    {},
    ["a\ud83d", 1, None],
    {"a": {"b": [1]}},
)


def places(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    within: Sequence[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        within = list(value.items())
    elif isinstance(value, list):
        within = list(enumerate(value))
    for name, inner in within:
        yield (*place, name)
        yield from places(inner, (*place, name))


def changed(message: dict[str, Any], place: tuple[str | int, ...], odd: object) -> str:
    copy = json.loads(json.dumps(message))
    inner = copy
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = odd
    return json.dumps(copy)


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.NAMES)
def test_any_value_in_any_field_is_read_and_has_a_label(name: str):
    service = registry.service(name)
    for model in (service.model, *service.other_models):
        usual = service.dialect(Settings(model)).decoder()
        for message in EXAMPLES[name]:
            for place in places(message):
                for odd in ODD:
                    read = deepcopy(usual).read(changed(message, place, odd))
                    assert isinstance(service.label(read.wire), Label)
                    repr(read.events)
            usual.read(json.dumps(message))
