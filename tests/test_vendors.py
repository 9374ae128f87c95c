"""No vendor outside its own folder: a service is a folder in `services/` and a line of the registry."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stt_monitor.core.events import Connected, EagerEnd, ServiceError, TurnEnd, TurnResume, TurnStart, TurnUpdate
from stt_monitor.services import registry
from stt_monitor.services.base import Service

PACKAGE = Path(registry.__file__).parents[1]
SERVICES = PACKAGE / "services"

OURS = {event.name for event in (Connected, TurnStart, TurnUpdate, EagerEnd, TurnResume, TurnEnd, ServiceError)}
"""What the core calls events, whoever else calls them so."""


def own_words(service: Service) -> set[str]:
    """What only one vendor's service is, or says."""
    folder = SERVICES / service.name
    types = {name for module in folder.rglob("*.py") for name in re.findall(r'tag="([^"]+)"', module.read_text())}
    host = urlsplit(service.url).hostname or service.url
    words = {service.name, service.title, service.key_variable, host, service.path, service.model} | (types - OURS)
    words |= {service.model.partition("-")[0] + "-"} if "-" in service.model else set()
    return words | ({service.speech.path} if service.speech is not None else set())


def lines() -> Iterator[tuple[Path, int, str]]:
    """Everything that the program says or does, by file; what it comes with as data is left out."""
    own = {SERVICES / name for name in registry.NAMES}
    for file in sorted(PACKAGE.rglob("*")):
        is_text = file.suffix in {".py", ".tcss", ".css", ".html"}
        if is_text and not own.intersection(file.parents):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                yield file.relative_to(PACKAGE), number, line


@pytest.mark.slow
@pytest.mark.parametrize("service", registry.services(), ids=lambda service: service.name)
def test_nothing_outside_its_folder_names_a_vendor(service: Service):
    words = "|".join(re.escape(word) for word in sorted(own_words(service), key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])(?:{words})", re.IGNORECASE)
    entry = (Path("services/registry.py"), f'    "{service.name}",')
    named = [
        f"{file}:{number}: {line}" for file, number, line in lines() if pattern.search(line) and (file, line) != entry
    ]
    assert not named, "\n".join(named)


def test_what_is_looked_for_is_found_where_it_belongs():
    words = own_words(registry.service("cartesia"))
    assert {"cartesia", "Cartesia", "CARTESIA_API_KEY", "api.cartesia.ai", "ink-2", "ink-", "x.likelihood"} <= words
    assert not words & OURS
    folder = "".join(module.read_text() for module in (SERVICES / "cartesia").rglob("*.py"))
    assert all(word in folder for word in words)
