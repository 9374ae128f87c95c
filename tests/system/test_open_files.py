"""Limits of a process are changed in a process of its own."""

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource")

CODE = """
import resource, sys
from stt_monitor.system.open_files import allow_open_files

soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(allow_open_files(wanted), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("limits", "left"),
    [((64, 128, 100), "100 100 128"), ((64, 96, 100), "96 96 96"), ((128, 128, 100), "100 128 128")],
    ids=["raised", "as far as it goes", "never lowered"],
)
def test_the_limit_is_raised_as_far_as_the_system_lets_it(limits: tuple[int, ...], left: str):
    run = subprocess.run([sys.executable, "-c", CODE, *map(str, limits)], capture_output=True, text=True, check=True)
    assert run.stdout.split() == left.split()
