"""Photos that are handed in: kept whole whatever becomes of their records, readable when a record stands, no sooner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from server.departure import quarantine
from server.departure.cutoff import offboard
from server.departure.orders import listed as orders
from server.departure.photo_records import PhotoState, archive, read_photo
from server.departure.photos import MOST_BYTES, HandIns
from server.master.departures import handed_photos
from server.master.people import photo_files
from server.master.removing import carry_out
from sync.errors import Refusal
from sync.messages import SealedPhoto
from sync.statements import ReceiptStage
from tests.server.departure.office import Office, Phone
from tests.server.departure.sealing import Picture, begin, hand_in, photos, taken
from tests.server.departure.test_departures_file import room_for


async def leaver(office: Office, count: int = 1, **changed: Any) -> tuple[Phone, list[Picture]]:
    """Wang's phone after Wang has left: an outlet with photos, all of it handed in but the photos' bytes."""
    phone = await office.enrol(office.wang)
    outlet = phone.register(office.east, "老张烟酒")
    pictures = [taken(phone, outlet, **changed) for _ in range(count)]
    office.clock.tick()
    await offboard(office.means, office.wang, "left")
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    return phone, pictures


async def items(office: Office) -> list[UUID]:
    """Everything in quarantine."""
    async with office.store.read() as tx:
        return [one.id for one in await quarantine.listed(tx)]


def in_archive(office: Office, picture: Picture) -> bytes | None:
    """The bytes that whoever may read the record is given."""
    path = office.means.photos.whole(picture.id)
    return path.read_bytes() if path else None


async def states(office: Office) -> list[str]:
    """What became of each photo."""
    return [one.state for one in await photos(office)]


async def test_a_photo_waits_with_its_record_and_is_readable_when_that_is_accepted(office: Office) -> None:
    """Nothing of it is in the archive before somebody decides; afterwards its bytes are as they were taken."""
    phone, (picture,) = await leaver(office)
    await hand_in(office, phone, picture, 100)
    assert await states(office) == [PhotoState.WAITING]
    assert in_archive(office, picture) is None
    await quarantine.accept(office.means, await items(office), office.li)
    assert await states(office) == [PhotoState.ARCHIVED]
    assert in_archive(office, picture) == picture.data
    (row,) = await office.rows(photo_files)
    assert (row["photo"], row["received"], row["finished_at"]) == (picture.id.bytes, 1000, office.clock())
    assert [kind for kind, _ in await office.journal() if kind.startswith("photo")] == [
        "photo_handed_in",
        "photo_archived",
    ]


async def test_a_photo_that_comes_after_its_record_was_accepted_is_readable_at_once(office: Office) -> None:
    """The order in which the two come does not matter."""
    phone, (picture,) = await leaver(office)
    await quarantine.accept(office.means, await items(office))
    await hand_in(office, phone, picture)
    assert (await states(office), in_archive(office, picture)) == ([PhotoState.ARCHIVED], picture.data)


async def test_a_refused_record_keeps_its_photo_whole(office: Office) -> None:
    """It stays sealed where it is, and can still be looked at."""
    phone, (picture,) = await leaver(office)
    await hand_in(office, phone, picture)
    await quarantine.refuse(office.means, await items(office), "invented")
    await archive(office.means)
    (found,) = await photos(office)
    assert (found.state, in_archive(office, picture)) == (PhotoState.REFUSED, None)
    async with office.store.read() as tx:
        assert await read_photo(office.means, tx, found) == picture.data


async def test_a_hand_in_goes_on_from_any_byte(office: Office) -> None:
    """Asked again, the server says where it is; a chunk at another place is refused."""
    phone, (picture,) = await leaver(office)
    device, take = await office.device(phone), HandIns(office.means)
    at = await begin(office, phone, picture)
    for size in (1, 2, 3, 500):
        assert await begin(office, phone, picture) == at
        at = await take.append(device, picture.id, at, picture.file[at : at + size])
    for offset in (0, at - 1, at + 1):
        with pytest.raises(Refusal, match="wrong_offset"):
            await take.append(device, picture.id, offset, b"x")
    await take.append(device, picture.id, at, picture.file[at:])
    assert await begin(office, phone, picture) == len(picture.file)
    assert await states(office) == [PhotoState.WAITING]


async def test_bytes_that_did_not_reach_both_disk_and_store_are_asked_for_again(office: Office) -> None:
    """A machine that stops between the two has the fewer of both."""
    phone, (picture,) = await leaver(office)
    await begin(office, phone, picture)
    take, device = HandIns(office.means), await office.device(phone)
    await take.append(device, picture.id, 0, picture.file[:500])
    (part,) = (office.home / "photos" / "handed_in").rglob("*.part")
    part.write_bytes(picture.file[:500] + b"torn")
    assert await begin(office, phone, picture) == 500
    part.write_bytes(picture.file[:300])
    assert await begin(office, phone, picture) == 300
    await hand_in(office, phone, picture)
    assert await states(office) == [PhotoState.WAITING]


async def test_a_machine_that_stopped_with_all_bytes_on_the_disk_finishes(office: Office) -> None:
    """The file became whole and the store was not told: the last piece comes again, and it is whole."""
    phone, (picture,) = await leaver(office)
    await hand_in(office, phone, picture)
    async with office.store.write() as tx:
        was = {"received": 900, "finished_at": None, "digest": None}
        await tx.execute(update(handed_photos).values(was))
    await hand_in(office, phone, picture)
    assert await states(office) == [PhotoState.WAITING]
    await quarantine.accept(office.means, await items(office))
    assert in_archive(office, picture) == picture.data


async def test_a_machine_that_stopped_while_archiving_goes_on(office: Office) -> None:
    """The regular job finishes what an accept began, whether or not the file was there."""
    phone, (picture,) = await leaver(office)
    await hand_in(office, phone, picture)
    await quarantine.accept(office.means, await items(office))
    async with office.store.write() as tx:
        await tx.execute(update(handed_photos).values(archived_at=None))
    assert await archive(office.means) == 1
    assert await archive(office.means) == 0
    assert in_archive(office, picture) == picture.data


async def test_what_nothing_opens_is_kept_as_it_came(office: Office) -> None:
    """Damaged on the phone, or sealed to another company."""
    phone, (first, second) = await leaver(office, 2)
    first.file = first.file[:-1] + bytes([first.file[-1] ^ 1])
    phone.opening_key = office.other_opening_key()
    second.key = phone.sealed().key
    for picture in (first, second):
        await hand_in(office, phone, picture)
    await quarantine.accept(office.means, await items(office))
    assert await states(office) == [PhotoState.UNREADABLE] * 2
    kept = {path.read_bytes() for path in (office.home / "photos" / "handed_in").rglob("*.photo")}
    assert kept == {first.file, second.file}
    assert in_archive(office, first) is in_archive(office, second) is None


async def test_another_picture_than_the_record_describes_never_takes_its_place(office: Office) -> None:
    """The digest of the record decides."""
    phone, (picture,) = await leaver(office, digest="ab" * 32)
    await hand_in(office, phone, picture)
    assert await states(office) == [PhotoState.OTHER]
    await quarantine.accept(office.means, await items(office))
    assert in_archive(office, picture) is None


async def test_a_lost_photo_is_noted_by_id_and_may_still_come(office: Office) -> None:
    """Told twice it is noted once; if bytes come after all, they are taken."""
    phone, (picture,) = await leaver(office)
    for _ in range(2):
        assert await begin(office, phone, picture, 0) == 0
    (found,) = await photos(office)
    assert (found.photo, found.state) == (picture.id, PhotoState.LOST)
    assert [body["photo"] for kind, body in await office.journal() if kind == "photo_lost"] == [picture.id.bytes]
    await hand_in(office, phone, picture)
    assert await states(office) == [PhotoState.WAITING]
    await begin(office, phone, picture, 0)
    assert await states(office) == [PhotoState.WAITING]


async def test_a_device_has_photos_of_its_own_and_hears_of_no_other(office: Office) -> None:
    """The same id from another device is another photo; nothing of the first is told, changed or overwritten."""
    phone, (picture,) = await leaver(office)
    await hand_in(office, phone, picture)
    other = await office.enrol(office.li)
    device, take = await office.device(other), HandIns(office.means)
    with pytest.raises(Refusal, match="not_found"):
        await take.append(device, picture.id, 0, b"x")
    theirs = SealedPhoto(picture.id, other.outbox, other.sealed().key, 40, other.moment)
    assert await take.begin(device, theirs) == 0
    await take.append(device, picture.id, 0, b"y" * 40)
    await quarantine.accept(office.means, await items(office))
    assert in_archive(office, picture) == picture.data
    assert {one.device: one.state for one in await photos(office)} == {
        phone.id: PhotoState.ARCHIVED,
        other.id: PhotoState.UNREADABLE,
    }


async def test_nobody_puts_bytes_under_a_record_of_somebody_else(office: Office) -> None:
    """Whoever knows a record's id and its picture still hands in their own photo, which stays apart."""
    phone, (picture,) = await leaver(office)
    await quarantine.accept(office.means, await items(office))
    other = await office.enrol(office.li)
    theirs = taken(other, picture.id)
    theirs.id, theirs.data, theirs.file = picture.id, picture.data, picture.file
    other.outbox_key = phone.outbox_key
    theirs.key = other.sealed().key
    await hand_in(office, other, theirs)
    assert await states(office) == [PhotoState.NO_RECORD]
    assert in_archive(office, picture) is None


async def test_what_one_device_may_put_here_is_bounded(office: Office) -> None:
    """In bytes of all its photos; a lost one is noted even then."""
    phone, (first, second) = await leaver(office, 2)
    await begin(office, phone, first)
    async with office.store.write() as tx:
        await tx.execute(update(handed_photos).values(size=MOST_BYTES - 10))
    with pytest.raises(Refusal, match="too_large"):
        await begin(office, phone, second)
    assert await begin(office, phone, second, 0) == 0


async def test_a_photo_that_was_announced_small_does_not_grow_past_the_bound(office: Office) -> None:
    """What is said of it the second time counts like the first."""
    phone, (first, second) = await leaver(office, 2)
    assert await begin(office, phone, first, 1) == 0
    await begin(office, phone, second)
    async with office.store.write() as tx:
        mine = handed_photos.c.photo == second.id.bytes
        await tx.execute(update(handed_photos).where(mine).values(size=MOST_BYTES - 10))
    with pytest.raises(Refusal, match="too_large"):
        await begin(office, phone, first)


async def test_a_piece_for_which_the_disk_has_no_room_does_not_count(office: Office) -> None:
    """The phone keeps the photo until all of it is on the disk; the system calls a piece that fits in part no error."""
    phone, (picture,) = await leaver(office)
    await begin(office, phone, picture)
    files = office.means.photos.handed_in(phone.id)
    with files.held(picture.id), room_for(100), pytest.raises(OSError, match="room"):
        files.append(picture.id, 0, picture.file)
    await hand_in(office, phone, picture)
    assert await states(office) == [PhotoState.WAITING]


async def test_no_more_comes_than_was_announced(office: Office) -> None:
    """A longer file is refused at its last piece, and what was announced can still come."""
    phone, (picture,) = await leaver(office)
    await begin(office, phone, picture)
    with pytest.raises(Refusal, match="too_large"):
        await HandIns(office.means).append(await office.device(phone), picture.id, 0, picture.file + b"x")
    await hand_in(office, phone, picture)
    assert await states(office) == [PhotoState.WAITING]


async def test_a_photo_after_the_final_receipt_contradicts_it(office: Office) -> None:
    """The phone said that nothing was left on it; an older message that was late says nothing against that."""
    phone, (picture,) = await leaver(office)
    late = picture.told(phone)
    office.clock.tick()
    async with office.store.read() as tx:
        (order,) = await orders(tx)
    await office.hear(phone, phone.request(receipts=(phone.receipt(order.id, ReceiptStage.WIPED),)))
    device = await office.device(phone)

    async def contradicted_at() -> int | None:
        async with office.store.read() as tx:
            return (await orders(tx))[0].contradicted_at

    await HandIns(office.means).begin(device, late)
    assert await contradicted_at() is None
    office.clock.tick()
    await begin(office, phone, picture)
    assert await contradicted_at() == office.clock()


async def test_removing_a_photo_by_order_removes_the_sealed_one_too(office: Office) -> None:
    """Personal data that is removed is nowhere left, in the archive or beside it; another photo stays."""
    phone, (picture, other) = await leaver(office, 2)
    await hand_in(office, phone, picture)
    await hand_in(office, phone, other)
    await quarantine.accept(office.means, await items(office))
    await carry_out(office.store, office.means.photos, picture.id, "asked for", office.li, office.sources, keep=False)
    left = {path.name for path in (office.home / "photos").rglob("*.photo")}
    assert left == {f"{other.id.hex}.photo"}
    assert await archive(office.means) == 0
