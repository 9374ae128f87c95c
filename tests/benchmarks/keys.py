"""Whether any bunch of keys, clicks, pastes and sizes ends the screen: as many as one likes, seeded.

    python tests/benchmarks/keys.py [BUNCHES [SEED]]

Each life of the screen gets forty bunches from its first moment on. What ended it, and what the guard beneath its
handlers caught, is printed with the seed that brings it out again; exit code 1 if there was anything.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.ui.bunches import live_through

BUNCHES: Final = 10_000
LIFE: Final = 40
"""Bunches in one life of the screen."""


def main(bunches: int = BUNCHES, seed: int = 0) -> int:
    lives = -(-bunches // LIFE)
    wrong: list[str] = []
    for life in range(seed, seed + lives):
        found = asyncio.run(live_through(life, LIFE))
        for what in found:
            print(what, flush=True)
        wrong += found
    print(f"{lives * LIFE} bunches in {lives} lives from seed {seed}: {len(wrong)} that ended it or were caught")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
