"""What a person's devices may hold: from role and roster alone."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import update

from server.identity import staff, territories
from server.identity.grants import Grants, grants_of, grants_of_many
from server.identity.staff import Person, PersonStatus, Role
from server.identity.territories import Territory
from server.master import people
from server.master.actors import Authority
from server.master.scoping import numbers
from sync import scopes
from sync.errors import Refusal
from tests.server.identity.conftest import Office


async def area(office: Office, name: str, pool: UUID | None = None) -> Territory:
    """A territory."""
    async with office.store.write() as tx:
        return await territories.add_territory(tx, name, pool, office.sources)


async def put(office: Office, where: Territory, who: Person, *, private: bool = False) -> None:
    """Put a person on a roster."""
    async with office.store.write() as tx:
        await territories.assign(tx, where.id, who.id, office.sources, private=private)


async def grants(office: Office, who: Person) -> Grants:
    """The grants of a person now."""
    async with office.store.read() as tx:
        return await grants_of(tx, who.id, office.now)


async def test_a_rep_holds_company_self_and_territory(office: Office) -> None:
    """Nothing private, no other territory, and never a pool's full records."""
    async with office.store.write() as tx:
        pool = await territories.add_pool(tx, "公海", office.sources)
    east, west, rep = await area(office, "东", pool.id), await area(office, "西"), await office.person()
    await put(office, east, rep)
    found = await grants(office, rep)
    assert set(found.scopes) == {
        scopes.COMPANY,
        scopes.staff(rep.id),
        scopes.territory(east.id),
        scopes.teasers(pool.id),
    }
    assert found.rights.authority is Authority.REP
    assert not found.rights.covers(scopes.territory(west.id))
    assert not found.rights.covers(scopes.pool(pool.id))


async def test_the_private_part_is_granted_by_the_roster(office: Office) -> None:
    """One place on a roster may hold it and another may not; changing the place changes the grant."""
    east, rep = await area(office, "东"), await office.person()
    private = scopes.private_of(scopes.territory(east.id))
    await put(office, east, rep, private=True)
    assert private in (await grants(office, rep)).scopes
    await put(office, east, rep, private=False)
    assert private not in (await grants(office, rep)).scopes


async def test_whoever_is_taken_off_a_roster_loses_the_scope(office: Office) -> None:
    """In the next snapshot, with nothing kept."""
    east, rep = await area(office, "东"), await office.person()
    await put(office, east, rep, private=True)
    async with office.store.write() as tx:
        assert await territories.unassign(tx, east.id, rep.id, office.sources)
        assert not await territories.unassign(tx, east.id, rep.id, office.sources)
    assert set((await grants(office, rep)).scopes) == {scopes.COMPANY, scopes.staff(rep.id)}


async def test_a_person_who_left_is_granted_nothing(office: Office) -> None:
    """Even while the roster still names them."""
    east, rep = await area(office, "东"), await office.person()
    await put(office, east, rep)
    async with office.store.write() as tx:
        await tx.execute(update(people.staff).values(status=PersonStatus.DEPARTED))
    found = await grants(office, rep)
    assert found.scopes == ()
    assert found.rights.scopes == frozenset()


@pytest.mark.parametrize("role", list(Role))
async def test_only_managers_and_dealers_decide(office: Office, role: Role) -> None:
    """A manager's word is final and reaches the pool of the territory; what is held stays the same."""
    async with office.store.write() as tx:
        pool = await territories.add_pool(tx, "公海", office.sources)
    east, who = await area(office, "东", pool.id), await office.person("某人", role)
    await put(office, east, who)
    found = await grants(office, who)
    assert found.rights.decides is (role in {Role.DEALER, Role.MANAGER})
    assert found.rights.covers(scopes.pool(pool.id)) is found.rights.decides
    assert scopes.pool(pool.id) not in found.scopes


async def test_grants_of_many_are_those_of_each(office: Office) -> None:
    """One query answers for all, strangers included."""
    east = await area(office, "东")
    people_ = [await office.person(f"代表{number}") for number in range(4)]
    for who in people_[:2]:
        await put(office, east, who)
    stranger = UUID(int=1)
    async with office.store.read() as tx:
        together = await grants_of_many(tx, [*(one.id for one in people_), stranger], office.now)
        apart = {one.id: await grants_of(tx, one.id, office.now) for one in people_}
    assert together == apart | {stranger: together[stranger]}
    assert together[stranger].scopes == ()


async def test_opening_a_territory_opens_its_scopes(office: Office) -> None:
    """Territory, private part, pool, teasers and staff scopes are in the store as soon as they are named."""
    async with office.store.write() as tx:
        pool = await territories.add_pool(tx, "公海", office.sources)
    east, rep = await area(office, "东", pool.id), await office.person()
    names = [scopes.territory(east.id), scopes.private_of(scopes.territory(east.id)), scopes.staff(rep.id)]
    names += [scopes.pool(pool.id), scopes.teasers(pool.id)]
    async with office.store.read() as tx:
        assert set(await numbers(tx, names)) == set(names)
        assert await territories.territory_named(tx, " 东 ") == east
        assert await territories.all_territories(tx) == [east]
        assert await territories.all_pools(tx) == [pool]


async def test_names_are_checked_and_taken_once(office: Office) -> None:
    """An empty name, a control character or a name that is taken is refused."""
    await area(office, "东")
    for name, code in (("东", "record_exists"), ("  ", "bad_value"), ("a\nb", "bad_value"), ("长" * 121, "bad_value")):
        with pytest.raises(Refusal, match=code):
            await area(office, name)
    with pytest.raises(Refusal, match="not_found"):
        await area(office, "西", UUID(int=5))


async def test_people_are_renamed_and_change_their_role(office: Office) -> None:
    """The id stays, and with it everything that names it."""
    who = await office.person("王伟")
    async with office.store.write() as tx:
        await staff.rename(tx, who.id, "王伟(二)", office.sources)
        changed = await staff.set_role(tx, who.id, Role.MANAGER, office.sources)
        assert await staff.find(tx, who.id) == changed
        assert await staff.named(tx, "王伟(二)") == [changed]
        assert await staff.everybody(tx) == [changed]
    assert (changed.id, changed.name, changed.role) == (who.id, "王伟(二)", Role.MANAGER)


async def test_who_is_not_there_cannot_be_put_on_a_roster(office: Office) -> None:
    """Unknown people and territories are refused by name."""
    east, rep = await area(office, "东"), await office.person()
    async with office.store.write() as tx:
        with pytest.raises(Refusal, match="not_found"):
            await territories.assign(tx, east.id, UUID(int=9), office.sources)
        with pytest.raises(Refusal, match="not_found"):
            await territories.assign(tx, UUID(int=9), rep.id, office.sources)
        assert await territories.roster_of(tx, east.id) == []
