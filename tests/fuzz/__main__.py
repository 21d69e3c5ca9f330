"""`python -m tests.fuzz`: hunt with as many rounds as there is time for, from a seed, at all doors or at some."""

from __future__ import annotations

import argparse
import secrets
import sys

from tests.fuzz.doors import DOORS
from tests.fuzz.hunt import hunt


def main() -> int:
    """Whether nothing was found, as an exit code."""
    asked = _arguments()
    seed = secrets.randbelow(1 << 40) if asked.seed is None else asked.seed
    doors = [door for door in DOORS if asked.door in door.name]
    found = list(hunt(doors, seed, asked.rounds))
    lines = [f"{one.door}: {one.says}\n  fixtures/fuzz/: {one.door}\t{one.data.hex()}" for one in found]
    lines.append(f"{len(doors)} doors, {asked.rounds} rounds each, seed {seed}: {len(found)} broken")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2000, help="how many bytes each door is tried with")
    parser.add_argument("--seed", type=int, help="where the draws begin; fresh if it is not given")
    parser.add_argument("--door", default="", help="only doors whose name has this in it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
