"""Acts on time and on history: the clock, copies to come back to, and going back to one."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from server.cli.sandbox.asked import Clock, Done, Mark, Restore, State, Words
from server.cli.sandbox.sandbox import Sandbox
from server.cli.saving import LIST_NAME, load, save
from server.cli.talk import Failure
from server.identity import devices, staff
from server.master.meta import read_identity
from server.settings import Settings
from server.times import local

__all__ = ["START", "is_kept", "make_mark", "mark", "restore", "set_clock", "show_state"]

START = "start"
"""The copy that a sandbox makes of itself before it first answers."""
_NAME = re.compile(r"[\w-]{1,40}")


async def set_clock(sandbox: Sandbox, asked: Clock) -> Done:
    """Set the sandbox's time."""
    zone = sandbox.settings.time_zone
    moved = sandbox.time.set_to(asked.to, zone)
    now = local(sandbox.time.now(), zone)
    return Done(
        Words(f"沙盒时间：{now}", f"The sandbox's time is {now}"),
        Words(
            "使用 SandboxClock 的手机随之改变：越过租约到期时间即锁定；使用自身时钟的手机日期变为错误",
            "Phones with a SandboxClock follow, and lock where their lease is over; the date of those with a clock of "
            "their own is wrong now",
        ),
        {"now": sandbox.time.now(), "shift": sandbox.time.setting.shift, "moved": moved},
    )


def is_kept(folder: Path) -> bool:
    """Whether a copy in a folder is whole."""
    return (folder / LIST_NAME).is_file()


def make_mark(settings: Settings, folder: Path, company: UUID, now: int) -> None:
    """Copy the company as it is into a folder, in place of what was there. Blocks. Raises OSError."""
    shutil.rmtree(folder, ignore_errors=True)
    save(settings, folder, company, now)


async def mark(sandbox: Sandbox, asked: Mark) -> Done:
    """Keep a copy of the company."""
    folder = sandbox.places.marks / _checked(asked.name)
    async with sandbox.deployment.store.read() as tx:
        identity = await read_identity(tx)
    await asyncio.to_thread(make_mark, sandbox.settings, folder, identity.company, sandbox.time.now())
    return Done(
        Words(f"已保存副本“{asked.name}”", f"The company as it is now is kept as {asked.name}"),
        facts={"mark": asked.name, "marks": _marks(sandbox)},
    )


async def restore(sandbox: Sandbox, asked: Restore) -> Done:
    """Put a copy back as `saojie restore` does: stop, put the database back, start."""
    name = _checked(asked.name) if asked.name is not None else _newest(sandbox)
    folder = sandbox.places.marks / name
    if not is_kept(folder):
        kept = ", ".join(_marks(sandbox))
        raise Failure("mark_unknown", f"there is no copy {name}; there are: {kept}", f"没有副本“{name}”，现有：{kept}")
    before = await _owners(sandbox)
    # A server that stops lets go of its phones: whoever is in the middle of something asks again.
    await asyncio.to_thread(sandbox.weather.link.cut)
    async with sandbox.house.ended():
        await asyncio.to_thread(load, sandbox.settings, folder)
    after = await _owners(sandbox)
    unknown = sorted(before[one] for one in before.keys() - after.keys())
    shows = Words(
        "下次同步进入新纪元：手机补传缺失的工作，并与公司重新核对；用户无需操作",
        "At the next sync a phone that knows more begins a new epoch, sends again what the copy lacks and compares "
        "all; the person has nothing to do",
    )
    if unknown:
        names = "、".join(unknown)
        shows = Words(
            f"{shows.zh}。副本早于以下手机的登记，它们须重新登记：{names}",
            f"{shows.en}. The copy is older than the phones of {', '.join(unknown)}: these enrol again",
        )
    return Done(
        Words(f"已恢复到副本“{name}”", f"The company is as it was at {name}"),
        shows,
        {"mark": name, "unknown": unknown},
    )


async def _owners(sandbox: Sandbox) -> dict[object, str]:
    """Whose each phone is, by the phone's id."""
    async with sandbox.deployment.store.read() as tx:
        names = {one.id: one.name for one in await staff.everybody(tx)}
        return {one.id: names[one.staff] for one in await devices.listing(tx)}


async def show_state(sandbox: Sandbox, _asked: State) -> Done:
    """How the sandbox is."""
    now, zone = sandbox.time.now(), sandbox.settings.time_zone
    facts = {
        "url": sandbox.url,
        "home": str(sandbox.settings.home),
        "now": now,
        "shift": sandbox.time.setting.shift,
        "marks": _marks(sandbox),
        "waiting": await _waiting(sandbox),
        **sandbox.weather.facts,
    }
    return Done(
        Words(f"{sandbox.url}，沙盒时间 {local(now, zone)}", f"{sandbox.url}, where it is {local(now, zone)}"),
        facts=facts,
    )


async def _waiting(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What lies in wait, and for whom."""
    async with sandbox.deployment.store.read() as tx:
        names = {one.id: one.name for one in await staff.everybody(tx)}
    return [
        {"staff": person, "name": names[person], "what": each.what, "outlet": each.outlet}
        for person, wishes in sandbox.waiting.wishes.items()
        for each in wishes
    ]


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Failure(
            "bad_name", "a copy is named with letters, digits, _ and -", "副本名称只能由字母、数字、_ 和 - 组成"
        )
    return name


def _marks(sandbox: Sandbox) -> list[str]:
    """The copies, the newest last."""
    kept = sorted(filter(is_kept, sandbox.places.marks.iterdir()), key=lambda one: one.stat().st_mtime_ns)
    return [one.name for one in kept]


def _newest(sandbox: Sandbox) -> str:
    return _marks(sandbox)[-1]
