"""Build hook: what the distribution needs on the machine that it is built on, which is the one that it is installed on.

The local server's parts come as wheels for some platforms only, and no environment marker can tell glibc 2.34 from an
older one, or from musl. A requirement that names its wheels' platforms (`wheels` in the hook's table of
`pyproject.toml`) is left out where none of them can be installed; the local server then says what it lacks.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface
from packaging.requirements import Requirement
from packaging.tags import sys_tags


class CustomMetadataHook(MetadataHookInterface):
    """Fills in `dependencies`. The table's own are `dependencies` and `wheels`: platform tags by project name."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the requirements that can be met here to the project's metadata."""
        platforms = {tag.platform for tag in sys_tags()}
        metadata["dependencies"] = installable(self.config["dependencies"], self.config["wheels"], platforms)


def installable(requirements: Iterable[str], wheels: Mapping[str, Iterable[str]], platforms: set[str]) -> list[str]:
    """Return the requirements without those whose wheels are for other platforms.

    Args:
        requirements: as in `project.dependencies`.
        wheels: the platform tags that a project has wheels for; a project that is not in it can be had everywhere.
        platforms: the platform tags of the machine.
    """
    return [
        requirement
        for requirement in requirements
        if platforms.intersection(wheels.get(Requirement(requirement).name, platforms))
    ]
