"""What an application waits for before the SDK is there: a new interpreter that imports it, beside a bare one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from server.cli.bench.bench import Bench
from server.cli.bench.lines import Measured, at_most

__all__ = ["importing"]

_WANTED_MS = 300


def importing(bench: Bench) -> list[Measured]:
    """Measure both in turns, so that what else the machine does slows both."""
    times, compiled = bench.pick(1, 15), bench.folder / "compiled"
    _took("import client_sdk", compiled)
    runs = [
        [(_took("import client_sdk", compiled), _took("pass", compiled)) for _ in range(times)]
        for _ in range(bench.repetitions)
    ]
    return [
        Measured(
            "import",
            "ms",
            tuple(median(one for one, _ in run) for run in runs),
            tuple(median(bare for _, bare in run) for run in runs),
            at_most(_WANTED_MS),
            f"a new interpreter that imports the SDK, modules compiled already, median of {times}; beside a bare one",
            f"新解释器导入 SDK（模块已编译），{times} 次的中位数；对照为空解释器",
        )
    ]


def _took(statement: str, compiled: Path) -> float:
    """Milliseconds from the start of an interpreter to its end; it keeps and finds compiled modules there."""
    env = os.environ | {"PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": ""}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], env=env, check=True)  # noqa: S603  # our own interpreter and statement
    return (time.perf_counter() - began) * 1000
