"""The parts of `saojie` that set up, sync, offboard and prove: each is imported when it is called."""

from __future__ import annotations

from collections.abc import Callable

import rich_click as click

__all__ = ["ENGINE"]


def _init() -> click.Command:
    from server.cli.founding import init

    return init


def _serve() -> click.Command:
    from server.cli.founding import serve

    return serve


def _migrate_store() -> click.Command:
    from server.cli.moving import migrate_store

    return migrate_store


def _backup() -> click.Command:
    from server.cli.backups import backup

    return backup


def _restore() -> click.Command:
    from server.cli.backups import restore

    return restore


def _import() -> click.Command:
    from server.cli.lists import import_

    return import_


def _export() -> click.Command:
    from server.cli.lists import export

    return export


def _account() -> click.Command:
    from server.cli.accounts import account

    return account


def _staff() -> click.Command:
    from server.cli.people import staff

    return staff


def _territory() -> click.Command:
    from server.cli.people import territory

    return territory


def _enrol() -> click.Command:
    from server.cli.enrol import enrol

    return enrol


def _devices() -> click.Command:
    from server.cli.devices import devices

    return devices


def _health() -> click.Command:
    from server.cli.health import health

    return health


def _keys() -> click.Command:
    from server.cli.keys import keys

    return keys


def _leases() -> click.Command:
    from server.cli.leases import leases

    return leases


def _offboard() -> click.Command:
    from server.cli.offboard import offboard

    return offboard


def _notice() -> click.Command:
    from server.cli.notice import notice

    return notice


def _handover() -> click.Command:
    from server.cli.handover import handover

    return handover


def _channels() -> click.Command:
    from server.cli.channels import channels

    return channels


def _wipes() -> click.Command:
    from server.cli.wipes import wipes

    return wipes


def _quarantine() -> click.Command:
    from server.cli.quarantine import quarantine

    return quarantine


def _refused() -> click.Command:
    from server.cli.letters import refused

    return refused


def _inbox() -> click.Command:
    from server.cli.inbox import inbox

    return inbox


def _conformance() -> click.Command:
    from server.cli.proving import conformance

    return conformance


def _agreements() -> click.Command:
    from server.cli.agreements import agreements

    return agreements


def _exposure() -> click.Command:
    from server.cli.exposure import exposure

    return exposure


def _proposals() -> click.Command:
    from server.cli.proposals import proposals

    return proposals


def _whatif() -> click.Command:
    from server.cli.whatif import whatif

    return whatif


def _departure() -> click.Command:
    from server.cli.effects import departure

    return departure


def _undo() -> click.Command:
    from server.cli.undoing import undo

    return undo


def _store_role() -> click.Command:
    from server.cli.store_role import store_role

    return store_role


def _journal() -> click.Command:
    from server.cli.journal import journal

    return journal


def _audit() -> click.Command:
    from server.cli.journal import audit

    return audit


def _evidence() -> click.Command:
    from server.cli.evidence import evidence

    return evidence


def _access() -> click.Command:
    from server.cli.evidence import access

    return access


def _guarantee() -> click.Command:
    from server.cli.proving import guarantee

    return guarantee


def _canaries() -> click.Command:
    from server.cli.canaries import canaries

    return canaries


def _sandbox() -> click.Command:
    from server.cli.sandbox.commands import sandbox

    return sandbox


def _simulate() -> click.Command:
    from server.cli.simulate import simulate

    return simulate


def _bench() -> click.Command:
    from server.cli.measuring import bench

    return bench


def _demo() -> click.Command:
    from server.cli.showing import demo

    return demo


ENGINE: dict[str, tuple[Callable[[], click.Command], str]] = {
    "init": (_init, "建立部署或升级数据库 · Set a deployment up, or bring its database to this version."),
    "serve": (_serve, "启动服务器 · Run the server."),
    "migrate-store": (
        _migrate_store,
        "把主库迁到另一个数据库，手机照常使用 · Move the master store to another database, with phones in the field.",
    ),
    "backup": (_backup, "备份整个部署，服务器可照常运行 · Back the whole deployment up, while its server runs."),
    "restore": (_restore, "用备份恢复部署，须先停止服务器 · Put a backup back; the server has to be stopped."),
    "import": (_import, "导入客户表（.xlsx、.csv） · Import a customer list (.xlsx, .csv)."),
    "export": (_export, "导出客户一览表（.xlsx、.csv、.html），记入日志 · Export the customer list; it is journalled."),
    "staff": (_staff, "人员 · Staff."),
    "account": (_account, "管理台账号 · Accounts of the console."),
    "territory": (_territory, "片区 · Territories."),
    "enrol": (_enrol, "为手机登记发放登记码 · Make a code with which a phone becomes somebody's."),
    "devices": (_devices, "设备 · Devices."),
    "health": (_health, "设备健康状况，最差的在前 · How the devices are, the worst first."),
    "keys": (
        _keys,
        "公司密钥：查看、更换、停用 · The company's keys: look at them, rotate them, retire them.",
    ),
    "leases": (_leases, "租约：离线多久锁定、多久清除 · Leases: when a phone without contact locks, and erases."),
    "offboard": (_offboard, "办理离职：立即切断其全部设备 · Offboard somebody: all their devices are cut off at once."),
    "notice": (
        _notice,
        "离职通知期：预定最后时刻，到时自动切断 · Under notice: the cut-off is scheduled for the last hour.",
    ),
    "handover": (_handover, "客户移交清单 · The handover list of somebody who leaves."),
    "channels": (_channels, "公司统一分配的号码（手机、QQ、微信） · Company channels: phone numbers, QQ, WeChat."),
    "wipes": (_wipes, "擦除令 · Wipe orders."),
    "quarantine": (_quarantine, "离职设备交回的待审内容 · What departed devices handed in, until it is decided."),
    "refused": (_refused, "被拒绝的操作 · Refused work (dead letters)."),
    "inbox": (_inbox, "待经理处理的事项 · What waits for a manager."),
    "conformance": (_conformance, "实地检验部署是否兑现承诺 · Try out whether a deployment holds what is promised."),
    "agreements": (_agreements, "协议登记 · The register of agreements."),
    "exposure": (
        _exposure,
        "设备得到过的资料 · What somebody's devices were given, by field group, and when they had what.",
    ),
    "proposals": (_proposals, "待经理审批的修改 · What reps may only propose, until it is decided."),
    "whatif": (_whatif, "假如：提前看清风险 · What if: what would be at risk."),
    "departure": (_departure, "离职前后对比 · What a departure came to, before and after."),
    "undo": (
        _undo,
        "撤销某人的修改：先逐项列出，确认后恢复 · Take back what somebody changed: first it is shown, field by field.",
    ),
    "journal": (_journal, "日志：校验、保全、删除个人信息 · The journal: verify it, hold it, remove personal data."),
    "audit": (
        _audit,
        "检查数据库自身是否一致，有问题时退出码为 1 · Hold the store against itself; exit code 1 on findings.",
    ),
    "store-role": (
        _store_role,
        "服务器在 PostgreSQL 中的最小权限 · The least rights of a server's role in PostgreSQL.",
    ),
    "evidence": (
        _evidence,
        "制作证据包，专家可独立核验 · Make a pack of evidence that an expert can check without us; it is journalled.",
    ),
    "access": (_access, "查阅台账 · Who had access to what: codes, enrolments, openings, photos, exports, refusals."),
    "guarantee": (
        _guarantee,
        "承诺、前提与不在承诺之内的情形 · What is promised, under which assumptions, and what is not.",
    ),
    "canaries": (_canaries, "诱饵终端：外泄后可查出是谁的副本 · Decoys: a list that turns up says whose copy it was."),
    "sandbox": (
        _sandbox,
        "沙盒：逐一制造“坏日子”，供应用开发者试用 · A sandbox for who writes an app: each bad day on command.",
    ),
    "simulate": (
        _simulate,
        "随机世界检验各项保证 · Run the seeded world, in which anything may fail, against what must hold.",
    ),
    "bench": (_bench, "测量速度 · Measure, beside the least that this machine could take."),
    "demo": (_demo, "演示全过程 · Show the whole path on this machine."),
}
"""Each part: how it is imported, and its help, which is the part's own."""
