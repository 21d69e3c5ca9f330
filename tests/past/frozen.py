"""What is frozen of the steps of the store's schema: the bytes of each, from the day it is published.

`python -m tests.past.frozen` adds the steps that are new to `fixtures/past/steps.json`. A line that is there is never
written again: a store in the field has taken that step as it was.
"""

from __future__ import annotations

import hashlib
import json

from tests.past.harness import FOLDER
from tests.source import ROOT

__all__ = ["frozen", "steps_now"]

_FILE = FOLDER / "steps.json"
_STEPS = ROOT / "server" / "master" / "migrations" / "versions"


def steps_now() -> dict[str, str]:
    """Each step by its number: a hash of its file."""
    return {
        path.name.partition("_")[0]: hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        for path in sorted(_STEPS.glob("[0-9]*.py"))
    }


def frozen() -> dict[str, str]:
    """The same as they were published."""
    found: dict[str, str] = json.loads(_FILE.read_text("utf-8")) if _FILE.exists() else {}
    return found


if __name__ == "__main__":
    _FILE.write_text(json.dumps(steps_now() | frozen(), indent=1, sort_keys=True) + "\n", "utf-8")
