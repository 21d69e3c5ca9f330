"""`saojie store-role`: the rights of the role under which servers use a PostgreSQL."""

from __future__ import annotations

import sys

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure

__all__ = ["store_role"]


@click.command("store-role")
@click.argument("role")
@click.option("--apply", "is_applied", is_flag=True, help="直接执行 · Give the rights now; the role has to be there.")
@acting
async def store_role(deployment: Deployment, role: str, is_applied: bool) -> None:
    """服务器在 PostgreSQL 中的最小权限 · The least rights of a server's role in PostgreSQL."""
    from server.master.roles import grants

    if deployment.store.is_sqlite:
        raise Failure("option_missing", "SQLite has no roles", "SQLite 没有角色")
    async with deployment.store.write() as tx:
        statements = await tx.run_sync(grants, role)
        if is_applied:
            for one in statements:
                await tx.exec_driver_sql(one)
    talk = deployment.talk
    if is_applied:
        talk.say(f"已授予 {role} 服务器所需的权限。", f"{role} has what a server needs, and nothing else.")
    elif not talk.is_json:
        sys.stdout.write("".join(f"{one};\n" for one in statements))
    talk.result({"role": role, "is_applied": is_applied, "statements": statements})
