"""The journal gets a checkpoint at intervals while something is written, and right after each departure."""

from __future__ import annotations

from server.departure.checkpointing import checkpoint, checkpoint_if_due
from server.departure.cutoff import offboard
from server.master.checkpoints import heads_at, newest
from server.master.journal import Note, note
from sync import scopes
from sync.signing import Kind, verified_company
from tests.server.departure.office import Office

HOUR = 3_600_000


async def _number(office: Office) -> int:
    async with office.store.read() as tx:
        last = await newest(tx)
    return last.said.number if last is not None else 0


async def test_a_departure_is_in_a_checkpoint_when_the_call_returns(office: Office) -> None:
    """The journal's entry of the cut-off is covered, and the company signed it."""
    person = office.wang
    await offboard(office.means, person, "resigned")
    async with office.store.read() as tx:
        last = await newest(tx)
        assert last is not None
        heads = {one.name: one for one in await heads_at(tx, last.said.number)}
    assert verified_company(last.signed, Kind.CHECKPOINT, office.means.keys.signing_public)
    assert heads[scopes.staff(person)].entries > 0


async def test_one_is_due_after_the_interval_and_only_if_something_was_written(office: Office) -> None:
    """An hour later there is another; in a quiet hour there is none."""
    await checkpoint(office.means)
    before = await _number(office)
    async with office.store.write() as tx:
        await note(tx, [Note(scopes.COMPANY, "test", {})], office.clock(), office.rng.randbytes)
    assert await checkpoint_if_due(office.means, HOUR) is None
    office.clock.tick(HOUR)
    assert await checkpoint_if_due(office.means, HOUR) is not None
    office.clock.tick(HOUR)
    assert await checkpoint_if_due(office.means, HOUR) is None
    assert await _number(office) == before + 1
