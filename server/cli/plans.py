"""How a plan of a handover is typed: the options that `offboard` and `notice give` share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from server.cli.deployment import Deployment
from server.cli.talk import Failure
from server.departure.leaving.plan_file import Said, read_plan, wanted_of
from server.departure.leaving.wanted import Wanted
from server.master.store import Tx

__all__ = ["Typed", "planning"]


class Typed(msgspec.Struct, frozen=True):
    """A plan as it was typed."""

    successor: str | None
    to_pool: bool
    said: tuple[Said, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said of who follows."""
        return self.successor is None and not self.to_pool and not self.said

    async def read(self, deployment: Deployment, tx: Tx) -> Wanted:
        """What it means. Raises Failure, Refusal."""
        follower = await deployment.person(tx, self.successor) if self.successor else None
        return await wanted_of(tx, self.said, follower.id if follower else None, to_pool=self.to_pool)


def planning(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a plan; it gets them as `plan`."""

    @click.option("--to", "successor", metavar="STAFF", help="接手人 · Who takes over the territories.")
    @click.option("--to-pool", is_flag=True, help="无他人负责的片区，终端转入公海 · Outlets go to the pool.")
    @click.option("--territory", "places", multiple=True, metavar="片区=去向", help="TERRITORY=STAFF|TERRITORY|pool")
    @click.option("--outlet", "outlets", multiple=True, metavar="终端=去向", help="OUTLET=STAFF|TERRITORY|pool")
    @click.option(
        "--plan", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="计划表 .csv：片区、终端、去向 · A .csv with the columns territory, outlet, goes_to.",
    )  # fmt: skip
    @wraps(command)
    def run(
        *args: Any, successor: str | None, to_pool: bool, places: tuple[str, ...], outlets: tuple[str, ...],
        file: Path | None, **options: Any,
    ) -> Any:  # fmt: skip
        said = [*([] if file is None else read_plan(file))]
        said += [Said(name, "", goes_to) for name, goes_to in map(_split, places)]
        said += [Said("", name, goes_to) for name, goes_to in map(_split, outlets)]
        return command(*args, plan=Typed(successor, to_pool, tuple(said)), **options)

    return run


def _split(typed: str) -> tuple[str, str]:
    name, separator, goes_to = typed.rpartition("=")
    if not separator or not name.strip() or not goes_to.strip():
        raise Failure("plan_unreadable", f"write it as WHAT=WHERE, not {typed}", f"请写成“名称=去向”，而不是“{typed}”")
    return name.strip(), goes_to.strip()
