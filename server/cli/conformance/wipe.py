"""`saojie conformance wipe`: a rep with two phones is offboarded, one phone live and one away, and each promise is
looked at: cut-off, lock, drain, receipts, and that nothing can be read.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.cli.conformance.asking import Asker, Given, must_answer
from server.cli.conformance.ground import Ground, break_ground, clear
from server.cli.conformance.looking import (
    must_be_all_there,
    must_be_readable,
    must_be_unreadable,
    must_have_receipts,
)
from server.cli.conformance.phones import Markers, enrolled, filled, in_step, photo_in, until, work_offline
from server.cli.conformance.steps import Broken, Steps
from server.cli.talk import Failure
from server.cli.trial.company import Company
from server.cli.trial.processes import Phone
from server.departure import cutoff
from sync.messages import Standing

__all__ = ["check", "gives"]

LIVE_WITHIN_S = 60.0
_ROUNDS = 12


@dataclass
class _Check:
    """A check in progress."""

    company: Company
    steps: Steps
    place: Path
    running: ExitStack
    markers: Markers
    ground: Ground = field(init=False)
    live: Phone = field(init=False)
    away: Phone = field(init=False)
    asker: Asker = field(init=False)
    token: str = ""
    pending: int = 0

    async def before(self) -> None:
        """Up to the morning of the last day: two phones hold the archive, one is live, one works without a network."""
        with self.steps.step("enrol", "登记两部手机", "Two phones are enrolled") as seen:
            self.live = await enrolled(self.company, self.ground, self.place / "live", self.running)
            self.away = await enrolled(self.company, self.ground, self.place / "away", self.running)
            seen["devices"] = 2
        with self.steps.step("fill", "写入带标记的内容并同步", "They are filled with marked words") as seen:
            in_step(self.live)
            filled(self.live, self.ground, self.markers)
            seen["sent"] = in_step(self.live)["sent"]
            in_step(self.away)
        with self.steps.step("readable_before", "此时凭密钥可读", "With the keys all of it can be read now") as seen:
            for phone in (self.live, self.away):
                seen.update(must_be_readable(phone.directory, self.markers.archive))
        with self.steps.step("asked_before", "此时服务器给出记录", "The server gives records now") as seen:
            seen.update(await self._asked_before())
        with self.steps.step("live", "一部手机保持在线", "One phone is live") as seen:
            seen["heard_ms"] = self._hear_of_a_visit()
        with self.steps.step("offline", "另一部断网工作", "The other works without a network") as seen:
            photo = photo_in(self.place / "photo.jpg")
            self.pending = seen["pending"] = work_offline(self.away, self.ground, self.markers, photo)
            must_be_readable(self.away.directory, [*self.markers.archive, *self.markers.pending[-1:]])

    async def _asked_before(self) -> dict[str, Any]:
        company = await self.company.deployment.founded()
        self.asker = Asker(self.company.url, company.company, self.away.device, self.away.directory)
        given = self.asker.with_signature()
        if not given.records or not given.has_lease or not given.token:
            raise Failure("asked_for_nothing", "an active device got no records", "在用设备未获得任何记录")
        self.token = given.token
        return {"records": self.asker.with_token(given.token).records}

    def _hear_of_a_visit(self) -> int:
        """What one phone sends reaches the other without its asking. Twice: the first may have come with the sync that
        the other begins with, the second comes only where the stream stands.
        """
        self.live.does("live", on=True)
        return [self._heard_ms() for _ in range(2)][-1]

    def _heard_ms(self) -> int:
        shop = self.away.does("list", size=1)["outlets"][0]["id"]
        before = self.live.does("counts")["counts"]["visit"]
        self.away.does("log_visit", outlet=shop, notes="live")
        in_step(self.away)
        return until(
            lambda: bool(self.live.does("counts")["counts"]["visit"] > before), LIVE_WITHIN_S,
            Failure("not_live", "the live stream brings nothing; a proxy must not buffer /live",
                    "实时通道没有消息；代理服务器不得缓冲 /live"),
        )  # fmt: skip

    async def after(self) -> None:
        """The cut-off, and what holds from then on."""
        person = self.ground.person.id
        with self.steps.step("cut_off", "办理离职，立即切断", "The rep is offboarded: cut off") as seen:
            departure = await cutoff.offboard(self.company.deployment.means, person, "conformance_check")
            seen["devices"] = len(departure.devices)
        with self.steps.step("no_records", "切断之后服务器不再给出记录", "No record leaves after that") as seen:
            seen.update(self._asked_after())
        with self.steps.step("live_phone", "在线手机自行擦除", "The live phone wipes itself") as seen:
            until(lambda: self.live.state == "wiped", LIVE_WITHIN_S, _not_wiped(self.live.state))
            seen.update(must_have_receipts(*await self.company.order_of(self.live.device)))
        with self.steps.step("away_phone", "断网手机恢复网络", "The phone that was away comes back") as seen:
            seen["ms"] = self._come_back()
            seen.update(must_have_receipts(*await self.company.order_of(self.away.device)))
        with self.steps.step("locked", "两部手机都打不开", "Neither phone opens") as seen:
            seen["refused"] = [_refusal(phone) for phone in (self.live, self.away)]
        with self.steps.step("drained", "未上传的工作在隔离区", "What was pending is in quarantine") as seen:
            seen.update(must_be_all_there(await self.company.quarantined(person), self.pending, self.markers.pending))
        with self.steps.step("unreadable", "目录中一无可读", "Nothing in the directories can be read") as seen:
            words = [*self.markers.archive, *self.markers.pending]
            for phone in (self.live, self.away):
                seen.update(must_be_unreadable(phone.directory, words))

    def _asked_after(self) -> dict[str, Any]:
        answers = [self.asker.with_signature(), self.asker.with_token(self.token)]
        if any(gives(one) for one in answers):
            raise Failure(
                "records_after_cut_off", "the server gave records or a lease to a departed device: stop it and report",
                "切断之后服务器仍向离职设备给出记录或租约，请停用服务器并报告",
            )  # fmt: skip
        return {"records": 0, "orders": min(one.orders for one in answers)}

    def _come_back(self) -> int:
        began = time.monotonic()
        self.away.does("offline", on=False)
        for _ in range(_ROUNDS):
            self.away.does("sync")
            if self.away.state == "wiped":
                return round((time.monotonic() - began) * 1000)
        raise _not_wiped(self.away.state)


def gives(given: Given) -> bool:
    """Whether a departed device got anything besides its order, or no order."""
    is_told = given.standing is Standing.DEPARTED and given.orders > 0
    return bool(given.records) or given.has_lease or given.token is not None or not is_told


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


async def check(company: Company, steps: Steps) -> None:
    """Run the check against the deployment of `company`, and take away what it made. Raises Broken."""
    with steps.step("ready", "建立一次性片区与人员", "A throw-away territory and rep are made") as seen:
        must_answer(company.url)
        ground = await break_ground(company)
        seen.update({"territory": ground.territory.name, "person": ground.person.name})
    try:
        await _played(company, steps, ground)
    except BaseException:
        with suppress(Broken), steps.step("cleared", "清理", "What was made is taken away"):
            await clear(company, ground)
        raise
    with steps.step("cleared", "清理", "What was made is taken away") as seen:
        seen.update(await clear(company, ground))


async def _played(company: Company, steps: Steps, ground: Ground) -> None:
    markers = Markers.drawn(company.deployment.sources.random)
    with tempfile.TemporaryDirectory(prefix="saojie-conformance-") as place, ExitStack() as running:
        played = _Check(company, steps, Path(place), running, markers)
        played.ground = ground
        await played.before()
        await played.after()
