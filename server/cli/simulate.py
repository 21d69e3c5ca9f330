"""`saojie simulate`: the seeded world, for anyone. The world has both sides in it, so it is a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import rich_click as click

from server.cli.deployment import speaking
from server.cli.talk import Failure, Talk

__all__ = ["simulate"]

_SOURCE = Path(__file__).resolve().parents[2]
_WORLD = _SOURCE / "tests" / "simulation"


@click.command()
@click.option("--seeds", type=click.IntRange(1), default=100, show_default=True, help="种子数 · How many seeds.")
@click.option("--first", type=click.IntRange(0), default=1, show_default=True, help="第一个种子 · The first of them.")
@click.option("--workers", type=click.IntRange(1), help="进程数，默认每核一个 · Processes; one a core if not given.")
@speaking
def simulate(talk: Talk, seeds: int, first: int, workers: int | None) -> None:
    """随机世界检验各项保证 · Run the seeded world, in which anything may fail, against what must hold."""
    if not _WORLD.is_dir():
        raise Failure(
            "no_world",
            "the seeded world lies in the source tree; run it there",
            "随机世界位于源代码目录，请在该目录运行",
        )
    talk.both(f"运行 {seeds} 个种子，自 {first} 起", f"Running {seeds} seeds from {first}")
    runs = _runs(seeds, first, workers)
    for one in runs["failing"]:
        talk.say(f"种子 {one['seed']} 失败", f"seed {one['seed']} failed")
        talk.raw("\n".join(one["wrong"]))
    talk.say(
        f"种子 {runs['seeds']}，失败 {runs['failed']}，每分钟 {runs['per_minute']}",
        f"{runs['seeds']} seeds, {runs['failed']} failed, {runs['per_minute']} a minute",
    )
    talk.result(runs)
    if runs["failed"]:
        failing = ", ".join(str(one["seed"]) for one in runs["failing"])
        raise Failure("seeds_failed", f"these seeds failed: {failing}", f"失败的种子：{failing}")


def _runs(seeds: int, first: int, workers: int | None) -> dict[str, Any]:
    asked = [sys.executable, "-m", "tests.simulation", "--json", "--seeds", str(seeds), "--first", str(first)]
    asked += ["--workers", str(workers)] if workers else []
    # Strings hash alike in every run, so that a seed is the same world tomorrow.
    alike = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(asked, cwd=_SOURCE, env=alike, stdout=subprocess.PIPE, check=False)  # noqa: S603  # ours
    if not done.stdout:
        raise Failure("world_broke", "the seeded world did not run; it says why above", "随机世界未能运行，原因见上")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
