"""Memory is looked at from outside: the case is a fresh interpreter."""

import subprocess
import sys

import pytest

CODE = """
from pathlib import Path
from stt_monitor.system.memory import give_back

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

kept = []
freed = []
for _ in range(2000):
    freed.append(bytearray(20_000))
    kept.append(bytearray(600))  # behind it, so that not just the end of the memory is free
before = resident_mb()
del freed
give_back()
print(before - resident_mb())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only its C library is asked")
def test_freed_memory_goes_back_to_the_system():
    given_mb = float(subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout)
    assert given_mb > 15
