import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

import pytest

WORKERS_PER_CORE: Final = 3
"""More than one: end-to-end tests mostly wait, in real time."""
QUICK_WORKERS_PER_CORE: Final = 2
"""Where end-to-end tests are left out: those of the screen wait too, but each worker has all tests to collect."""
TESTS: Final = Path(__file__).parent
WAITING_UNTIL: Final = 0.9
"""By which part of a run the tests that wait have begun: what comes last is short."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep what is compiled; let what tests start be interrupted; say how many examples are tried, and time none."""
    # pytest compiles asserts in its own way. Where the environment asks for no bytecode, each worker of each run would
    # do it again, 4 s of a core, and so would each program that a test starts with its own, 0.15 s.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    from hypothesis import settings  # after that: it is compiled so too

    # How long an example takes is the machine's affair, and no test's. Most that a hundred examples find, fifty find:
    # .ci/run asks for all of them with --hypothesis-profile=thorough. `make test` is run again and again.
    settings.register_profile("thorough", deadline=None)
    settings.register_profile("usual", settings.get_profile("thorough"), max_examples=50)
    settings.register_profile("quick", settings.get_profile("usual"), max_examples=10)
    settings.load_profile("quick" if _is_quick(config) else "usual")
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
    return (QUICK_WORKERS_PER_CORE if _is_quick(config) else WORKERS_PER_CORE) * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of a folder; mix those that wait with those that compute, so that no core is ever idle."""
    whole: list[pytest.Item] = []
    screen: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        if item.path.is_relative_to(TESTS / "e2e"):
            item.add_marker("e2e")
        if item.get_closest_marker("e2e") or item.get_closest_marker("device"):
            whole.append(item)
        else:
            (screen if item.path.is_relative_to(TESTS / "ui") else others).append(item)
    for each in (screen, others):
        each.sort(key=lambda item: item.get_closest_marker("slow") is None)
    items[:] = _spread(whole, screen, others)


def _is_quick(config: pytest.Config) -> bool:
    """Whether end-to-end tests are left out, as `make test` does."""
    return "not e2e" in str(config.option.markexpr)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for no garbage while tests are collected, nor later among them: tests and modules stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def _spread(*groups: list[pytest.Item]) -> list[pytest.Item]:
    """Return all, those of a group in their order, evenly over the run; the last group alone up to its end."""
    placed: list[tuple[float, pytest.Item]] = []
    for group in groups:
        until = 1.0 if group is groups[-1] else WAITING_UNTIL
        placed += [(until * place / len(group), item) for place, item in enumerate(group)]
    return [item for _, item in sorted(placed, key=lambda each: each[0])]


@pytest.fixture(scope="session", autouse=True)
def _directories_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sessions are recorded by default, and choices remembered: not with those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("data", "config", "state"):
            patch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path_factory.mktemp(name)))
        yield
