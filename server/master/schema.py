"""Which step of the schema a store is at. Every command asks, so nothing that makes schemas is imported here."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from server.master.store import Store

__all__ = ["StoreError", "check_schema", "is_current", "newest_step", "refuse_newer", "step_of"]

_STEPS = Path(__file__).parent / "migrations" / "versions"
_AT = table("alembic_version", column("version_num"))


class StoreError(Exception):
    """Raised for a store that is not what is asked of it. `code` is stable: schema_old (or none is there), schema_new,
    and those of a move; `en` and `zh` say what to do.
    """

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(f"{code}: {en} / {zh}")
        self.code = code
        self.en = en
        self.zh = zh


def newest_step() -> str:
    """The newest step of this version: the number that the last file of the steps begins with."""
    return max(path.name.partition("_")[0] for path in _STEPS.glob("[0-9]*.py"))


def step_of(connection: Connection) -> str | None:
    """The step that the store is at, or None where it has no schema yet."""
    if not inspect(connection).has_table(_AT.name):
        return None
    step: str | None = connection.scalar(select(_AT.c.version_num))
    return step


async def is_current(store: Store) -> bool:
    """Whether the store's schema is the one that this version works with."""
    async with store.read() as tx:
        return await tx.run_sync(step_of) == newest_step()


async def check_schema(store: Store) -> None:
    """See that the store's schema is the one that this version works with; it is only read. Raises StoreError."""
    async with store.read() as tx:
        step = await tx.run_sync(step_of)
    refuse_newer(step)
    if step != newest_step():
        raise StoreError(
            "schema_old",
            "the store is not there or not of this version; run `saojie init`",
            "数据库不存在或版本不符，请运行 saojie init",
        )


def refuse_newer(step: str | None) -> None:
    """Raise StoreError for the step of a later version: this one must not touch what it does not know."""
    newest = newest_step()
    if step is not None and step > newest:
        raise StoreError(
            "schema_new",
            f"a newer version has upgraded this store (step {step}; this version knows {newest}): install that version "
            "again, or put back the backup from before the upgrade",
            f"数据库已被更新的版本升级（第 {step} 步，本版本只到 {newest}）：请重新安装该版本，或恢复升级前的备份",
        )
