"""Removing personal data by order: nothing of it is left anywhere in the store, and the journal still verifies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from server.master import holds
from server.master.audit import audit
from server.master.concerned import concerned
from server.master.departures import handed_photos, quarantine, wipe_orders
from server.master.erasing import Erased, HeldError, erase
from server.master.people import devices, staff
from server.master.photos import PhotoFiles
from server.master.removing import carry_out, remove
from server.master.store import Store
from server.master.tables import (
    METADATA,
    conflicts,
    dead_letters,
    journal_bodies,
    listed,
    operations,
    proposals,
)
from server.master.verify import verify
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds
from sync.codec import encode
from sync.errors import Refusal
from sync.ids import new_id
from sync.operations import Act
from sync.outcomes import Lost, Outcome, OutcomeCode
from sync.records import Photo, Task
from tests.server.desk import Desk
from tests.server.master.test_checkpoints import PUBLIC, taken

MARK = "HUANGXIAOMING"
"""What is looked for afterwards."""


@dataclass
class Person:
    """A contact whose every trace bears the mark, another who shares the outlet, and who they are."""

    desk: Desk
    outlet: UUID
    contact: UUID
    private: UUID
    other: UUID
    other_private: UUID
    photo: UUID
    never: UUID
    """A private part that was refused."""
    photos: PhotoFiles

    @property
    def sources(self) -> Sources:
        """The desk's clock and randomness."""
        return Sources(lambda: self.desk.now, self.desk.random.randbytes)

    async def erase(self, *, keep: bool = False, reason: str = "asked by the person") -> Erased:
        """The order, as the command carries it out."""
        by = self.desk.company
        done, _ = await carry_out(self.desk.store, self.photos, self.contact, reason, by, self.sources, keep=keep)
        return done


@pytest.fixture
async def person(desk: Desk, tmp_path: Path) -> Person:
    """Everything that a store can keep of a contact, in every table that can keep it."""
    wang, li = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east)
    outlet = await desk.register(wang, desk.east, name="老张烟酒")
    contact, private, other, other_private = (desk.id() for _ in range(4))
    made = [
        desk.operation(Act.CREATE, "contact", contact, outlet=outlet, name=f"{MARK}1", phone=f"{MARK}2"),
        desk.operation(
            Act.CREATE, "contact_private", private, contact=contact, outlet=outlet,
            hobbies={"add": [f"{MARK}3", f"{MARK}13"]}, notes=f"{MARK}4",
        ),
        desk.operation(Act.CREATE, "contact", other, outlet=outlet, name="李四"),
        desk.operation(
            Act.CREATE, "contact_private", other_private, contact=other, outlet=outlet, hobbies={"add": ["钓鱼"]}
        ),
    ]  # fmt: skip
    assert {one.code for one in await desk.submit(wang, *made)} == {OutcomeCode.APPLIED}
    await desk.edit(wang, "contact", contact, 1, phone=f"{MARK}5")
    lost = await desk.edit(li, "contact", contact, 1, phone=f"{MARK}6")
    assert lost.lost
    await desk.edit(wang, "contact_private", private, 1, hobbies={"remove": [f"{MARK}3"]})
    refused = await desk.edit(wang, "contact", contact, 1, name=f"{MARK}7" * 90)
    assert refused.code is OutcomeCode.REFUSED
    never = desk.id()
    too_long = desk.operation(
        Act.CREATE, "contact_private", never, contact=contact, outlet=outlet, notes=f"{MARK}16" * 5000
    )
    (refused,) = await desk.submit(wang, too_long)
    assert refused.code is OutcomeCode.REFUSED
    told: dict[str, Any] = {
        "title": "C · 接手 · 老张烟酒",
        "kind": "handover",
        "outlet": outlet,
        "notes": f"联系人: {MARK}17",
    }
    listing = desk.operation(Act.CREATE, "task", desk.id(), scope=scopes.staff(desk.li), **told)
    assert (await desk.submit(desk.manager(), listing))[0].code is OutcomeCode.APPLIED
    unreadable = b"\xc1" + contact.bytes + f"{MARK}8".encode()
    await desk.submit(wang, unreadable)
    await _beside(desk, outlet, contact)
    await desk.register(wang, desk.east, name="别家")
    await taken(desk)
    picture = desk.id()
    of: dict[str, Any] = {"outlet": outlet, "digest": "00" * 32, "size": 3, "caption": f"{MARK}14"}
    photo = desk.operation(Act.CREATE, "photo", picture, of=contact, **of)
    front = desk.operation(Act.CREATE, "photo", desk.id(), of=outlet, **of | {"caption": "front"})
    assert {one.code for one in await desk.submit(wang, photo, front)} == {OutcomeCode.APPLIED}
    photos = PhotoFiles(tmp_path / "photos")
    with photos.held(picture):
        photos.append(picture, 0, f"{MARK}15".encode())
        photos.keep(picture)
    await _handed_in(desk, picture, photos)
    return Person(desk, outlet, contact, private, other, other_private, picture, never, photos)


async def _handed_in(desk: Desk, photo: UUID, photos: PhotoFiles) -> None:
    """The same photo as a phone that could not read it any more handed it in."""
    async with desk.store.write() as tx:
        device = (await tx.execute(select(devices.c.id))).scalar_one()
        row = {"device": device, "photo": photo.bytes, "staff": desk.wang.bytes, "key": b"", "size": 1, "received": 1}
        await tx.execute(insert(handed_photos).values(**row, begun_at=desk.now, finished_at=desk.now))
    files = photos.handed_in(UUID(bytes=bytes(device)))
    with files.held(photo):
        files.append(photo, 0, b"s")
        files.keep(photo)


async def _beside(desk: Desk, outlet: UUID, contact: UUID) -> None:
    """A proposal, an import's memory, and two rows in quarantine."""
    at = desk.now
    edit = desk.operation(Act.EDIT, "contact", contact, base=1, name=f"{MARK}9")
    outcome = Outcome(1, edit.id, OutcomeCode.SUPERSEDED, lost=(Lost("name", f"{MARK}10", "x", ours=True),))
    order, device, bounds = desk.id().bytes, desk.id().bytes, encode(Bounds(at, at, at))
    whose = {"device": device, "staff": desk.wang.bytes}
    row = whose | {"order": order, "hash": bytes(16), "outbox": desk.random.randbytes(16), "received_at": at}
    async with desk.store.write() as tx:
        values: dict[str, Any] = {"id": desk.id().bytes, "record": contact.bytes, "operation": edit.id.bytes}
        await tx.execute(insert(proposals).values(**values, at=at, changes=encode({"name": f"{MARK}11"})))
        said = encode({"name": "老张烟酒", "contact_name": f"{MARK}12"})
        await tx.execute(insert(listed).values(record=outlet.bytes, source="a.csv", said=said, at=at))
        await tx.execute(insert(staff).values(id=desk.wang.bytes, name="王", role="rep", joined_at=at))
        enrolled = {"enrolment": desk.id().bytes, "public_key": b"key", "standing": "departed", "enrolled_at": at}
        await tx.execute(insert(devices).values(id=device, staff=desk.wang.bytes, model="", **enrolled))
        ordered = {"reason": "left", "issued_at": at, "signed": b"", "state": "drained"}
        await tx.execute(insert(wipe_orders).values(id=order, **whose, **ordered))
        for number, state in ((1, "waiting"), (2, "accepted")):
            await tx.execute(
                insert(quarantine).values(
                    **row, committed=True, id=desk.id().bytes, number=number, body=encode(edit), bounds=bounds,
                    state=state, outcome=encode(outcome),
                )
            )  # fmt: skip


async def texts(store: Store) -> dict[str, int]:
    """In how many rows of which tables the mark stands."""
    found: dict[str, int] = {}
    async with store.read() as tx:
        for table in METADATA.sorted_tables:
            rows = (await tx.execute(select(table))).all()
            count = sum(MARK.encode() in b"".join(map(_bytes, row)) for row in rows)
            found |= {table.name: count} if count else {}
    return found


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else repr(value).encode()


async def test_nothing_is_left_and_the_journal_verifies(person: Person, tmp_path: Path) -> None:
    """The person goes from the archive, its history and all that stands beside it; others stay."""
    store = person.desk.store
    before = await texts(store)
    tables = {"contacts", "contacts_private", "feed", "journal_bodies", "dead_letters", "operations", "conflicts"}
    assert before.keys() >= tables | {"proposals", "listed", "quarantine"}
    done = await person.erase()
    assert await texts(store) == {}
    assert (done.records, done.entries > 5, done.dead_letters, done.conflicts) == (5, True, 3, 1)
    assert (done.proposals, done.imports, done.quarantine) == (1, 1, 2)
    async with store.read() as tx:
        found = await verify(tx, [PUBLIC])
        assert (found.is_sound, found.erased) == (True, done.entries), found.flaws
        assert await audit(tx) == []
    held = await person.desk.records(scopes.territory(person.desk.east))
    assert person.contact not in held
    theirs = await person.desk.records(scopes.staff(person.desk.li))
    (task,) = [one for one in theirs.values() if isinstance(one, Task)]
    assert task.notes.endswith("removed by order")
    assert person.photos.whole(person.photo) is None
    assert _photos_in(tmp_path) == []
    assert [one.caption for one in held.values() if isinstance(one, Photo)] == ["front"]
    assert held[person.other].id == person.other
    assert person.other_private in await person.desk.records(scopes.private_of(scopes.territory(person.desk.east)))


def _photos_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*.photo"))


async def test_not_even_the_files_have_it(person: Person, tmp_path: Path) -> None:
    """SQLite overwrites what it frees, and its log is emptied. PostgreSQL needs VACUUM, and says so."""
    store = person.desk.store
    await person.erase()
    assert await store.scrub() is store.is_sqlite
    if store.is_sqlite:
        files = [tmp_path / f"master.db{end}" for end in ("", "-wal", "-shm")]
        whole = b"".join(map(_read, files))
        assert MARK.encode() not in whole
        assert "老张烟酒".encode() in whole


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


async def test_the_record_may_stay_and_lose_its_history_alone(person: Person) -> None:
    """What the archive says now stays; what it said before is gone."""
    await person.erase(keep=True)
    assert (await texts(person.desk.store)).keys() == {"contacts", "contacts_private", "feed", "photos", "tasks"}
    async with person.desk.store.read() as tx:
        assert (await verify(tx, [PUBLIC])).is_sound


async def test_a_body_that_an_order_did_not_name_is_missed(person: Person) -> None:
    """An order is no excuse for anything besides; and one that did not remove what it names is told as well."""
    done = await person.erase()
    async with person.desk.store.write() as tx:
        row = (await tx.execute(select(journal_bodies).where(journal_bodies.c.record == person.other.bytes))).first()
        assert row is not None
        name = scopes.territory(person.desk.east)
        place = (journal_bodies.c.scope == row.scope) & (journal_bodies.c.position == row.position)
        await tx.execute(journal_bodies.delete().where(place))
        found = await verify(tx, [PUBLIC])
    assert [(one.code, one.scope, one.position) for one in found.flaws] == [("body_missing", name, row.position)]
    assert found.erased == done.entries


@pytest.mark.parametrize("what", ["the contact", "its outlet", "who wrote"])
async def test_a_legal_hold_stops_an_order_until_it_is_lifted(person: Person, what: str) -> None:
    """On the record, on the outlet where it stands, or on anybody who wrote of it; both ends are in the journal."""
    desk, sources = person.desk, person.sources
    records = {"the contact": person.contact, "its outlet": person.outlet}
    async with desk.store.write() as tx:
        if what in records:
            hold = await holds.place(tx, "lawsuit", desk.company, sources, record=records[what])
        else:
            hold = await holds.place(tx, "lawsuit", desk.company, sources, staff=desk.li)
    before = await texts(desk.store)
    with pytest.raises(HeldError) as held:
        await person.erase()
    assert held.value.holds == (hold,)
    assert await texts(desk.store) == before
    async with desk.store.write() as tx:
        with pytest.raises(Refusal, match="bad_value"):
            await holds.lift(tx, hold.id, " ", desk.company, sources)
        await holds.lift(tx, hold.id, "settled", desk.company, sources)
        with pytest.raises(Refusal, match="not_found"):
            await holds.lift(tx, hold.id, "settled", desk.company, sources)
        assert await holds.listed(tx) == []
        assert [one.lifted_reason for one in await holds.listed(tx, everything=True)] == ["settled"]
    assert (await person.erase()).entries > 0
    assert await texts(desk.store) == {}


async def test_an_outlet_takes_its_people_along_and_stays_itself(person: Person) -> None:
    """Contacts and private parts are people's; the outlet, its visits and its orders are the company's."""
    async with person.desk.store.read() as tx:
        ids = await concerned(tx, person.outlet)
        private = await concerned(tx, person.private)
    people = (person.contact, person.private, person.other, person.other_private)
    records = (person.outlet, *people, person.photo, person.never)
    assert {one.bytes for one in records} < set(ids)
    assert len(ids) == len(records) + 1
    assert private == [person.private.bytes]
    async with person.desk.store.write() as tx:
        await remove(tx, ids, person.desk.company, person.sources, told_only=False)
    assert person.outlet in await person.desk.records(scopes.territory(person.desk.east))


async def test_an_order_takes_a_reason_and_a_record(person: Person) -> None:
    """Nothing is removed without either."""
    desk = person.desk
    async with desk.store.write() as tx:
        with pytest.raises(Refusal, match="bad_value"):
            await erase(tx, person.contact, " ", desk.company, person.sources)
        with pytest.raises(Refusal, match="not_found"):
            await erase(tx, new_id(1, bytes(10)), "asked", desk.company, person.sources)
        with pytest.raises(Refusal, match="bad_value"):
            await holds.place(tx, "both", desk.company, person.sources, record=person.contact, staff=desk.li)


async def test_twice_is_once(person: Person) -> None:
    """A second order finds nothing more, and the journal still verifies; tables are emptied and not shortened."""
    async with person.desk.store.read() as tx:
        before = [len((await tx.execute(select(one))).all()) for one in (dead_letters, operations)]
    await person.erase(keep=True)
    again = await person.erase(keep=True)
    assert (again.dead_letters, again.conflicts, again.outcomes) == (0, 0, 0)
    async with person.desk.store.read() as tx:
        assert (await verify(tx, [PUBLIC])).is_sound
        after = [len((await tx.execute(select(one))).all()) for one in (dead_letters, operations)]
        assert (await tx.execute(select(conflicts))).all() == []
    assert after[0] == before[0]
    assert after[1] >= before[1]


async def test_what_went_along_with_an_outlet_goes_too(person: Person) -> None:
    """An outlet that was removed took its people along, whole, each into an entry of its own: the order finds them."""
    desk = person.desk
    gone = desk.operation(Act.REMOVE, "outlet", person.outlet, base=1)
    assert (await desk.submit(desk.rule(), gone))[0].code is OutcomeCode.APPLIED
    async with desk.store.read() as tx:
        assert (await verify(tx, [PUBLIC])).is_sound
    await person.erase()
    assert await texts(desk.store) == {}
    async with desk.store.read() as tx:
        assert (await verify(tx, [PUBLIC])).is_sound
        assert await audit(tx) == []
