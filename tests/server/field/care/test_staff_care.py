"""Care for staff stands on the server alone: with consent, told to managers in time, gone when the person asks."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from server.field.care.staff import BIRTHDAY_NEAR, CareKind, Said, forget, keep, listed, remind
from server.master import inbox
from server.master.people import staff as people
from server.master.tables import feed, journal_bodies
from sync.errors import Refusal
from sync.records import Birthday, Calendar
from tests.server.firm import Firm


@pytest.mark.parametrize(
    "said",
    [
        Said(CareKind.BIRTHDAY, Birthday(10, 17)),
        Said(CareKind.BIRTHDAY, consent=True),
        Said(CareKind.HELP, consent=True),
        Said(CareKind.HELP, Birthday(1, 1), "x", consent=True),
    ],
)
async def test_nothing_is_noted_without_consent_or_words(firm: Firm, said: Said) -> None:
    """A birthday has a day, anything else has words."""
    async with firm.store.write() as tx:
        with pytest.raises(Refusal):
            await keep(tx, firm.wang, said, firm.sources)


async def test_a_manager_hears_of_it_in_time_once_and_no_device_ever_does(firm: Firm) -> None:
    """The words are in no feed and in no entry of the journal; they go when the person asks."""
    secret, lunar = "母亲住院", Birthday(9, 8, Calendar.LUNAR)
    async with firm.store.write() as tx:
        await keep(tx, firm.wang, Said(CareKind.DIFFICULTY, None, secret, consent=True), firm.sources, firm.dealer)
        await keep(tx, firm.wang, Said(CareKind.PARENT_BIRTHDAY, lunar, consent=True), firm.sources, firm.dealer)
    for day in ("2026-10-13", "2026-10-14", "2026-10-15"):
        firm.at(f"{day} 09:00")
        ground = await firm.ground()
        async with firm.store.write() as tx:
            await remind(tx, ground)
    async with firm.store.write() as tx:
        (item,) = await inbox.listed(tx, kind=BIRTHDAY_NEAR)
        assert (item.matter.staff, item.times) == (firm.wang, 1)
        assert "2026-10-17" in item.matter.zh
        packed = [bytes(one) for one in (await tx.execute(select(feed.c.packed))).scalars() if one is not None]
        bodies = [bytes(one) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
        assert [one for one in [*packed, *bodies] if secret.encode() in one] == []
        assert await forget(tx, firm.wang, firm.sources) == 2
        assert await listed(tx) == []
        assert await forget(tx, firm.wang, firm.sources) == 0


async def test_what_is_noted_of_somebody_goes_when_they_have_left(firm: Firm) -> None:
    """Nobody has a use for it any more; a colleague's stays."""
    async with firm.store.write() as tx:
        for one in (firm.wang, firm.li):
            await keep(tx, one, Said(CareKind.HELP, None, "借款", consent=True), firm.sources, firm.dealer)
        await tx.execute(update(people).where(people.c.id == firm.wang.bytes).values(status="departed"))
        await remind(tx, await firm.ground())
        assert [one.staff for one in await listed(tx)] == [firm.li]
