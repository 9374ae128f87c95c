import pytest

from stt_monitor.core.session_options import Available, Device, LocalService, MicrophoneChoice, UrlService
from stt_monitor.services.cartesia import SERVICE


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("wss://user:secret@host:1/base?api_key=secret", "wss://host:1/base"),
        ("http://host/?access_token=secret#secret", "http://host/"),
        ("http://host", "http://host"),
        ("user:secret@host", "host"),
        ("http://host/a@b", "http://host/a@b"),
        ("http://[::1]:80/a@b", "http://[::1]:80/a@b"),
        ("ws://user:se/cret/secret@host:1/a", "ws://host:1/a"),
        ("//user:secret@host", "host"),
        ("ws:/user:secret@host", "host"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, shown: str):
    service = UrlService(url)
    assert service.shown == shown
    assert "secret" not in repr(service)


def test_a_device_is_chosen_by_its_name_unless_another_has_the_same():
    devices = tuple(Device(number, name, 1, 48_000, number == 0) for number, name in enumerate(["USB", "Twin", "Twin"]))
    offers = Available(
        devices, "", (LocalService(),), vendor_key_set=False, key_variable=SERVICE.key_variable, title=SERVICE.title
    )
    assert [offers.microphone(device) for device in devices] == [
        MicrophoneChoice("USB"), MicrophoneChoice("1"), MicrophoneChoice("2"),
    ]  # fmt: skip
