"""The cut-off, and what holds from then on: nothing is given, phones lock, hand in, report, and nothing can be read."""

from __future__ import annotations

import time
from typing import Any

from server.cli.conformance.asking import Given
from server.cli.conformance.before import LIVE_WITHIN_S
from server.cli.conformance.cast import Cast
from server.cli.conformance.looking import (
    must_be_all_there,
    must_be_unreadable,
    must_have_photos,
    must_have_receipts,
)
from server.cli.conformance.phones import until
from server.cli.talk import Failure
from server.cli.trial.processes import Phone
from server.departure import cutoff
from server.departure.orders import orders_for
from sync.codec import encode
from sync.messages import Standing

__all__ = ["after", "gives"]

_ROUNDS = 12


async def after(cast: Cast) -> None:
    """Play it. Raises Broken."""
    step, person = cast.steps.step, cast.ground.person.id
    with step("cut_off", "办理离职，立即切断", "The rep is offboarded: cut off") as seen:
        departure = await cutoff.offboard(cast.company.deployment.means, person, "conformance_check")
        seen["devices"] = len(departure.devices)
    with step("no_records", "切断之后服务器不再给出记录", "No record leaves after that") as seen:
        seen.update(_asked(cast))
    with step("live_phone", "在线手机自行擦除", "The live phone wipes itself") as seen:
        until(lambda: cast.live.state == "wiped", LIVE_WITHIN_S, _not_wiped(cast.live.state))
        seen.update(must_have_receipts(*await cast.company.order_of(cast.live.device)))
    with step("letter", "断网手机收到信件即锁定", "A phone without a network locks by a letter") as seen:
        seen.update(await _told_by_letter(cast))
    with step("away_phones", "断网手机恢复网络", "The phones that were away come back") as seen:
        for phone in (cast.away, cast.letter):
            seen[f"{phone.directory.name}_ms"] = _come_back(phone)
            seen.update(must_have_receipts(*await cast.company.order_of(phone.device)))
    with step("locked", "手机都打不开", "No phone opens") as seen:
        seen["refused"] = [_refusal(phone) for phone in cast.phones]
    with step("drained", "未上传的工作在隔离区", "What was pending is in quarantine") as seen:
        words = cast.markers.away + cast.markers.letter
        seen.update(must_be_all_there(await cast.company.quarantined(person), cast.pending, words))
        seen.update(must_have_photos(await cast.company.handed_photos(person), len((cast.away, cast.letter))))
    with step("unreadable", "目录中一无可读", "Nothing in the directories can be read") as seen:
        for phone in cast.phones:
            seen.update(must_be_unreadable(phone.directory, cast.markers.all))


def _asked(cast: Cast) -> dict[str, Any]:
    answers = [cast.asker.with_signature(), cast.asker.with_token(cast.token)]
    if any(gives(one) for one in answers):
        raise Failure(
            "records_after_cut_off", "the server gave records or a lease to a departed device: stop it and report",
            "切断之后服务器仍向离职设备给出记录或租约，请停用服务器并报告",
        )  # fmt: skip
    return {"records": 0, "orders": min(one.orders for one in answers)}


def gives(given: Given) -> bool:
    """Whether a departed device got anything besides its order, or no order."""
    is_told = given.standing is Standing.DEPARTED and given.orders > 0
    return bool(given.records) or given.has_lease or given.token is not None or not is_told


async def _told_by_letter(cast: Cast) -> dict[str, Any]:
    """The order reaches a phone as bytes: it opens no more, without a network, and its work waits, sealed."""
    async with cast.company.deployment.store.read() as tx:
        (order,) = await orders_for(tx, cast.letter.device)
    began = time.monotonic()
    cast.letter.does("accept", signed=encode(order).hex())
    seen = {"ms": round((time.monotonic() - began) * 1000), "refused": _refusal(cast.letter)}
    return seen | must_be_unreadable(cast.letter.directory, cast.markers.all) | {"pending": cast.letter.pending}


def _come_back(phone: Phone) -> int:
    """How many milliseconds a phone takes until it is wiped, once it is on the network again. Raises Failure."""
    began = time.monotonic()
    phone.does("offline", on=False)
    for _ in range(_ROUNDS):
        phone.does("sync")
        if phone.state == "wiped":
            return round((time.monotonic() - began) * 1000)
    raise _not_wiped(phone.state)


def _not_wiped(state: str) -> Failure:
    return Failure(
        "not_wiped", f"the phone is {state}; see its log and `saojie wipes list`",
        f"手机状态为 {state}，请查看日志与 saojie wipes list",
    )  # fmt: skip


def _refusal(phone: Phone) -> str:
    """The code with which a wiped phone refuses to open. Raises Failure where it opens."""
    code = str(phone.asks("list").get("error", ""))
    if code != "replica_wiped":
        raise Failure("still_opens", f"a wiped phone answers {code or 'with records'}", f"已擦除的手机仍可打开：{code}")
    return code
