"""`make failover`: the failover lab, a line for each round and a summary as JSON on the last line.

python -m tests.end_to_end.failover [--rounds 50] [--seed N]
"""

from __future__ import annotations

import argparse
import secrets
import sys

import msgspec

from tests.end_to_end.failover.rounds import Lab, Summary
from tests.end_to_end.failover.services import missing

__all__ = ["main"]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run; 0 where nothing was wrong, 1 where something was, 2 where the services are not there."""
    parser = argparse.ArgumentParser(
        prog="make failover", description="Break the cluster, and see that nothing is lost."
    )
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    options = parser.parse_args()
    if why := missing():
        _say(f"cannot run: {why}")
        return 2
    _say(f"seed {options.seed}")
    with Lab.open(options.seed) as lab:
        summary: Summary = lab.run(options.rounds, _say)
    _say(msgspec.json.encode(summary).decode())
    return 1 if summary.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
