"""The demo's end: somebody leaves with work pending on a phone without a network, and what each side holds then."""

from __future__ import annotations

import time

from server.cli.demo.stage import Stage
from server.cli.demo.work import near_the_first, sweep
from server.cli.talk import Failure, when
from server.cli.trial.search import Readable, readable
from server.departure import cutoff
from server.exchange.quarantined import take_in

__all__ = ["hear_of_it", "leave", "look_back"]

_ROUNDS = 12
_PENDING_VISITS = 5


async def leave(stage: Stage, successor: str) -> None:
    """The leaver's phone is away, with work pending; the company cuts it off all the same."""
    stage.act(
        5,
        f"{stage.leaver.name} 又断网工作，公司为其办理离职",
        f"{stage.leaver.name} works on without a network, and the company offboards him",
    )
    phone, company = stage.leaver, stage.company
    phone.does("offline", on=True)
    sweep(phone, near_the_first(phone)[:_PENDING_VISITS])
    pending = phone.pending
    stage.found.operations_logged_offline += pending
    person, follower = await company.person(phone.name), await company.person(successor)
    departure = await cutoff.offboard(company.deployment.means, person.id, "left", follower.id)
    roster = await company.roster(stage.territory)
    stage.tell(
        f"切断于 {when(departure.at)}；片区现由 {'、'.join(roster)} 负责；手机上还有 {pending} 项待上传",
        f"Cut off at {when(departure.at)}; the territory is now {', '.join(roster)}'s; {pending} are pending there",
    )
    ends = await company.lease_ends(phone.device)
    stage.tell(
        f"手机还不知道：它最迟在租约到期时（{when(ends)}）自行锁定",
        f"The phone does not know yet: it locks itself when its lease ends at the latest ({when(ends)})",
    )
    before = _look(stage)
    stage.found.readable_before_wipe = before.with_keys
    stage.tell(
        f"此刻拿到手机目录的人：无密钥可读 {before.without_key}，用全部密钥可读 {before.with_keys} 个店名、人名和电话",
        f"Whoever has the directory now reads {before.without_key} names and phones without keys, "
        f"{before.with_keys} with all keys",
    )


def _look(stage: Stage) -> Readable:
    """Search the leaver's directory for the names and phones that were on the phone at first."""
    if not stage.words:
        held = stage.leaver.does("dump")
        stage.words = {
            one[name] for kind in ("outlets", "contacts") for one in held[kind] for name in ("name", "phone")
        }
        stage.words.discard("")
    return readable(stage.leaver.directory, stage.words)


async def hear_of_it(stage: Stage) -> None:
    """The phone comes back: it is told, locks, hands in what was pending, and says so."""
    phone, company = stage.leaver, stage.company
    stage.act(6, "手机恢复网络：收到擦除令", "The phone is on the network again and hears its order")
    phone.does("offline", on=False)
    began = time.monotonic()
    for _ in range(_ROUNDS):
        phone.does("sync")
        if phone.state == "wiped":
            break
    else:
        raise Failure("demo_not_wiped", f"the phone is {phone.state}", f"手机状态为 {phone.state}")
    stage.found.wipe_ms = round((time.monotonic() - began) * 1000)
    order, stage.found.receipts = await company.order_of(phone.device)
    stage.found.wipe_state = order.state.value
    refused = phone.asks("search", text="烟酒")
    stage.tell(
        f"{stage.found.wipe_ms} 毫秒后副本已清除；回执：{'、'.join(stage.found.receipts)}；"
        f"再打开：{refused.get('zh', '')}",
        f"After {stage.found.wipe_ms} ms the replica is gone; receipts: {', '.join(stage.found.receipts)}; "
        f"opened again it says: {refused.get('en', '')}",
    )
    after = _look(stage)
    stage.found.readable_after_wipe = after.without_key + after.with_keys
    stage.tell(
        f"逐字节搜索其目录（{after.files} 个文件）并试遍剩下的 {after.keys} 个密钥："
        f"可读 {stage.found.readable_after_wipe}",
        f"Its directory ({after.files} files), searched byte by byte and with every key that is left ({after.keys}): "
        f"{stage.found.readable_after_wipe} can be read",
    )
    await _accept(stage)


async def _accept(stage: Stage) -> None:
    """What was handed in waits in quarantine until a manager accepts it."""
    company = stage.company
    person = await company.person(stage.leaver.name)
    items = await company.quarantined(person.id)
    stage.found.drained_operations = len(items)
    manager = await company.person("刘经理")
    decided = await take_in(company.deployment.means, [one.id for one in items], manager.id)
    stage.found.accepted_operations = len(decided.items)
    stage.tell(
        f"交回的 {len(items)} 项在待审区，经理接受了 {len(decided.items)} 项，记在 {person.name} 名下",
        f"{len(items)} operations were handed in; the manager accepts {len(decided.items)}, under {person.name}'s name",
    )


async def look_back(stage: Stage) -> None:
    """What each side holds at the end."""
    stage.act(7, "最后各方持有什么", "What each side holds at the end")
    stage.sync(stage.colleague)
    await stage.compare(stage.colleague)
    company, found = stage.company, stage.found
    found.operations_in_master = await company.taken_in()
    outlets, visits = await company.count("outlet"), await company.count("visit")
    stage.tell(
        f"主库：{outlets} 家终端、{visits} 次拜访；断网时记录的 {found.operations_logged_offline} 项操作，"
        f"已有 {found.operations_in_master} 项在主库",
        f"Master store: {outlets} outlets, {visits} visits; of {found.operations_logged_offline} operations logged "
        f"without a network {found.operations_in_master} are in it",
    )
    held = stage.colleague.does("counts")["counts"]
    stage.tell(
        f"{stage.colleague.name} 的手机：{held['outlet']} 家终端、{held['visit']} 次拜访",
        f"{stage.colleague.name}'s phone: {held['outlet']} outlets, {held['visit']} visits",
    )
    files = sorted(path for path in stage.leaver.directory.rglob("*") if path.is_file())
    named = ", ".join(f"{path.name} ({path.stat().st_size} B)" for path in files)
    stage.tell(f"{stage.leaver.name} 的手机：只剩 {named}", f"{stage.leaver.name}'s phone: only {named}")
