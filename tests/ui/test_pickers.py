import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec
import pytest
from tests.ui.screen import SIZES, in_every_size, monitor, resize, text
from tests.ui.scripted import ScriptedController
from textual.widgets import Input, OptionList

from stt_monitor.core.commands import ChooseInput, ChooseService
from stt_monitor.core.session_options import (
    Available,
    Device,
    FileChannels,
    FileChoice,
    LocalService,
    MicrophoneChoice,
    SampleChoice,
    UrlService,
    VendorService,
)
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.ui.screens.input import InputScreen
from stt_monitor.ui.screens.service import ServiceScreen
from stt_monitor.ui.widgets import path_suggestions as recordings
from stt_monitor.ui.widgets.path_suggestions import find_recordings

WITHOUT_PORTAUDIO = """
import ctypes.util
ctypes.util.find_library = lambda _: None
from stt_monitor.audio.devices.portaudio import MicrophoneError, load
try: load()
except MicrophoneError as error: print(error)
"""

HOSTILE = "[/b][@click=app.quit]\x1b[2J\u202eevil"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "calls" / "old").mkdir(parents=True)
    evil = f"calls/{HOSTILE[4:]}.wav"
    for name in ("interview.wav", "Intro.FLAC", "notes.txt", ".hidden.wav", "calls/monday.mp3", evil):
        (tmp_path / name).write_bytes(b"0" * 1234)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def controller() -> ScriptedController:
    controller = ScriptedController()
    controller.found = Available(
        devices=(
            Device(2, f"Webcam {HOSTILE}", 1, 16_000, default=False),
            Device(5, "Headset", 2, 44_100, default=True),
        ),
        problem="",
        services=(LocalService(), UrlService("wss://me:secret@example.org/stt?access_token=hush")),
        vendor_key_set=False,
        key_variable=SERVICE.key_variable,
        title=SERVICE.title,
    )
    return controller


def chosen(controller: ScriptedController) -> list[object]:
    return [one.choice for one in controller.sent if isinstance(one, ChooseInput | ChooseService)]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
async def test_i_offers_microphones_the_sample_and_recordings(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("i")
        await pilot.pause()
        assert isinstance(pilot.app.screen, InputScreen)
        said = text(pilot)
        for what in (
            "● Headset", "2 ch  44.1 kHz  default", "Webcam [/b][@click=app.quit][2Jevil", "the bundled spoken sample",
            "calls/", "interview.wav", "1.2 kB", "Intro.FLAC", "../",
        ):  # fmt: skip
            assert what in said, what
        assert "notes.txt" not in said
        assert ".hidden" not in said
        await pilot.press("enter")
        assert chosen(controller) == [MicrophoneChoice("Headset")]
        assert len(pilot.app.screen_stack) == 1
        await pilot.press("i", "down", "enter", "i", "down", "down", "enter")
        assert chosen(controller)[1:] == [MicrophoneChoice(f"Webcam {HOSTILE}"), SampleChoice()]
        await pilot.press("i", "escape")
        assert len(chosen(controller)) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("count", "sent", "agent", "lines"),
    [
        (2, "mix", None, [
            "● send a mix of both now", "send left, hear the agent on right", "send right, hear the agent on left",
            "send left alone", "send right alone",
        ]),
        (2, "1", "2", [
            "send a mix of both", "● send left, hear the agent on right now", "send right, hear the agent on left",
            "send left alone", "send right alone",
        ]),
        (5, "4", None, [
            "send a mix of all", "send channel 1 alone", "send channel 2 alone", "send channel 3 alone",
            "● send channel 4 alone now", "send channel 5 alone",
        ]),
    ],
)  # fmt: skip
async def test_i_offers_the_channels_of_the_file_that_is_played(
    controller: ScriptedController, count: int, sent: str, agent: str | None, lines: list[str]
):
    channels = FileChannels(f"calls/{HOSTILE}.wav", count, sent, agent)
    controller.found = msgspec.structs.replace(controller.found, channels=channels)
    async with monitor(controller) as pilot:
        await pilot.press("i")
        await pilot.pause()
        options = pilot.app.screen.query_one(OptionList)
        shown = [" ".join(str(options.get_option_at_index(n).prompt).split()) for n in range(options.option_count)]
        assert shown[0].startswith("Channels of ")
        assert "\x1b" not in shown[0]
        assert shown[1 : shown.index("Microphones")] == lines
        await pilot.press("down", "enter")
        assert chosen(controller) == [channels.choices[1]]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
async def test_a_path_is_completed_and_folders_are_looked_into(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("i", *"int")
        await pilot.pause()
        assert "Headset" not in text(pilot)
        assert [find.name for find in find_recordings("int")[0]] == ["interview.wav", "Intro.FLAC"]
        await pilot.press("backspace", "backspace", "backspace", *"CA", "tab")
        await pilot.pause()
        line = pilot.app.screen.query_one(Input)
        assert line.value == "calls/"
        assert "old/" in text(pilot)
        assert "monday.mp3" in text(pilot)
        assert "\x1b" not in text(pilot)
        await pilot.press(*"mon", "enter")
        assert chosen(controller) == [FileChoice("calls/monday.mp3")]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
async def test_enter_looks_into_a_folder_and_a_path_that_is_not_offered_is_tried(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("i", *"call", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, InputScreen)
        assert "monday.mp3" in text(pilot)
        await pilot.press(*["backspace"] * 6, *"notes.txt")
        await pilot.pause()
        assert "no match" in text(pilot)
        await pilot.press("enter")
        assert chosen(controller) == [FileChoice("notes.txt")]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
async def test_a_click_chooses(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("i")
        await pilot.pause()
        await pilot.click(OptionList, offset=(6, 4))
        await pilot.pause()
        assert chosen(controller) == [SampleChoice()]


@pytest.mark.slow
async def test_without_portaudio_it_says_what_to_do_in_every_size(controller: ScriptedController):
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WITHOUT_PORTAUDIO, stdout=PIPE)
    problem = (await process.communicate())[0].decode()
    controller.found = Available(
        (), problem, (), vendor_key_set=False, key_variable=SERVICE.key_variable, title=SERVICE.title
    )
    async with monitor(controller) as pilot:
        for size in SIZES:
            await resize(pilot, size)
            await pilot.press("i")
            await pilot.pause()
            assert "apt install libportaudio2" in text(pilot)
            await pilot.press("escape")


@pytest.mark.slow
async def test_e_offers_the_endpoints_and_shows_no_secret(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ServiceScreen)
        said = text(pilot)
        assert "the local server" in said
        assert "wss://example.org/stt" in said
        assert not any(secret in said for secret in ("secret", "hush", "access_token"))
        assert "Cartesia needs CARTESIA_API_KEY" in said
        await pilot.press("enter")
        assert chosen(controller) == [LocalService()]
        controller.found = Available(
            (),
            "",
            (LocalService(), VendorService()),
            vendor_key_set=True,
            key_variable=SERVICE.key_variable,
            title=SERVICE.title,
        )
        await pilot.press("e", "down", "enter")
        assert chosen(controller)[1:] == [VendorService()]


@pytest.mark.slow
async def test_an_address_can_be_typed(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("e", *"localhost:80", "enter")
        await pilot.pause()
        assert "an address begins with ws://" in text(pilot)
        assert not chosen(controller)
        await pilot.press(*["backspace"] * 12, *"ws://[::1]:8765", "enter")
        assert chosen(controller) == [UrlService("ws://[::1]:8765")]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("key", ["i", "e"])
async def test_the_lists_fit_every_window(controller: ScriptedController, key: str):
    async with monitor(controller) as pilot:
        async for size in in_every_size(pilot):
            await pilot.press(key)
            await pilot.pause()
            box = pilot.app.screen.query_one("#picker").region
            assert pilot.app.screen.region.contains_region(box), size
            assert pilot.app.screen.query_one(OptionList).region.height >= 3, size
            await pilot.press("escape")


def test_a_folder_of_any_size_is_offered_in_part(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recordings, "_SHOWN", 3)
    for number in range(10):
        (folder / f"x{number}.wav").touch()
    found, more = find_recordings("x")
    assert ([one.name for one in found], more) == (["x0.wav", "x1.wav", "x2.wav"], 7)


def test_what_cannot_be_read_offers_nothing(folder: Path):
    assert find_recordings("nowhere/x") == ([], 0)
    assert find_recordings("interview.wav/") == ([], 0)
    (folder / "gone.wav").symlink_to(folder / "never")
    assert find_recordings("gone") == ([], 0)


@pytest.mark.slow
@pytest.mark.parametrize("opener", ["i", "ctrl+p"])
async def test_a_click_on_a_line_that_is_gone_is_no_fault(controller: ScriptedController, opener: str):
    async with monitor(controller) as pilot:
        await pilot.press(opener)
        options = pilot.app.screen.query_one(OptionList)
        while not options.option_count:
            await pilot.pause(0.01)
        await pilot.pause()
        screen = pilot.app.screen
        assert "option" in screen.get_style_at(options.region.x + 2, options.region.y + 1).meta
        options._options.clear()  # the picture still has them
        await pilot.click(options, offset=(2, 1))
        assert pilot.app.screen is screen


@pytest.mark.slow
async def test_recent_recordings_and_addresses_are_offered_while_they_are_there(
    folder: Path, controller: ScriptedController
):
    recent, gone = folder / "interview.wav", folder / "gone.wav"
    controller.found = msgspec.structs.replace(
        controller.found, recent_files=(str(gone), str(recent)), recent_addresses=("wss://b.example/stt",)
    )
    async with monitor(controller) as pilot:
        await pilot.press("i")
        await pilot.pause()
        shown = text(pilot)
        assert str(folder)[:20] in shown
        assert "gone.wav" not in shown
        await pilot.press(*["down"] * 3, "enter")
        await pilot.press("e")
        await pilot.pause()
        assert "wss://b.example/stt" in text(pilot)
        await pilot.press("up", "enter")
    assert chosen(controller) == [FileChoice(str(recent)), UrlService("wss://b.example/stt")]
