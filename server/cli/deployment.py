"""The deployment that a command works on: settings, store, keys; and how commands that use it are made.

Every command opens it, does one thing and closes it. What a person types for somebody or something is looked up here.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from uuid import UUID

import rich_click as click

from server.cli.talk import Failure, Talk
from server.departure.means import Means, means_of
from server.field.ground import Ground
from server.field.lookup import named_outlets
from server.field.policies import policies_of
from server.identity import devices, staff, territories
from server.identity.devices import Device
from server.identity.letters import Post
from server.identity.staff import Person
from server.identity.terms import LeaseSetting
from server.identity.territories import Territory
from server.master.meta import Identity, read_identity
from server.master.store import Store, Tx
from server.ports import Sources
from server.settings import Settings, read_settings
from sync.ids import parse_id

__all__ = ["ADDRESS_FILE", "Deployment", "acting", "is_meant", "opened", "speaking"]

ADDRESS_FILE = "address"
"""Under SAOJIE_HOME: where the server was last."""
_SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment, opened."""

    talk: Talk
    settings: Settings
    means: Means

    @property
    def store(self) -> Store:
        """The master store."""
        return self.means.store

    @property
    def sources(self) -> Sources:
        """Clock and randomness."""
        return self.means.sources

    @property
    def ground(self) -> Ground:
        """What rules stand on, at the default of every setting."""
        return Ground(self.sources, self.settings.time_zone, self.settings.phone_region)

    async def ruled(self, tx: Tx) -> Ground:
        """What rules stand on, with the company's settings."""
        return replace(self.ground, policies=await policies_of(tx))

    @property
    def address(self) -> str:
        """Where phones on this machine reach the server: where it was last, or where it would be."""
        try:
            return (self.settings.home / ADDRESS_FILE).read_text("utf-8").strip()
        except FileNotFoundError:
            return f"http://{self.settings.host}:{self.settings.port}"

    @property
    def post(self) -> Post:
        """What letters are made with."""
        means, settings = self.means, self.settings
        terms = LeaseSetting(settings.lease_locks_after, settings.lease_erases_after, settings.lease_under_notice)
        return Post(means.store, means.locks, means.keys, terms, means.sources)

    async def founded(self) -> Identity:
        """The company of this deployment, with its keys as they are in use. Raises Failure where there is none yet,
        Refusal where this machine has not got the keys.
        """
        async with self.store.read() as tx:
            try:
                identity = await read_identity(tx)
            except LookupError as error:
                raise Failure("not_set_up", "run `saojie init`", "尚未初始化，请运行 saojie init") from error
        self.means.keys.follow(identity.keys)
        return identity

    async def person(self, tx: Tx, typed: str) -> Person:
        """The person of an id or of exactly that name. Raises Failure."""
        known = parse_id(typed)
        by_id = await staff.find(tx, known) if known is not None else None
        found = [by_id] if by_id is not None else await staff.named(tx, typed)
        active = [one for one in found if one.is_active] or found
        if len(active) == 1:
            return active[0]
        if not active:
            raise Failure(
                "staff_unknown", f"there is nobody named {typed}; see `saojie staff list`",
                f"没有“{typed}”这个人，请查看 saojie staff list",
            )  # fmt: skip
        ids = ", ".join(str(one.id) for one in active)
        raise Failure("staff_ambiguous", f"several people are named {typed}: {ids}", f"有多人叫“{typed}”：{ids}")

    async def device(self, tx: Tx, typed: str) -> Device:
        """The device of an id, or of the only id that ends or begins like this. Raises Failure."""
        wanted = typed.lower().replace("-", "")
        found = [one for one in await devices.listing(tx) if is_meant(one.id, wanted)]
        if len(found) == 1:
            return found[0]
        raise Failure(
            "device_unknown", f"no single device {typed}; see `saojie devices list`",
            f"找不到唯一的设备“{typed}”，请查看 saojie devices list",
        )  # fmt: skip

    async def territory(self, tx: Tx, typed: str) -> Territory:
        """The territory of an id or a name. Raises Failure."""
        known = parse_id(typed)
        found = await territories.find_territory(tx, known) if known is not None else None
        found = found or await territories.territory_named(tx, typed)
        if found is None:
            raise Failure(
                "territory_unknown", f"there is no territory {typed}; see `saojie territory list`",
                f"没有片区“{typed}”，请查看 saojie territory list",
            )  # fmt: skip
        return found

    async def outlet(self, tx: Tx, typed: str) -> UUID:
        """The outlet of an id, a code or exactly that name. Raises Failure."""
        found = await named_outlets(tx, typed)
        if len(found) == 1:
            return found[0].id
        if not found:
            raise Failure("outlet_unknown", f"there is no outlet {typed}", f"没有终端“{typed}”")
        ids = ", ".join(str(one.id) for one in found)
        raise Failure("outlet_ambiguous", f"several outlets are named {typed}: {ids}", f"有多家终端叫“{typed}”：{ids}")


def is_meant(one: UUID, wanted: str) -> bool:
    """Whether somebody who typed `wanted` (lower case, no dashes) can mean this id: its beginning or its end."""
    return len(wanted) >= _SHORTEST_PREFIX and (one.hex.endswith(wanted) or one.hex.startswith(wanted))


def speaking(function: Callable[..., None]) -> Callable[..., None]:
    """A command with `--json` and `--lang`, whose errors end it with one line and exit code 1."""

    @click.option("--json", "as_json", is_flag=True, help="输出 JSON · One JSON object on the last line.")
    @click.option("--lang", type=click.Choice(["zh", "en"]), help="语言 · Language of the messages.")
    @click.pass_obj
    @wraps(function)
    def run(talk: Talk, /, as_json: bool, lang: str | None, **options: Any) -> None:
        talk.language = lang or talk.language
        talk.speak_json(is_json=as_json)
        try:
            function(talk, **options)
        except Exception as error:  # noqa: BLE001  # whatever it is, it ends in one line and an exit code
            sys.exit(_told(talk, error))

    return run


def _told(talk: Talk, error: Exception) -> int:
    """Tell an error in one line; with SAOJIE_DEBUG in the environment it comes with its trace instead."""
    from server.cli.errors import failure_of

    if os.environ.get("SAOJIE_DEBUG"):
        raise error
    talk.fail(failure_of(error))
    return 1


def acting(work: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A command that works on the deployment that the environment names: `work(deployment, **options)`."""

    @wraps(work)
    def run(talk: Talk, **options: Any) -> None:
        async def whole() -> None:
            async with opened(talk) as deployment:
                await work(deployment, **options)

        asyncio.run(whole())

    return speaking(run)


@asynccontextmanager
async def opened(talk: Talk) -> AsyncIterator[Deployment]:
    """Open the deployment, check that it is set up, and close it afterwards. Raises Failure, KeyFileError."""
    from server.master.schema import check_schema

    settings = read_settings(os.environ)
    means = means_of(settings)
    try:
        await check_schema(means.store)
        deployment = Deployment(talk, settings, means)
        await deployment.founded()
        yield deployment
    finally:
        await means.close()
