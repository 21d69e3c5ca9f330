"""A preview of a departure in words, as `saojie offboard --preview` shows it."""

from __future__ import annotations

from server.cli.talk import Talk, when
from server.departure.leaving.outlets import OutletLine
from server.departure.leaving.preview import Preview
from sync.messages import Standing

__all__ = ["facts_of", "show"]

_SHOWN = 20
_MINOR = 100


def show(talk: Talk, found: Preview) -> None:
    """Tell it to whoever is about to decide."""
    _devices(talk, found)
    headings = [
        ("片区", "Territory"), ("终端", "Outlets"), ("重点", "Key"), ("联系人", "Contacts"), ("私密", "Private"),
        ("还有谁", "Who else"),
    ]  # fmt: skip
    rows = [
        (
            one.name, one.outlets, one.keys, one.contacts, "✓" if one.private else "",
            ", ".join(each.name for each in one.colleagues),
        )
        for one in found.places
    ]  # fmt: skip
    talk.table(headings, rows)
    _outlets(talk, "重点终端", "Key outlets", found.keys)
    _outlets(talk, "只有此人接触过的终端", "Outlets that only this person has touched", found.only_theirs)
    talk.say(
        f"未结金额 {found.money_open / _MINOR:.2f}（{len(found.money)} 家）；未完成任务 {len(found.tasks)} 项；"
        f"公司号码 {'、'.join(one.number for one in found.channels) or '无'}",
        f"Money open: {found.money_open / _MINOR:.2f} at {len(found.money)} outlets; open tasks: {len(found.tasks)}; "
        f"company channels: {', '.join(one.number for one in found.channels) or 'none'}",
    )


def _devices(talk: Talk, found: Preview) -> None:
    headings = [
        ("设备", "Device"),
        ("状态", "Standing"),
        ("持有终端", "Outlets"),
        ("持有联系人", "Contacts"),
        ("最近联系", "Last contact"),
        ("待上传", "Pending"),
        ("租约到期", "Lease ends"),
    ]
    rows = [
        (
            one.id,
            one.standing,
            sum(each.outlets for each in one.held),
            sum(each.contacts for each in one.held),
            when(one.last_contact),
            one.pending,
            when(one.locks_at),
        )
        for one in found.devices
        if one.standing is not Standing.DEPARTED
    ]
    talk.table(headings, rows)


def _outlets(talk: Talk, zh: str, en: str, found: tuple[OutletLine, ...]) -> None:
    names = "、".join(f"{one.grade} {one.name}" for one in found[:_SHOWN])
    rest = "" if len(found) <= _SHOWN else " …"
    talk.say(f"{zh}：{len(found)} {names}{rest}", f"{en}: {len(found)} {names}{rest}")


def facts_of(found: Preview) -> dict[str, object]:
    """The same for programs."""
    return {name: getattr(found, name) for name in found.__struct_fields__} | {"money_open": found.money_open}
