"""`saojie account`: who may sign in to the console."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.identity import staff
from server.identity.accounts import account_of
from server.identity.browser_sessions import sessions_of, sign_out
from server.identity.invitations import Invitation, invite, invite_first

__all__ = ["account"]


@click.group()
def account() -> None:
    """管理台账号 · Accounts of the console."""


@account.command("first")
@acting
async def first(deployment: Deployment) -> None:
    """第一个账号的开通码，一小时内有效 · The code for the company's first account, good for an hour."""
    async with deployment.store.write() as tx:
        made = await invite_first(tx, deployment.sources)
    if made is None:
        raise Failure(
            "account_there", "there is an account already; `saojie account invite` makes a code for somebody",
            "已有账号；请用 saojie account invite 为某人发放开通码",
        )  # fmt: skip
    _tell(deployment, made)


@account.command("invite")
@click.argument("person", metavar="STAFF")
@acting
async def invite_person(deployment: Deployment, person: str) -> None:
    """给办公室人员发放开通码，也用于忘记密码 · A code for somebody of the office, also for a forgotten password."""
    async with deployment.store.write() as tx:
        made = await invite(tx, (await deployment.person(tx, person)).id, deployment.sources)
    _tell(deployment, made)


def _tell(deployment: Deployment, made: Invitation) -> None:
    until = when(made.expires_at)
    deployment.talk.say(
        f"开通码 {made.code.shown}，只显示这一次，{until} 前有效。请在 {deployment.address}/welcome 输入。",
        f"The code is {made.code.shown}; it is shown this once and good until {until}. "
        f"Type it at {deployment.address}/welcome",
    )
    deployment.talk.result({"staff": made.staff, "code": made.code.shown, "expires_at": made.expires_at})


@account.command("list")
@acting
async def list_accounts(deployment: Deployment) -> None:
    """列出账号 · List the accounts, and how many sessions each has."""
    async with deployment.store.read() as tx:
        found = [(one, await account_of(tx, one.id)) for one in await staff.everybody(tx)]
        rows = [(one, its, len(await sessions_of(tx, one.id))) for one, its in found if its is not None]
    headings = [
        ("姓名", "Name"),
        ("角色", "Role"),
        ("登录名", "Login"),
        ("锁定至", "Locked until"),
        ("会话", "Sessions"),
    ]
    shown = [(one.name, one.role, its.login, its.locked_until and when(its.locked_until), n) for one, its, n in rows]
    deployment.talk.table(headings, shown)
    deployment.talk.result(
        {
            "accounts": [
                {"staff": one.id, "name": one.name, "login": its.login, "locked_until": its.locked_until, "sessions": n}
                for one, its, n in rows
            ]
        }
    )


@account.command("end")
@click.argument("person", metavar="STAFF")
@acting
async def end(deployment: Deployment, person: str) -> None:
    """结束某人的全部会话 · End all sessions of somebody."""
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person)
        ended = await sign_out(tx, who.id, deployment.sources)
    deployment.talk.say(f"已结束 {ended} 个会话。", f"{ended} sessions are ended.")
    deployment.talk.result({"staff": who.id, "ended": ended})
