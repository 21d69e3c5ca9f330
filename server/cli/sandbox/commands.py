"""`saojie sandbox`: what a sandbox that runs is told to do, one command for each bad day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from server.cli.deployment import speaking
from server.cli.sandbox import asked
from server.cli.sandbox.asking import asking
from server.cli.sandbox.copies import copy_phone, put_back
from server.cli.talk import Talk, when
from server.identity.qr import as_terminal

__all__ = ["sandbox"]

_OUTLET = click.argument("outlet", required=False, metavar="OUTLET")
_WHO = click.argument("who", metavar="STAFF")
_HYPHENS = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""For a command whose argument may begin with a hyphen: `-3h` is a time, neither an option nor a call for help."""


@click.group()
def sandbox() -> None:
    """沙盒：逐一制造“坏日子”，供应用开发者试用 · A sandbox for who writes an app: each bad day on command.

    先运行 saojie serve --sandbox。Start it with saojie serve --sandbox.
    """


def _show_people(talk: Talk, facts: dict[str, Any]) -> None:
    headings = [
        ("姓名", "Name"), ("角色", "Role"), ("状态", "Status"), ("片区", "Territories"), ("手机", "Phones"),
        ("上次联系", "Last contact"),
    ]  # fmt: skip
    rows = [
        (
            one["name"], one["role"], one["status"], "、".join(one["territories"]),
            ", ".join(each["standing"] for each in one["phones"]),
            ", ".join(when(each["last_contact"]) for each in one["phones"]),
        )
        for one in facts["people"]
    ]  # fmt: skip
    talk.table(headings, rows)


@sandbox.command()
@asking(_show_people)
def people() -> asked.Act:
    """人员与手机 · Who works here, and their phones."""
    return asked.People()


def _show_code(talk: Talk, facts: dict[str, Any]) -> None:
    if not talk.is_json:
        talk.raw(as_terminal(facts["code"]["payload"]))
    talk.say(facts["code"]["payload"], facts["code"]["payload"])


@sandbox.command()
@_WHO
@click.option("--confirm/--no-confirm", default=None, help="是否等待六位数字 · Whether the phone waits for its digits.")
@asking(_show_code)
def code(who: str, *, confirm: bool | None) -> asked.Act:
    """登记码与二维码 · A code, with its QR code, for one more phone."""
    return asked.Code(who, confirm)


@sandbox.command()
@_WHO
@click.option("--digits", help="手机上的六位数字，不填则不核对 · The six digits; not compared where none are given.")
@asking()
def confirm(who: str, digits: str | None) -> asked.Act:
    """确认等待中的手机 · Confirm a phone that waits for it."""
    return asked.Confirm(who, digits)


@sandbox.command()
@_WHO
@click.option(
    "--keep-time", is_flag=True, help="不调时间，租约到期才锁定 · Leave the clock: it locks when the lease ends."
)
@asking()
def lock(who: str, *, keep_time: bool) -> asked.Act:
    """停用手机并让租约到期：下次联系后锁定 · Suspend somebody's phones, leases over: they lock at once."""
    return asked.Lock(who, keep_time)


@sandbox.command()
@_WHO
@asking()
def unlock(who: str) -> asked.Act:
    """恢复使用 · Answer somebody's phones again."""
    return asked.Unlock(who)


@sandbox.command()
@_WHO
@click.option("--to", metavar="STAFF", help="接手人 · Who follows; a colleague of the territory if not given.")
@asking()
def wipe(who: str, to: str | None) -> asked.Act:
    """离职：手机收到擦除令 · Somebody leaves: their phones are ordered to wipe themselves. For good."""
    return asked.Wipe(who, to)


@sandbox.command()
@_WHO
@_OUTLET
@click.option("--back", is_flag=True, help="归还收回的终端 · Give back what was taken away.")
@asking()
def refuse(who: str, outlet: str | None, *, back: bool) -> asked.Act:
    """下一次终端工作被退回 · The next work at an outlet is refused."""
    return asked.Refuse(who, outlet, back)


@sandbox.command()
@_WHO
@_OUTLET
@asking()
def conflict(who: str, outlet: str | None) -> asked.Act:
    """下一次修改与公司冲突 · The next edit of an outlet meets a change of the office's."""
    return asked.Conflict(who, outlet)


@sandbox.command()
@click.option("--times", type=click.IntRange(1), help="次数，不填则直到 mend · How often; until `mend` if not given.")
@click.option("--after", type=click.IntRange(0, 3600), default=2, show_default=True, help="Retry-After 秒 · Seconds.")
@asking()
def fail(times: int | None, after: int) -> asked.Act:
    """服务器返回 503 · The server answers phones with 503."""
    return asked.Fail(times, after)


@sandbox.command()
@click.option(
    "--kbit", type=click.IntRange(0, 1_000_000), default=64, show_default=True, help="每秒千比特，0 不限 · kbit/s."
)
@click.option("--delay", type=click.IntRange(0, 60_000), default=400, show_default=True, help="单程毫秒 · ms one way.")
@click.option("--loss", type=click.FloatRange(0, 0.9), default=0.02, show_default=True, help="丢包比例 · Share lost.")
@asking()
def slow(kbit: int, delay: int, loss: float) -> asked.Act:
    """网络变慢 · The link is slow."""
    return asked.Slow(kbit, delay, loss)


@sandbox.command()
@asking()
def cut() -> asked.Act:
    """断网 · No network."""
    return asked.Cut()


@sandbox.command()
@asking()
def mend() -> asked.Act:
    """结束 503、慢网、断网与设下的障碍 · Ends 503, slow and cut, and what lies in wait."""
    return asked.Mend()


@sandbox.command(context_settings=_HYPHENS)
@click.argument("to", metavar="TIME")
@asking()
def clock(to: str) -> asked.Act:
    """设置时间：+2d、-3h、2026-12-01T08:00、real · Set the time."""
    return asked.Clock(to)


@sandbox.command()
@click.argument("name", default="mark", metavar="NAME")
@asking()
def mark(name: str) -> asked.Act:
    """保存副本，供 restore 使用 · Keep a copy of the company, to come back to."""
    return asked.Mark(name)


@sandbox.command()
@click.argument("name", required=False, metavar="NAME")
@asking()
def restore(name: str | None) -> asked.Act:
    """恢复到副本，默认最近一份 · Go back to a copy, the newest if none is named."""
    return asked.Restore(name)


@sandbox.command()
@click.option(
    "--phone", required=True, type=click.Path(file_okay=False, path_type=Path), help="手机目录 · The phone's directory."
)
@click.option("--back", is_flag=True, help="放回副本 · Put the copy back.")
@speaking
def fork(talk: Talk, phone: Path, *, back: bool) -> None:
    """复制手机目录，再放回旧副本 · Copy a phone's directory now, put the old copy back later. Close the app before."""
    phone = phone.absolute()
    if not back:
        copy = copy_phone(phone)
        talk.both(f"已复制到 {copy}", f"The phone is copied to {copy}")
        talk.both(
            "请让手机继续工作并同步，关闭应用，再加 --back 运行",
            "Let the phone work and sync, close the app, and say the same with --back",
        )
    else:
        copy = put_back(phone)
        talk.both(f"手机目录已换成副本 {copy}", f"The phone is as it was in {copy}")
        talk.both(
            "手机：下次同步时服务器发现分叉；手机换用新的待上传编号并重新发送，已收到的不会重复",
            "The phone: at its next sync the server sees a fork; it takes a new outbox and sends again, nothing twice",
        )
    talk.result({"phone": str(phone), "copy": str(copy), "back": back})


def _show_state(talk: Talk, facts: dict[str, Any]) -> None:
    yes, no = talk.either("是", "yes"), talk.either("否", "no")
    rows = [
        (talk.either("目录", "Home"), facts["home"]),
        (talk.either("断网", "Cut"), yes if facts["cut"] else no),
        (talk.either("慢网", "Slow"), yes if facts["slow"] else no),
        ("503", yes if facts["failing"] else no),
        (talk.either("等候", "In wait"), ", ".join(f"{one['what']} {one['name']}" for one in facts["waiting"])),
        (talk.either("副本", "Copies"), ", ".join(facts["marks"])),
    ]
    talk.table([("", ""), ("", "")], rows)


@sandbox.command()
@asking(_show_state)
def state() -> asked.Act:
    """沙盒现状 · How the sandbox is."""
    return asked.State()
