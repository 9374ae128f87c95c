import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

WORKERS_PER_CORE: Final = 3
"""More than one: end-to-end tests mostly wait, in real time. Where they are left out, one: the others only compute."""
END_TO_END: Final = Path(__file__).parent / "e2e"
WAITING_UNTIL: Final = 0.9
"""By which part of a run the tests that wait have begun: what comes last is short."""


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
    per_core = 1 if "not e2e" in config.option.markexpr else WORKERS_PER_CORE
    return per_core * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of a folder; mix those that wait with those that compute, so that no core is ever idle."""
    for item in items:
        if item.path.is_relative_to(END_TO_END):
            item.add_marker("e2e")
    waiting = [item for item in items if _is(item, "e2e", "device")]
    computing = [item for item in items if not _is(item, "e2e", "device")]
    computing.sort(key=lambda item: not _is(item, "slow"))
    items[:] = _mixed(waiting, computing)


def _is(item: pytest.Item, *marks: str) -> bool:
    return any(item.get_closest_marker(mark) for mark in marks)


def _mixed(waiting: list[pytest.Item], computing: list[pytest.Item]) -> list[pytest.Item]:
    """Return both, each in its order, spread evenly over the run."""
    places = [WAITING_UNTIL * place / len(waiting) for place in range(len(waiting))]
    places += [place / len(computing) for place in range(len(computing))]
    return [item for _, item in sorted(zip(places, waiting + computing, strict=True), key=lambda placed: placed[0])]


@pytest.fixture(scope="session", autouse=True)
def _directories_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sessions are recorded by default, and choices remembered: not with those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("data", "config", "state"):
            patch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path_factory.mktemp(name)))
        yield
