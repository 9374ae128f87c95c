"""What a session was asked for can be read from what its client sent: the settings that it gave, and no others."""

from urllib.parse import urlsplit

import pytest

from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import Audio, Service, Site
from stt_monitor.services.registry import server_sides, services
from stt_monitor.services.server_side import Configure, Finish, Head, Parameters, RejectedError, Session, Visit

SPOKEN = dict(zip((each.name for each in services()), server_sides(), strict=True))


def session(service: Service, settings: Settings, *, overheard: bool) -> tuple[Session, Parameters]:
    """Return the session of a client's request, with its messages and some audio, and what was asked for."""
    request = service.request(Site(f"{service.url}{service.path}"), settings, Audio("pcm_s16le", 16_000))
    url = urlsplit(request.url)
    head = Head(f"{url.path}?{url.query}", tuple((name.lower(), text) for name, text in request.headers.items()))
    opened = SPOKEN[service.name].open(head, Visit(overheard=overheard))
    opening = opened.open()
    for message in (*request.messages, service.encode(bytes(3200))):
        if opening.parameters is None:
            opening = opened.open(message)
    assert opening.parameters is not None
    return opened, opening.parameters


def some(service: Service) -> TurnSettings:
    """Return one setting that is not the default."""
    number = next(each for each in service.schema.settings if not each.words)
    return TurnSettings({number.name: number.high})


@pytest.mark.parametrize("service", services(), ids=str)
@pytest.mark.parametrize("overheard", [False, True])
def test_what_is_asked_for_is_read_as_it_was_given(service: Service, overheard: bool) -> None:
    for turn in (TurnSettings(), some(service)):
        asked = Settings(service.model, ("Xylo",), turn)
        _, parameters = session(service, asked, overheard=overheard)
        assert parameters.settings == asked
        assert parameters.audio == Audio("pcm_s16le", 16_000)


@pytest.mark.parametrize("service", services(), ids=str)
def test_another_server_may_have_models_and_languages_that_this_one_lacks(service: Service) -> None:
    asked = Settings("some-later-model", language_hints=("de",))
    with pytest.raises(RejectedError):
        session(service, asked, overheard=False)
    _, parameters = session(service, asked, overheard=True)
    assert parameters.settings == asked


@pytest.mark.parametrize("service", services(), ids=str)
def test_another_server_may_have_other_limits(service: Service) -> None:
    """It took them: the ranges that services document differ from date to date."""
    number = next(each for each in service.schema.settings if not each.words)
    asked = Settings(service.model, turn=TurnSettings({number.name: 10 * number.high}))
    with pytest.raises(RejectedError):
        session(service, asked, overheard=False)
    _, parameters = session(service, asked, overheard=True)
    assert parameters.settings == asked


@pytest.mark.parametrize("service", services(), ids=str)
def test_audio_changes_and_the_end_are_told_apart(service: Service) -> None:
    opened, _ = session(service, Settings(service.model), overheard=True)
    data = bytes(range(200)) * 16
    assert opened.read(service.encode(data)) == data
    if service.configure is not None:
        told = opened.read(service.configure(some(service)))
        assert isinstance(told, Configure)
        assert set(some(service).items()) <= set(told.turn.items())
    assert isinstance(opened.read(service.finish(False)[-1]), Finish)
