"""Good practice: asked for, written, reviewed, shared as a notice, made a step of a checklist."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from server.field.arrivals import look
from server.field.policies import policies_of
from server.field.practices import WRITTEN, add_step, approve, ask, listed, refuse
from server.master import inbox
from server.master.store import Tx
from sync import scopes
from sync.errors import Refusal
from sync.policies.care import CHECKLIST
from sync.records import Finding, Notice, Practice, Task
from tests.server.firm import Firm
from tests.server.meeting import while_uncommitted

DAY = 86_400_000


async def asked(firm: Firm, days: int) -> int:
    """Let days pass and the rule look: how many requests Wang has had."""
    firm.desk.now += days * DAY
    ground = await firm.ground()
    async with firm.store.write() as tx:
        await ask(tx, ground)
    return len(await firm.own(firm.wang, Task))


async def test_each_is_asked_every_thirty_days_and_writing_answers(firm: Firm) -> None:
    """Reps and service people on a roster; nobody is asked again who has not answered, nor the archivist at all."""
    assert [await asked(firm, days) for days in (0, 30)] == [1, 1]
    await firm.does(firm.wang, "practice", title="先看货架再开口", body="进门先数货")
    await look(firm.store, await firm.ground())
    assert {one.status for one in await firm.own(firm.wang, Task)} == {"done"}
    async with firm.store.read() as tx:
        assert len(await inbox.listed(tx, kind=WRITTEN)) == 1
    firm.desk.now -= DAY
    assert [await asked(firm, days) for days in (0, 1)] == [1, 2]
    await firm.does(firm.wang, "practice", title="再一个", body="")
    await look(firm.store, await firm.ground())
    assert [await asked(firm, days) for days in (29, 1)] == [2, 3]
    assert await firm.own(firm.dang, Task) == await firm.own(firm.dealer, Task) == []


async def test_what_is_approved_is_shared_and_what_is_refused_is_answered(firm: Firm) -> None:
    """The author hears of either; shared once."""
    first = await firm.does(firm.wang, "practice", title="先看货架", body="进门先数货")
    second = await firm.does(firm.li, "practice", title="送礼", body="多送")
    await look(firm.store, await firm.ground())
    async with firm.store.write() as tx:
        await approve(tx, first, firm.sources, by=firm.dealer)
        await refuse(tx, second, "不合公司规定", firm.sources, by=firm.dealer)
        with pytest.raises(Refusal, match="shared already"):
            await approve(tx, first, firm.sources, by=firm.dealer)
        with pytest.raises(Refusal, match="a reason"):
            await refuse(tx, second, "", firm.sources, by=firm.dealer)
        assert await listed(tx) == []
        assert await inbox.listed(tx, kind=WRITTEN) == []
    company = (await firm.desk.records(scopes.COMPANY)).values()
    (notice,) = [one for one in company if isinstance(one, Notice)]
    assert (notice.title, notice.body.endswith("王")) == ("好做法：先看货架", True)
    assert [one.state for one in await firm.own(firm.wang, Finding)] == ["approved"]
    assert [(one.state, one.note) for one in await firm.own(firm.li, Finding)] == [("refused", "不合公司规定")]
    assert [one.review for one in await firm.own(firm.li, Practice)] == ["refused"]


async def test_a_step_is_added_once(firm: Firm) -> None:
    """In order, without commas."""
    async with firm.store.write() as tx:
        await add_step(tx, "shelf", "数货", firm.sources)
        await add_step(tx, "shelf", "看价签", firm.sources)
        assert (await policies_of(tx)).of(CHECKLIST, "shelf") == ("数货", "看价签")
        for wrong in ("数货", "a,b", " ", "x" * 61):
            with pytest.raises(Refusal):
                await add_step(tx, "shelf", wrong, firm.sources)


async def test_of_two_managers_who_decide_at_once_one_shares_it(firm: Firm) -> None:
    """There is one notice; what is shared is not refused afterwards; steps added at once are both there."""
    made = await firm.does(firm.wang, "practice", title="先看货架", body="进门先数货")
    await look(firm.store, await firm.ground())

    async def share(tx: Tx) -> object:
        return await approve(tx, made, firm.sources, by=firm.dealer)

    async def decline(tx: Tx) -> object:
        return await refuse(tx, made, "太短", firm.sources, by=firm.dealer)

    for other in (share, decline):
        if other is share:
            _, came = await while_uncommitted(firm.store, share, other)
        else:
            (came,) = await asyncio.gather(firm.store.transact(other), return_exceptions=True)
        assert isinstance(came, Refusal)
    notices = [one for one in (await firm.desk.records(scopes.COMPANY)).values() if isinstance(one, Notice)]
    assert len(notices) == 1
    steps = [partial(add_step, purpose="shelf", step=one, sources=firm.sources) for one in ("数货", "拍照")]
    await while_uncommitted(firm.store, *steps)
    async with firm.store.read() as tx:
        kept = (await policies_of(tx)).of(CHECKLIST, "shelf")
    assert sorted(kept) == ["拍照", "数货"]
