"""Phones as witnesses: each takes the newest checkpoint along, and what it brings back exposes a store that was
restored or rewritten.
"""

from __future__ import annotations

import pytest

from server.departure.checkpointing import checkpoint
from server.departure.cutoff import lose_device
from server.identity import devices
from server.master import inbox
from server.master.checkpoints import Taken
from server.master.meta import read_identity
from server.master.tables import journal, journal_bodies
from server.master.verify import verify
from server.master.witnesses import REWRITTEN, strange_checkpoints
from sync.codec import decode, encode
from sync.signing import Kind, Signed, company_signed
from sync.statements import Checkpoint
from tests.server.departure.backup import copied, put_back
from tests.server.exchange.conftest import HOUR, Company
from tests.server.identity.conftest import PhoneKey


async def taken(company: Company) -> Taken:
    """A checkpoint over something new."""
    await company.desk.register(company.desk.manager(), company.east)
    found = await checkpoint(company.means.departure)
    assert found is not None
    return found


async def epoch_of(company: Company) -> bytes:
    """The epoch that the store is in."""
    async with company.desk.store.read() as tx:
        return (await read_identity(tx)).epoch


async def kept(company: Company) -> list[int]:
    """The numbers of the strange checkpoints that have been kept."""
    async with company.desk.store.read() as tx:
        return [row.number for row in await tx.execute(strange_checkpoints.select())]


async def told(company: Company) -> tuple[int, int]:
    """How often the manager was told, and how many entries of the journal say so."""
    async with company.desk.store.read() as tx:
        items = await inbox.listed(tx, kind=REWRITTEN)
        bodies = [decode(bytes(row.body), list) for row in await tx.execute(journal_bodies.select())]
    return sum(one.times for one in items), sum(body[0] == REWRITTEN for body in bodies)


def signed(company: Company, number: int, root: bytes = bytes(32)) -> bytes:
    """A checkpoint that the company signed, and that this store need not have."""
    said = Checkpoint(company.desk.company, number, company.desk.now, bytes(32), root, 1, 1)
    return encode(company_signed(Kind.CHECKPOINT, encode(said), company.means.departure.keys.signing))


async def test_an_active_phone_is_given_the_newest_and_not_the_one_it_brings(company: Company) -> None:
    """Once; an answer with nothing new stays as small as it was, and writes nothing."""
    wang = await company.phone(company.wang)
    await taken(company)
    second = await taken(company)
    assert (await wang.sync()).head.checkpoint == second.signed
    async with company.desk.store.read() as tx:
        before = len((await tx.execute(journal.select())).all())
    assert (await wang.sync(witness=encode(second.signed))).head.checkpoint is None
    async with company.desk.store.read() as tx:
        assert len((await tx.execute(journal.select())).all()) == before
    third = await taken(company)
    assert (await wang.sync(witness=encode(second.signed))).head.checkpoint == third.signed


async def test_who_is_not_active_gets_none(company: Company) -> None:
    """A suspended and a departed device hear nothing of the journal."""
    wang, li = await company.phone(company.wang), await company.phone(company.li)
    await taken(company)
    async with company.desk.store.write() as tx:
        await devices.suspend(tx, wang.device, "test", company.means.departure.sources)
    await lose_device(company.means.departure, li.device)
    assert (await wang.ask()).head.checkpoint is None
    assert (await li.ask()).head.checkpoint is None


@pytest.mark.parametrize("number", [1, 9])
async def test_a_checkpoint_that_this_store_does_not_have_begins_a_new_epoch_once(
    company: Company, number: int
) -> None:
    """A number of ours with another body, or one ahead of ours: it is kept, journalled, told, and history was lost."""
    wang, epoch = await company.phone(company.wang), await epoch_of(company)
    await wang.sync()
    await taken(company)
    witness = signed(company, number)
    reply = await wang.ask(witness=witness)
    assert reply.head.epoch == await epoch_of(company) != epoch
    assert (await kept(company), await told(company)) == ([number], (1, 1))
    async with company.desk.store.read() as tx:
        found = await verify(tx, company.means.departure.keys.signing_public)
    assert [(one.code, one.position) for one in found.flaws] == [("witness_differs", number)]
    after = await epoch_of(company)
    wang.take(reply)
    await wang.sync(witness=witness)
    assert (await epoch_of(company), await kept(company), await told(company)) == (after, [number], (1, 1))


async def test_what_a_person_has_explained_is_no_fault_any_more(company: Company) -> None:
    """A restore that everybody knows of is settled with a word; the next strange checkpoint is a new matter."""
    wang = await company.phone(company.wang)
    await wang.sync()
    await wang.ask(witness=signed(company, 7))
    sources = company.means.departure.sources
    company.desk.now += 1000
    async with company.desk.store.write() as tx:
        await inbox.settle_matter(tx, REWRITTEN, company.desk.company, "restored on Monday", sources)
        assert (await verify(tx, company.means.departure.keys.signing_public)).is_sound
    company.desk.now += 1000
    await wang.ask(witness=signed(company, 8))
    async with company.desk.store.read() as tx:
        assert not (await verify(tx, company.means.departure.keys.signing_public)).is_sound


async def test_a_witness_from_an_epoch_that_is_over_is_kept_and_begins_no_other(company: Company) -> None:
    """After a restore many phones bring many checkpoints: one new epoch is enough for all of them."""
    phones = [await company.phone(company.wang) for _ in range(3)]
    for one in phones:
        await one.sync()
    await phones[0].ask(witness=signed(company, 5))
    epoch = await epoch_of(company)
    for number, one in zip((6, 7), phones[1:], strict=True):
        await one.ask(witness=signed(company, number))
    assert (await epoch_of(company), await kept(company)) == (epoch, [5, 6, 7])


async def test_what_the_company_did_not_sign_is_passed_over(company: Company) -> None:
    """Noise, another company's checkpoint, a device's own signature: nothing is kept and nothing begins."""
    wang, epoch = await company.phone(company.wang), await epoch_of(company)
    await wang.sync()
    last = await taken(company)
    key = PhoneKey()
    said = Checkpoint(company.desk.id(), 9, 0, bytes(32), bytes(32), 1, 1)
    own = Signed(Kind.CHECKPOINT, last.signed.body, last.signed.key, key.sign(Kind.CHECKPOINT, b"x"))
    foreign = company_signed(Kind.CHECKPOINT, encode(said), company.means.departure.keys.signing)
    undecodable = company_signed(Kind.CHECKPOINT, b"\xc1", company.means.departure.keys.signing)
    bent = Signed(Kind.CHECKPOINT, encode(said), last.signed.key, bytes(64))
    for witness in (b"\x00", b"noise", *map(encode, (own, foreign, undecodable, bent))):
        await wang.ask(witness=witness)
    assert (await epoch_of(company), await kept(company), await told(company)) == (epoch, [], (0, 0))


async def test_a_store_restored_from_a_backup_is_exposed_by_any_phone(company: Company) -> None:
    """It has written on since and has a checkpoint of the same number: the phone's is another."""
    wang = await company.phone(company.wang)
    await wang.sync()
    await taken(company)
    await copied(company.desk.store)
    seen = await taken(company)
    assert (await wang.sync()).head.checkpoint == seen.signed
    await put_back(company.desk.store)
    company.desk.now += HOUR
    again = [await taken(company) for _ in range(3)]
    assert again[-1].said.number > seen.said.number
    epoch = await epoch_of(company)
    await wang.ask(witness=encode(seen.signed), cursors={})
    assert await epoch_of(company) != epoch
    assert await kept(company) == [seen.said.number]
