"""Temporary help: a place with an end. It is granted until then, ends by itself, once, and open phones look."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from server.identity import help as helping
from server.identity import staff, territories
from server.identity.grants import grants_of
from server.identity.help import LONGEST, Help
from server.identity.staff import Person, PersonStatus
from server.identity.territories import Territory
from server.live.announce import Announcer
from server.master import people
from sync import scopes
from sync.errors import Refusal
from tests.server.identity.conftest import Office
from tests.server.identity.test_terms import noted

HOUR = 3_600_000


class Helping:
    """A territory and somebody from elsewhere."""

    def __init__(self, office: Office, place: Territory, rep: Person) -> None:
        self.office, self.place, self.rep, self.announcer = office, place, rep, Announcer()

    async def give(self, lasts: int = 2 * HOUR, reason: str = "同事生病") -> Help:
        async with self.office.store.write() as tx:
            return await helping.give(tx, self.place.id, self.rep.id, reason, lasts, self.office.sources)

    async def is_granted(self) -> bool:
        async with self.office.store.read() as tx:
            found = await grants_of(tx, self.rep.id, self.office.now)
        return scopes.territory(self.place.id) in found.scopes

    async def end_due(self) -> int:
        return await helping.end_due(self.office.store, self.office.sources, self.announcer)

    async def roster(self) -> list[tuple[int | None, bool]]:
        async with self.office.store.read() as tx:
            return [(one.until, one.private) for one in await territories.roster_of(tx, self.place.id)]

    async def ends(self) -> list[str | None]:
        async with self.office.store.read() as tx:
            return [one.ended_as for one in await helping.listed(tx)]


@pytest.fixture
async def there(office: Office) -> Helping:
    """Nobody helps yet."""
    async with office.store.write() as tx:
        place = await territories.add_territory(tx, "城东", None, office.sources)
    return Helping(office, place, await office.person())


async def test_help_is_granted_until_its_end_by_the_servers_clock(there: Helping) -> None:
    """No job has to run for it to end; the private part is never part of it."""
    given = await there.give()
    assert await there.is_granted()
    assert await there.roster() == [(given.until, False)]
    there.office.now = given.until - 1
    assert await there.is_granted()
    there.office.now = given.until
    assert not await there.is_granted()


async def test_the_end_takes_the_place_away_once_and_is_in_the_journal_like_the_beginning(there: Helping) -> None:
    """Whether the job runs late, twice, or in two processes."""
    given = await there.give()
    assert await there.end_due() == 0
    there.office.now = given.until + HOUR
    assert await there.end_due() == 1
    assert await there.end_due() == 0
    assert (await there.roster(), await there.ends()) == ([], ["time"])
    told = [(kind, body["until"]) for kind, body in await noted(there.office) if kind.startswith("help")]
    assert told == [("help_given", given.until), ("help_ended", given.until)]


async def test_an_open_stream_is_told_to_look_when_help_ends(there: Helping) -> None:
    """A live phone asks at once."""
    device = await there.office.device(there.rep)
    given = await there.give()
    there.announcer.open(device.id, {scopes.territory(there.place.id): 1})
    there.office.now = given.until
    await there.end_due()
    assert there.announcer.looked_for.is_set()


async def test_a_person_may_end_it_before_its_time(there: Helping) -> None:
    """It is gone in the next answer; a second time there is none to end."""
    await there.give()
    async with there.office.store.write() as tx:
        assert await helping.end(tx, there.place.id, there.rep.id, there.office.sources)
        assert not await helping.end(tx, there.place.id, there.rep.id, there.office.sources)
    assert not await there.is_granted()
    assert await there.ends() == ["person"]


async def test_help_that_becomes_a_lasting_place_has_no_end(there: Helping) -> None:
    """Being put on the roster is the stronger word; the job takes nothing away."""
    given = await there.give()
    async with there.office.store.write() as tx:
        await territories.assign(tx, there.place.id, there.rep.id, there.office.sources)
    there.office.now = given.until + 1
    assert await there.end_due() == 0
    assert await there.is_granted()
    assert await there.ends() == ["joined"]


async def test_whoever_is_taken_off_the_roster_helps_no_more(there: Helping) -> None:
    """A person took it: what arrives later is refused, as from anybody who was taken off."""
    await there.give()
    async with there.office.store.write() as tx:
        assert await territories.unassign(tx, there.place.id, there.rep.id, there.office.sources)
        assert await helping.ended_by_time(tx, there.rep.id, there.office.now + LONGEST) == []
    assert await there.ends() == ["person"]


async def test_help_may_be_given_again_after_its_end_before_the_job_has_run(there: Helping) -> None:
    """The old place is out of the way, and the old help still counts as ended by time."""
    first = await there.give()
    there.office.now = first.until + 1
    second = await there.give()
    assert await there.roster() == [(second.until, False)]
    assert await there.end_due() == 1
    assert await there.is_granted()
    async with there.office.store.read() as tx:
        assert [one.id for one in await helping.ended_by_time(tx, there.rep.id, there.office.now)] == [first.id]


@pytest.mark.parametrize(("lasts", "reason"), [(LONGEST + 1, "x"), (0, "x"), (HOUR, "  "), (HOUR, "x" * 201)])
async def test_help_has_a_reason_and_lasts_a_day_at_most(there: Helping, lasts: int, reason: str) -> None:
    """Otherwise it would be a place on the roster."""
    with pytest.raises(Refusal, match="bad_value"):
        await there.give(lasts, reason)


async def test_who_works_there_already_cannot_help_there(there: Helping) -> None:
    """Neither with a lasting place nor while helping; a place is not given an end behind somebody's back."""
    await there.give()
    with pytest.raises(Refusal, match="already"):
        await there.give()
    async with there.office.store.write() as tx:
        await territories.assign(tx, there.place.id, there.rep.id, there.office.sources)
    with pytest.raises(Refusal, match="already"):
        await there.give()


async def test_somebody_under_notice_gets_no_further_territory(there: Helping) -> None:
    """Not even for two hours; nor does somebody who has left."""
    for status, code in ((PersonStatus.LEAVING, "not_yours"), (PersonStatus.DEPARTED, "departed")):
        async with there.office.store.write() as tx:
            await tx.execute(update(people.staff).values(status=status))
            assert await staff.find(tx, there.rep.id) is not None
        with pytest.raises(Refusal, match=code):
            await there.give()
