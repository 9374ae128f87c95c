"""Memory is looked at from outside: the case is a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

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


CODE_OF_LIBRARIES = """
import ctypes, mmap, sys
from pathlib import Path
from stt_monitor.system.memory import give_back

folder = Path(sys.argv[1])
size = 4_000_000
parts = []
for name in ("as_it_is", "filled_in"):
    (folder / name).write_bytes(b"f" * size)
    with (folder / name).open("rb") as file:
        parts.append(mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE))
as_it_is, filled_in = parts
filled_in[5000:5003] = b"own"  # as addresses are filled in in the tables of a library
for part in parts:  # nobody writes to them any more
    begin = ctypes.addressof(ctypes.c_char.from_buffer(part))
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(begin), ctypes.c_size_t(size), mmap.PROT_READ) == 0
    assert part.find(b"absent") < 0  # all of it is read

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

give_back()  # what this has freed so far
before = resident_mb()
give_back(folder)
print(before - resident_mb())
assert as_it_is[:] == b"f" * size
assert filled_in[4999:5004] == b"fownf"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system is told")
def test_code_of_libraries_goes_back_to_the_system_but_not_what_was_filled_in(tmp_path: Path):
    command = [sys.executable, "-c", CODE_OF_LIBRARIES, str(tmp_path)]
    given_mb = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert 3.5 < given_mb < 6
