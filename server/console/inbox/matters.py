"""Whatever else a rule, a departure or a check wants a person to look at: settled with a word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, case, desc, func, literal, or_, select

from server.console.inbox.parts import Act, Ask, Came, Fact, Hand, Item, Kind, Line, Look, Place, Step, as_id, to_outlet
from server.console.rights import MANAGERS, OFFICE
from server.departure import orders
from server.departure.chase import CONTRADICTED, UNCONFIRMED
from server.field import proposals
from server.field.care.trusted import QUESTIONED
from server.field.credit.overdue import OVERDUE
from server.field.credit.review import CREDIT_ASKED
from server.field.incidents import KIND as INCIDENT
from server.field.orders import OFF_LIST
from server.field.pool.late import KIND as LATE
from server.field.practices import WRITTEN
from server.field.proposals import MASS_CHANGE
from server.field.quarterly.callbacks import NOBODY
from server.field.quarterly.verification import DIFFERENCE
from server.field.registration.codes import CODE_REFUSED
from server.identity.staff import Role
from server.master.inbox import inbox, settle
from server.master.store import Tx
from sync.errors import Refusal

__all__ = ["MATTERS", "settled_steps"]

KEY = "matters"
ELSEWHERE = (CREDIT_ASKED, OVERDUE, INCIDENT, OFF_LIST, WRITTEN, LATE)
"""Kinds of matters that have a list of their own."""
URGENT = (
    UNCONFIRMED,
    CONTRADICTED,
    "journal_rewritten",
    "strange_keys",
    "outlets_without_owner",
    "notice_after_restore",
    "store_damaged",
    "store_fault",
    "journal_fault",
)
_SERVICE = (DIFFERENCE, NOBODY, "verification_nobody")
OF_ROLE: dict[Role, tuple[str, ...]] = {
    Role.SERVICE: _SERVICE,
    Role.ARCHIVIST: (CODE_REFUSED, DIFFERENCE, "verification_nobody"),
}
"""What others than managers see and settle."""
TITLES: dict[str, tuple[str, str]] = {
    UNCONFIRMED: ("擦除令未确认", "A wipe order is not confirmed"),
    CONTRADICTED: ("擦除后又有联系", "Heard after it was wiped"),
    MASS_CHANGE: ("批量修改", "Far too many changes"),
    QUESTIONED: ("拜访受质疑", "Visits are questioned"),
    DIFFERENCE: ("核实有出入", "A verification differs"),
    NOBODY: ("无人回访", "Nobody calls back"),
    "verification_nobody": ("无人核实", "Nobody verifies"),
    CODE_REFUSED: ("编码冲突", "A code was taken off"),
    "outlets_without_owner": ("终端无人负责", "Outlets without an owner"),
    "tasks_without_owner": ("任务无人接手", "Tasks without an owner"),
    "invented": ("疑似虚构终端", "Is there such a shop?"),
    "dependence": ("客户依赖一人", "Customers depend on one person"),
    "phase_ready": ("考核阶段可结束", "A phase can end"),
    "appraisal_open": ("考核待确认", "An appraisal waits"),
    "credit_beyond": ("账期超限", "Credit beyond the limit"),
    "credit_without_terms": ("未批准的赊销", "Credit without terms"),
    "consent_withdrawn": ("撤回同意", "Consent was withdrawn"),
    "staff_birthday": ("员工生日", "A birthday on the staff"),
    "departure_effect": ("离职影响", "What a departure cost"),
    "leaving_checklist": ("离职清单", "A leaving checklist"),
    "customers_not_informed": ("客户待告知", "Customers to be told"),
    "registered_by_leaver": ("离职者登记的终端", "Registered by somebody who left"),
    "trip_asked": ("申请出行", "A trip is asked for"),
    "rule_failed": ("规则未能运行", "A rule failed"),
    "journal_rewritten": ("日志被改写", "The journal was rewritten"),
    "strange_keys": ("陌生密钥", "Strange keys"),
    "store_damaged": ("数据库损坏", "The database is damaged"),
    "store_fault": ("数据库不一致", "The store is not as it was written"),
    "journal_fault": ("日志未通过校验", "The journal has faults"),
    "private_channel": ("私人渠道", "A private channel"),
    "notice_after_restore": ("恢复后的离职通知", "A notice after a restore"),
}
SIGN, OTHER = ("异常迹象", "An early sign"), ("其他事项", "Another matter")
_PEOPLE = frozenset({"dependence", "staff_birthday", MASS_CHANGE, "trip_asked"})
_OUTLETS = frozenset({QUESTIONED, "invented", "credit_without_terms", CODE_REFUSED})
_LEAVING = frozenset(
    {"leaving_checklist", "customers_not_informed", "departure_effect", "registered_by_leaver", "tasks_without_owner"}
)
_COMMAND = re.compile(r"\s*`?saojie [a-z-]+ [a-z-]+(?: [0-9a-f-]{36})?`?[.。]?$")
_RANK = case((inbox.c.kind.in_(URGENT), 0), else_=1)


def _mine(role: Role) -> Any:
    wanted = inbox.c.kind.not_in(ELSEWHERE)
    return wanted if role in MANAGERS else inbox.c.kind.in_(OF_ROLE.get(role, ()))


def _counted(role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(inbox.c.first_at)).where(inbox.c.settled_at.is_(None), _mine(role))


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    role = hand.viewer.person.role
    wanted = select(inbox).where(_mine(role))
    if look.is_open:
        wanted = wanted.where(inbox.c.settled_at.is_(None), _behind(look)).order_by(_RANK, inbox.c.first_at, inbox.c.id)
    else:
        wanted = wanted.where(inbox.c.settled_at.is_not(None), _before(look))
        wanted = wanted.order_by(desc(inbox.c.settled_at), desc(inbox.c.id))
    return [_line(hand, row) for row in await tx.execute(wanted.limit(look.limit))]


def _behind(look: Look) -> Any:
    place = look.behind
    if place is None:
        return inbox.c.id.is_not(None)
    same = (inbox.c.first_at > place.at) | (
        (inbox.c.first_at == place.at) & (inbox.c.id > bytes.fromhex(place.id[:32]))
    )
    here = literal(place.rank)
    return or_(here < _RANK, and_(here == _RANK, same))


def _before(look: Look) -> Any:
    place, at = look.behind, inbox.c.settled_at
    if place is None:
        return inbox.c.id.is_not(None)
    return or_(at < place.at, (at == place.at) & (inbox.c.id < bytes.fromhex(place.id[:32])))


def _line(hand: Hand, row: Row[Any]) -> Line:
    is_open = row.settled_at is None
    rank = 0 if is_open and row.kind in URGENT else 1
    one = UUID(bytes=bytes(row.id))
    title = hand.say(*titled(row.kind))
    badge, tone = (hand.say("紧急", "urgent"), "bad") if rank == 0 else ("", "")
    person = UUID(bytes=bytes(row.staff)) if row.staff else None
    by = UUID(bytes=bytes(row.settled_by)) if row.settled_by else None
    place = Place(rank, row.first_at if is_open else row.settled_at, one.hex)
    return Line(KEY, f"{KEY}/{one}", place, title, _sentence(hand, row), badge, tone, person, row.settled_as or "", by)


def titled(kind: str) -> tuple[str, str]:
    """What a kind of matters is called, in Chinese and English: signs of somebody's leaving are one."""
    return TITLES.get(kind) or (SIGN if kind.startswith("sign_") else OTHER)


def _sentence(hand: Hand, row: Row[Any]) -> str:
    """What the matter says; of an order of a wipe without the command that the page takes the place of."""
    told = hand.say(row.zh, row.en)
    return _COMMAND.sub("", told) if row.kind in {UNCONFIRMED, CONTRADICTED} else told


async def _row(tx: Tx, ref: str, role: Role) -> Row[Any]:
    row = (await tx.execute(select(inbox).where(inbox.c.id == as_id(ref).bytes, _mine(role)))).one_or_none()
    if row is None:
        raise Refusal("not_found", "there is no such item")
    return row


def settled_steps(hand: Hand, row: Row[Any]) -> list[Step]:
    """What happened to a matter."""
    steps = [Step(row.first_at, hand.say("提出", "brought up"))]
    if row.times > 1:
        steps.append(
            Step(row.last_at, hand.say(f"再次提醒，共 {row.times} 次", f"brought up again, {row.times} times in all"))
        )
    if row.settled_at is not None:
        by = UUID(bytes=bytes(row.settled_by)) if row.settled_by else None
        steps.append(Step(row.settled_at, hand.say(f"已处理：{row.settled_as}", f"settled: {row.settled_as}"), by))
    return steps


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    row = await _row(tx, ref, hand.viewer.person.role)
    about, is_open = UUID(bytes=bytes(row.about)), row.settled_at is None
    facts = [Fact(hand.say("事项", "Matter"), _sentence(hand, row))]
    if row.kind in {UNCONFIRMED, CONTRADICTED}:
        facts += await _order_facts(tx, hand, about)
    return Item(
        _line(hand, row), is_open, tuple(facts), acts=_acts(hand, row.kind) if is_open else (),
        story=tuple(settled_steps(hand, row)), links=_links(hand, row.kind, about, row.staff),
    )  # fmt: skip


async def _order_facts(tx: Tx, hand: Hand, order: UUID) -> list[Fact]:
    found = await orders.find(tx, order)
    if found is None:
        return []
    now = hand.viewer.now
    return [
        Fact(hand.say("下达", "Ordered"), hand.when(found.issued_at)),
        Fact(hand.say("最近联系", "Last contact"), hand.when(found.last_contact)),
        Fact(hand.say("租约到期", "Lease ends"), hand.when(found.locks_at)),
        Fact(hand.say("证据等级", "Evidence grade"), str(found.grade(now))),
    ]


def _links(hand: Hand, kind: str, about: UUID, staff: bytes | None) -> tuple[Fact, ...]:
    found = []
    if kind in _OUTLETS:
        found.append(to_outlet(hand, about))
    if hand.viewer.is_manager and staff and (kind in _PEOPLE | _LEAVING or kind in URGENT or kind.startswith("sign_")):
        found.append(Fact("", hand.say("打开人员页", "Open the person"), f"/people/{UUID(bytes=bytes(staff))}"))
    if hand.viewer.is_manager and (kind in _LEAVING or kind in URGENT):
        found.append(Fact("", hand.say("离职列表", "Departures"), "/departures"))
    return tuple(found)


def _acts(hand: Hand, kind: str) -> tuple[Act, ...]:
    how = Ask("reason", hand.say("处理结果", "How it was settled"), "area", required=True)
    plain = Act("settle", hand.say("已处理", "Settled"), "a", "main", (how,))
    why = Ask("reason", hand.say("理由", "Reason"), "area", required=True)
    if kind == MASS_CHANGE:
        return (
            Act("accept_all", hand.say("全部采纳", "Accept all"), "a", "main"),
            Act("refuse_all", hand.say("全部不采纳", "Accept none"), "r", "bad", (why,)),
        )
    if kind in {UNCONFIRMED, CONTRADICTED}:
        note = hand.say(
            "未确认前会再次提醒；关闭后，设备再出现仍会收到擦除令",
            "It comes up again until it is confirmed. A closed order still goes out to a device that turns up",
        )
        closing = Act("close_order", hand.say("关闭擦除令", "Close the order"), "c", "bad", (why,), note)
        noted = Act("settle", hand.say("暂记，稍后再提醒", "Note it; remind me again"), "a", "", (how,))
        return noted, closing
    return (plain,)


def _bulk(hand: Hand) -> tuple[Act, ...]:
    how = Ask("reason", hand.say("处理结果", "How they were settled"))
    return (Act("settle", hand.say("所选已处理", "The chosen are settled"), "", "main", (how,)),)


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    role = hand.viewer.person.role
    if act == "settle":

        async def settled(tx: Tx) -> int:
            found = [await _row(tx, one, role) for one in refs]
            ids = [UUID(bytes=bytes(row.id)) for row in found]
            return sum([await settle(tx, one, hand.reason, hand.sources, hand.by) for one in ids])

        count = await hand.store.transact(settled)
        if not count:
            return Came("此前已有人处理。", "Somebody settled it before.", is_done=False)
        return Came(f"已处理 {count} 项。", f"{count} settled.")
    if role not in MANAGERS:
        raise Refusal("not_yours", "this is a manager's to decide")
    (ref,) = refs
    async with hand.store.read() as tx:
        row = await _row(tx, ref, role)
    about = UUID(bytes=bytes(row.about))
    return await (_close_order(hand, about) if act == "close_order" else _decide_all(hand, about, act))


async def _close_order(hand: Hand, about: UUID) -> Came:
    async def close(tx: Tx) -> bool:
        found = await orders.find(tx, about)
        if found is None:
            raise Refusal("not_found", "there is no such order")
        done = await orders.close(tx, found, hand.reason, hand.sources, hand.by)
        for kind in (UNCONFIRMED, CONTRADICTED):
            await settle_about(tx, kind, about, hand)
        return done

    if not await hand.store.transact(close):
        return Came("此前已关闭。", "It was closed before.", is_done=False)
    return Came("擦除令已关闭；设备再出现时仍会收到。", "The order is closed; a device that turns up is still told.")


async def settle_about(tx: Tx, kind: str, about: UUID, hand: Hand) -> None:
    """Settle what is open on an order that was closed."""
    wanted = select(inbox.c.id).where(inbox.c.kind == kind, inbox.c.about == about.bytes, inbox.c.settled_at.is_(None))
    for one in (await tx.execute(wanted)).scalars():
        await settle(tx, UUID(bytes=bytes(one)), hand.reason, hand.sources, hand.by)


async def _decide_all(hand: Hand, person: UUID, act: str) -> Came:
    async with hand.store.read() as tx:
        ids = [one.id for one in await proposals.listed(tx, staff=person) if one.why == MASS_CHANGE]
    deciding = (
        partial(proposals.accept, hand.store, hand.sources, ids, hand.by)
        if act == "accept_all"
        else partial(proposals.refuse, hand.store, hand.sources, ids, hand.reason, hand.by)
    )
    came = await deciding()
    if not came.decided:
        return Came("没有待决定的修改。", "Nothing waits to be decided.", came.changed, is_done=False)
    zh, en = ("已采纳", "Accepted") if act == "accept_all" else ("未采纳", "Not accepted")
    return Came(f"{zh} {len(came.decided)} 项。", f"{en}: {len(came.decided)}.", came.changed)


MATTERS = Kind(KEY, "其他事项", "Other matters", OFFICE, OFFICE, _counted, _lines, _item, _decide, _bulk)
