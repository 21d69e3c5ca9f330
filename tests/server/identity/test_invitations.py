"""Codes with which accounts are made: who may give one to whom."""

from __future__ import annotations

import pytest

from server.identity import invitations, staff
from server.identity.invitations import Wish
from server.identity.staff import Role
from server.master.store import Store
from server.ports import Sources
from sync.errors import Refusal
from tests.server.desk import Desk

LONG = "correct horse battery"


async def _people(store: Store) -> tuple[dict[Role, staff.Person], Sources]:
    desk = await Desk(store).open()
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    async with store.write() as tx:
        return {role: await staff.add(tx, f"某{role}", role, sources) for role in Role}, sources


@pytest.mark.parametrize("by", sorted(Role))
@pytest.mark.parametrize("whom", sorted(Role))
async def test_who_may_give_a_code_to_whom(store: Store, by: Role, whom: Role) -> None:
    """A dealer to the office, a manager to those who do not manage, nobody to a rep: a code is an account."""
    people, sources = await _people(store)
    may = whom is not Role.REP and (
        by is Role.DEALER or (by is Role.MANAGER and whom in {Role.SERVICE, Role.ARCHIVIST})
    )
    async with store.write() as tx:
        if may:
            assert (await invitations.invite(tx, people[whom].id, sources, by=people[by].id)).staff == people[whom].id
        else:
            with pytest.raises(Refusal, match="not_yours"):
                await invitations.invite(tx, people[whom].id, sources, by=people[by].id)


async def test_a_newer_code_voids_the_older_one(store: Store) -> None:
    """Of two codes for one person only the last one is good, once, and not for ever."""
    people, sources = await _people(store)
    person = people[Role.SERVICE].id
    async with store.write() as tx:
        old = await invitations.invite(tx, person, sources)
        new = await invitations.invite(tx, person, sources)
    with pytest.raises(Refusal, match="code_wrong"):
        await invitations.redeem(store, Wish(old.code.shown, "sun", LONG), sources)
    assert (await invitations.redeem(store, Wish(new.code.shown, "sun", LONG), sources)).id == person
    with pytest.raises(Refusal, match="code_used"):
        await invitations.redeem(store, Wish(new.code.shown, "sun", LONG), sources)


async def test_a_code_dies_with_the_role_that_it_was_given_for(store: Store) -> None:
    """Who may give one to a service person holds no code for the manager that this person becomes."""
    people, sources = await _people(store)
    person = people[Role.SERVICE].id
    async with store.write() as tx:
        made = await invitations.invite(tx, person, sources, by=people[Role.MANAGER].id)
        await staff.set_role(tx, person, Role.MANAGER, sources)
    with pytest.raises(Refusal, match="code_wrong"):
        await invitations.redeem(store, Wish(made.code.shown, "sun", LONG), sources)


async def test_a_code_has_its_time(store: Store) -> None:
    """Three days after it was made it is good no more."""
    people, sources = await _people(store)
    async with store.write() as tx:
        made = await invitations.invite(tx, people[Role.SERVICE].id, sources)
    late = Sources(lambda: made.expires_at, sources.random)
    with pytest.raises(Refusal, match="code_used"):
        await invitations.redeem(store, Wish(made.code.shown, "sun", LONG), late)
