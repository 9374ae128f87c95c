import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

WORKERS_PER_CORE: Final = 2
"""More than one: end-to-end tests mostly wait, in real time."""
END_TO_END: Final = Path(__file__).parent / "e2e"


def pytest_configure() -> None:
    """Keep what is compiled; let what tests start be interrupted; time no example."""
    # pytest compiles asserts in its own way. Where the environment asks for no bytecode, each worker of each run would
    # do it again: 4 s of a core.
    sys.dont_write_bytecode = False
    from hypothesis import settings  # after that: it is compiled so too

    # How long an example takes is the machine's affair, and no test's.
    settings.register_profile("no deadline", deadline=None)
    settings.load_profile("no deadline")
    # What a shell runs in the background ignores interrupts, what nohup runs ignores hangups, and what is started here
    # would inherit that. Where a handler stands, whatever it does, they begin with the default.
    for name in ("SIGINT", "SIGHUP"):
        which = getattr(signal, name, None)
        if which is not None and signal.getsignal(which) is signal.SIG_IGN:
            signal.signal(which, lambda *_: None)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers run the tests; none where single files are named: their output comes as it is printed."""
    if all(Path(argument.split("::")[0]).is_file() for argument in config.args):
        return 0
    return WORKERS_PER_CORE * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of a folder; run first what lasts long, so that no worker ends with it alone."""
    for item in items:
        if item.path.is_relative_to(END_TO_END):
            item.add_marker("e2e")
    items.sort(key=_how_long)


def _how_long(item: pytest.Item) -> int:
    """Return the rank of a test in the order of running."""
    return next((rank for rank, mark in enumerate(("e2e", "slow", "device")) if item.get_closest_marker(mark)), 3)


@pytest.fixture(scope="session", autouse=True)
def _directories_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sessions are recorded by default, and choices remembered: not with those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("data", "config", "state"):
            patch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path_factory.mktemp(name)))
        yield
