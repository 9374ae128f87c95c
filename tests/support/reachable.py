"""What an object holds on to, for tests of what must not grow."""

import gc
from collections.abc import Iterator
from types import FunctionType, ModuleType

import msgspec


def reachable(root: object, kind: type) -> int:
    """Count the objects of a kind that are kept alive by `root`, however they are."""
    return sum(isinstance(each, kind) for each in _reached(root))


def _reached(root: object) -> Iterator[object]:
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type | ModuleType | FunctionType):
            continue
        seen.add(id(each))
        yield each
        waiting += gc.get_referents(each)
        if isinstance(each, msgspec.Struct):  # some take no part in the collector's walks
            waiting += [getattr(each, name) for name in each.__struct_fields__]
